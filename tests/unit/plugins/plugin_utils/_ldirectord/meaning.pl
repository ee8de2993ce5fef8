# Prints what the real ldirectord understands of configuration files, and how it checks a real server that answers well.
#
# usage: perl meaning.pl LDIRECTORD < [text of a file, ...] > [what it understands, ...], both in JSON
#
# Its own code reads the files, chooses the checks and judges the answers. Only the libraries that would ask a server are
# replaced: they answer like a server that is well.
use strict;
use warnings;
use File::Temp;
use JSON::PP;

my ($script) = @ARGV;
@ARGV = ();
open(my $file, '<', $script) or die "$script: $!";
my $code = do { local $/; <$file> };
# Without its main program: only the functions.
$code =~ s/^# main code\n.*?(?=^# functions\n)//ms or die 'no main program found';
{ no strict; no warnings; eval "no warnings; $code; 1" or die $@; }
no warnings;
no strict "refs";

our (@VIRTUAL, $CONFIG, $HOSTNAME);
my ($state, @checks);
*main::service_set = sub { $state = $_[2]; };
*main::config_error = sub { die "$_[1]\n"; };
*main::config_warn = sub { };
for my $name (grep { /^check_(?!signal|cfgfile|sql)/ and defined &{"main::$_"} } keys %main::) {
    my $own = \&{"main::$name"};
    *{"main::$name"} = sub { push @checks, $name; goto &$own; };
}
# In place of a connection: somebody at the other end has said this already.
my @others;  # keeps the last one open
sub connected {
    my ($text) = @_;
    socketpair(my $socket, my $other, AF_UNIX(), SOCK_STREAM(), 0) or die $!;
    syswrite($other, $text);
    shutdown($other, 1);
    @others = ($other);
    return $socket;
}
*main::ld_open_socket = sub { return connected("SIP/2.0 200 OK\r\n\r\n"); };
*IO::Socket::INET6::new = sub { return connected("200 well\r\n"); };
*Net::SMTP::new = *Net::Ping::new = sub { return bless {}, 'Well'; };
*main::ld_get_addrport = sub { return ('192.0.2.1', 5060); };
*main::system_timeout = sub { return 0; };

$INC{$_} = 'replaced' for qw(DBI.pm Net/DNS.pm Net/FTP.pm Net/LDAP.pm Net/IMAP/Simple.pm Net/IMAP/Simple/SSL.pm
    Mail/POP3Client.pm Authen/Radius.pm);
{
    package Well;
    our $AUTOLOAD;
    sub new { my $class = shift; return bless {(@_ % 2 ? (first => @_) : @_)}, $class; }
    sub AUTOLOAD { return $AUTOLOAD =~ /::(is_error|err)$/ ? 0 : $AUTOLOAD =~ /DESTROY/ ? undef : 1; }
    package DBI; our @ISA = ('Well'); sub connect { return bless {}, 'DBI' } sub prepare { return $_[0] }
    package Net::FTP; our @ISA = ('Well');
    sub get { my ($self, $path, $to) = @_; print {$to} "well\n" if $path !~ m{/$}; seek $to, 0, 0; return 1; }
    package Net::DNS::Resolver; our @ISA = ('Well');
    sub search { return $_[1] eq '' ? undef : bless {}, 'Answer' }
    package Answer; sub answer { return bless {}, 'Record' }
    package Record; sub type { 'A' } sub address { 'well' }
    package Net::LDAP; our @ISA = ('Well');
    sub bind { return bless {}, 'Well' }
    sub search { my ($self, %how) = @_; return bless {base => $how{base}}, 'Found' }
    package Found; sub count { 1 } sub as_struct { return { $_[0]{base} => {} } }
    package Login; our @ISA = ('Well');
    sub login { my ($self, @with) = @_; @with = @$self{qw(USER PASSWORD)} if !@with; return !grep({ $_ eq '' } @with); }
    package Net::IMAP::Simple; our @ISA = ('Login');
    package Net::IMAP::Simple::SSL; our @ISA = ('Login');
    package Mail::POP3Client; our @ISA = ('Login');
    package Authen::Radius; our @ISA = ('Well');
    sub check_pwd { my ($self, @with) = @_; return grep({ $_ eq '' } @with, $self->{Secret}) ? undef : 1; }
}
# Whatever is asked by a whole URL of HTTP.
*LWP::UserAgent::request = sub {
    my ($self, $request) = @_;
    return HTTP::Response->new(400) if $request->uri !~ m{^https?://[^/]+/};
    return HTTP::Response->new(200, 'OK', [], $request->method eq 'HEAD' ? '' : 'well, Test Page');
};

sub understand {
    my ($text) = @_;
    my $config = File::Temp->new;
    print {$config} $text;
    close($config);
    $CONFIG = $config->filename;
    read_config();
    ld_setup();
    my @virtuals;
    for my $v (@VIRTUAL) {
        my @reals;
        for my $r (@{$v->{real}}) {
            (@checks, $state) = ();
            open(my $stdout, '>&', \*STDOUT);
            open(STDOUT, '>', '/dev/null');
            eval { _check_real($v, $r); };
            my $died = $@;
            open(STDOUT, '>&', $stdout);
            push @reals, {
                check => $checks[0], state => $state, died => $died, port => 0 + ld_checkport($v, $r),
                map({ $_ => $r->{$_} } qw(server url request receive weight)),
            };
        }
        push @virtuals, {
            reals => \@reals,
            map({ $_ => $v->{$_} } qw(protocol service checktype num_connects checktimeout negotiatetimeout flags login passwd)),
        };
    }
    return { virtuals => \@virtuals, fallback => $main::FALLBACK };
}

my $texts = decode_json(do { local $/; <STDIN> });
my @understood = map { my $text = $_; eval { understand($text) } // { error => $@ } } @$texts;
print encode_json(\@understood);
