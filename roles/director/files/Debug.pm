# Loads the modules of ldirectord's checks before the first check.
#
# Modules of LWP and others load parts of themselves at their first use, within ldirectord's time limit for a check. On
# a busy machine the limit interrupts this; Perl then refuses to load that module again, and every check fails until
# ldirectord is restarted.
#
# It also makes ldirectord's https checks accept every certificate, as ldirectord intends: a real server is checked by
# its address, and often has a certificate of its own. ldirectord sets `verify_hostname => 0`, which once meant this.
# With IO::Socket::SSL, LWP still refuses the certificate of an unknown authority.
#
# ldirectord still loads LWP::Debug, which hardly any other program does, and Perl searches /etc/perl first. So this
# file works no matter how ldirectord is started. At its end it loads the package's own LWP::Debug.
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

# Skip modules that are not installed: no check here needs them.
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
