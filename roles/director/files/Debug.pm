# Loads what ldirectord's checks need, before the first check.
#
# Modules of LWP and others load the rest of themselves at their first use, and ldirectord's time limit for a check runs
# meanwhile. On a busy machine it ends the loading; Perl then refuses to load that module again, and every check fails
# until ldirectord is restarted.
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

my $here = __FILE__ =~ s{/LWP/Debug\.pm\z}{}r;
delete $INC{'LWP/Debug.pm'};
local @INC = grep { $_ ne $here } @INC;
require LWP::Debug;

1;
