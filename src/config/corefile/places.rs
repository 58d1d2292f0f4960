/// Paths at which packages install the Corefile, the usual one first: Linux distributions and `CoreDNS`'s own packages,
/// FreeBSD and Homebrew on Intel, Homebrew on Apple.
///
/// `CoreDNS` itself begins with `Corefile` in its working directory. This program does not look there: the working
/// directory must not decide which keys are changed on which cluster.
pub const PLACES: [&str; 3] =
    ["/etc/coredns/Corefile", "/usr/local/etc/coredns/Corefile", "/opt/homebrew/etc/coredns/Corefile"];
