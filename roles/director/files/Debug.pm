# Loads what ldirectord's checks need, before the first check.
#
# Modules of LWP and others load the rest of themselves at their first use, and ldirectord's time limit for a check runs
# meanwhile. On a busy machine it ends the loading; Perl then refuses to load that module again, and every check fails
# until ldirectord is restarted.
#
# It also makes ldirectord's https checks accept every certificate, as ldirectord wants: a real server is asked by its address,
# and often has a certificate of its own. ldirectord says `verify_hostname => 0`, which once meant this. Since LWP uses
# IO::Socket::SSL, that refuses a certificate of an unknown authority all the same.
#
# ldirectord still loads LWP::Debug, which hardly anything else does, and Perl looks into /etc/perl first: so this works
# whoever starts ldirectord. At the end it is the LWP::Debug of the package.
package LWP::Debug;

use strict;
use warnings;

my @modules = (
    # http, https
    qw(LWP::Protocol::http LWP::Protocol::https LWP::Authen::Basic HTML::HeadParser HTTP::Config URI::Escape URI::http URI::https),
    qw(Compress::Raw::Zlib IO::Uncompress::Gunzip utf8),
    # ldap, ldaps
    qw(Net::LDAP IO::Socket::SSL),
    map({ "Net::LDAP::$_" } qw(Bind Control Entry Extension Filter Search Util)),
    # radius
    qw(Authen::Radius),
    # dns: also the records that an answer may have
    qw(Net::DNS),
    map({ "Net::DNS::RR::$_" } qw(A AAAA CNAME MX NS OPT PTR SOA SRV TXT)),
);

# A module that is not installed is one that no check here needs.
for my $module (@modules) {
    (my $file = "$module.pm") =~ s{::}{/}g;
    eval { local $SIG{__DIE__} = 'DEFAULT'; require $file };
}

# In ldirectord alone, and only for what asks not to verify.
if ($0 =~ m{(\A|/)ldirectord\z} && eval { require LWP::UserAgent }) {
    my $new = \&LWP::UserAgent::new;
    no warnings 'redefine';
    *LWP::UserAgent::new = sub {
        my $agent = $new->(@_);
        $agent->ssl_opts(SSL_verify_mode => 0) if !$agent->ssl_opts('verify_hostname');
        return $agent;
    };
}

my $here = __FILE__ =~ s{/LWP/Debug\.pm\z}{}r;
delete $INC{'LWP/Debug.pm'};
local @INC = grep { $_ ne $here } @INC;
require LWP::Debug;

1;
