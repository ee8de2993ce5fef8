# Loads the modules of ldirectord's checks before the first check.
#
# Modules of LWP and others load parts of themselves at their first use, within ldirectord's time limit for a check. On
# a busy machine the limit interrupts this; Perl then refuses to load that module again, and every check fails until
# ldirectord is restarted.
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

my $here = __FILE__ =~ s{/LWP/Debug\.pm\z}{}r;
delete $INC{'LWP/Debug.pm'};
local @INC = grep { $_ ne $here } @INC;
require LWP::Debug;

1;
