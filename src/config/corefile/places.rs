/// Where packages put the Corefile, the usual one first: Linux distributions and `CoreDNS`'s own packages, FreeBSD
/// and Homebrew on Intel, Homebrew on Apple.
///
/// `CoreDNS` itself begins with `Corefile` in its working directory. That one is not looked at: the directory that
/// somebody happens to stand in must not decide which keys are changed on which cluster.
pub const PLACES: [&str; 3] =
    ["/etc/coredns/Corefile", "/usr/local/etc/coredns/Corefile", "/opt/homebrew/etc/coredns/Corefile"];
