//! Server block: its names, the addresses that it listens at, and the plugins around its `etcd` block.
use super::{CorefilePlace, EtcdBlock, Ignored, Note, dispenser::Dispenser, etcd_block, parse, zones};
use crate::dns::{Name, OtherPlugins};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
};

/// The plugins before etcd that may answer first, or change the question or the answer, in the order of `CoreDNS`'s
/// plugin.cfg (1.15).
const BEFORE: [&str; 24] = [
    "dns64",
    "siit",
    "any",
    "chaos",
    "loadbalance",
    "tsig",
    "rewrite",
    "autopath",
    "acl",
    "cache",
    "header",
    "dnssec",
    "minimal",
    "template",
    "dynupdate",
    "hosts",
    "route53",
    "azure",
    "clouddns",
    "k8s_external",
    "kubernetes",
    "file",
    "auto",
    "secondary",
];
/// The plugins that neither answer nor change an answer, at any place; `loop`, `on`, `sign` and `view` stand behind
/// etcd.
const SILENT: [&str; 32] = [
    "root",
    "metadata",
    "geoip",
    "cancel",
    "proxyproto",
    "quic",
    "grpc_server",
    "https",
    "https3",
    "timeouts",
    "multisocket",
    "reload",
    "nsid",
    "bufsize",
    "bind",
    "debug",
    "trace",
    "ready",
    "health",
    "pprof",
    "shed",
    "prometheus",
    "errors",
    "log",
    "dnstap",
    "local",
    "tls",
    "transfer",
    "loop",
    "on",
    "sign",
    "view",
];

/// The plugins behind etcd that answer.
const BEHIND: [&str; 4] = ["forward", "grpc", "erratic", "whoami"];

/// Tells whether a word is the name of one of CoreDNS's own plugins.
pub(super) fn is_plugin(word: &str) -> bool {
    word == "etcd" || BEFORE.contains(&word) || SILENT.contains(&word) || BEHIND.contains(&word)
}

/// Server block of a Corefile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerBlock {
    pub at: CorefilePlace,
    /// The names that are asked here, each with its port.
    pub keys: Vec<(Name, u16)>,
    /// The addresses at which plain DNS can be asked.
    pub listens: Vec<SocketAddr>,
    /// The plugins before etcd that may answer first, or change the answer.
    pub before: Vec<Plugin>,
    /// The answers that can come from behind the etcd plugin.
    pub behind: OtherPlugins,
    /// True if only some clients are answered here.
    pub has_view: bool,
    /// The `etcd` block that `CoreDNS` reads: the first.
    pub etcd: Option<EtcdBlock>,
}

/// Plugin with the place at which it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    pub name: String,
    pub at: CorefilePlace,
}

pub(super) fn read(block: &parse::Block, corefile: &Path, notes: &mut Vec<Note>) -> ServerBlock {
    let mut keys = Vec::new();
    let mut ports = Vec::new();
    for key in &block.keys {
        match zones::address(key) {
            Ok(address) => {
                keys.extend(address.zones.into_iter().map(|zone| (zone, address.port)));
                if address.is_dns && !ports.contains(&address.port) {
                    ports.push(address.port);
                }
            }
            // A word that is no name may be a password in a wrong place.
            Err(_) => notes.push(Note::refused(block.at.clone(), "one of its words is no server")),
        }
    }
    let directive = |name: &'static str| block.directives.iter().filter(move |(of, _)| of == name);
    let root = directive("root").filter_map(|(_, words)| Dispenser::new(words).argument()).next_back();
    let root = Root::new(root, corefile);
    let zones: Vec<Name> = keys.iter().map(|(zone, _)| zone.clone()).collect();
    let etcd = directive("etcd").next().map(|(_, words)| etcd_block::read(words, &zones, &root, notes));
    for Ignored { at, .. } in ignored(block) {
        let what = "CoreDNS reads only the first etcd block of a server block, and ignores this one (T48); put its \
                    zones into the first, or into a server block of its own";
        notes.push(Note::ignored(at, what));
    }
    let mut before = Vec::new();
    let mut behind = OtherPlugins::Nothing;
    for (name, words) in &block.directives {
        let at = Dispenser::new(words).place();
        if BEFORE.contains(&name.as_str()) {
            before.push(Plugin { name: name.clone(), at });
        } else if name != "etcd" && !SILENT.contains(&name.as_str()) {
            // A plugin that only some builds have counts as well: it may stand anywhere.
            behind = OtherPlugins::Something;
        }
    }
    let listens = listens(block, &ports, notes);
    let has_view = directive("view").next().is_some();
    ServerBlock { at: block.at.clone(), keys, listens, before, behind, has_view, etcd }
}

/// Returns the `etcd` blocks behind the first.
pub(super) fn ignored(block: &parse::Block) -> impl Iterator<Item = Ignored> {
    block.directives.iter().filter(|(name, _)| name == "etcd").skip(1).map(|(_, words)| {
        let mut words = Dispenser::new(words);
        Ignored { at: words.place(), zones: words.arguments().into_iter().map(str::to_owned).collect() }
    })
}

/// Notes names that two server blocks have on the same port and address (core/dnsserver/register.go,
/// validateZonesAndListeningAddresses). Blocks that look at the client may share one.
pub(super) fn check_overlaps(servers: &[ServerBlock], notes: &mut Vec<Note>) {
    let mut seen: Vec<(&ServerBlock, &(Name, u16))> = Vec::new();
    for server in servers.iter().filter(|server| !server.has_view) {
        for key in &server.keys {
            let meets =
                |other: &ServerBlock| other.listens.iter().any(|address| server.listens.contains(address));
            if let Some((other, _)) = seen.iter().find(|(other, theirs)| *theirs == key && meets(other)) {
                let (name, port) = key;
                let what = format_args!("{name} on port {port} is served already, by {}", other.at);
                notes.push(Note::refused(server.at.clone(), what));
            }
            seen.push((server, key));
        }
    }
}

/// Directory that the relative paths of a server block begin at.
#[derive(Debug)]
pub(super) struct Root {
    pub(super) directory: PathBuf,
    /// True if the directory is CoreDNS's own. Else it is the Corefile's: without an absolute `root`, `CoreDNS` takes
    /// the directory that it was started in, which is not known here.
    pub(super) is_known: bool,
}

impl Root {
    fn new(named: Option<&str>, corefile: &Path) -> Self {
        let beside = corefile.parent().unwrap_or(Path::new("/"));
        Self {
            directory: named.map_or_else(|| beside.to_owned(), |root| beside.join(root)),
            is_known: named.is_some_and(|root| Path::new(root).is_absolute()),
        }
    }
}

/// Returns the addresses of `bind` with the ports of plain DNS; without a `bind` this machine's own.
fn listens(block: &parse::Block, ports: &[u16], notes: &mut Vec<Note>) -> Vec<SocketAddr> {
    let mut addresses: Vec<IpAddr> = Vec::new();
    let mut bound = false;
    for (_, words) in block.directives.iter().filter(|(name, _)| name == "bind") {
        let mut words = Dispenser::new(words);
        let at = words.place();
        for text in words.arguments() {
            bound = true;
            match text.parse::<IpAddr>() {
                Ok(address) => addresses.push(reachable(address)),
                Err(_) => notes.push(Note::unknown(
                    at.clone(),
                    "bind names an interface, whose address is not known here; give it with --server to verify",
                )),
            }
        }
    }
    if !bound {
        addresses.push(Ipv4Addr::LOCALHOST.into());
    }
    let mut listens: Vec<SocketAddr> = addresses
        .iter()
        .flat_map(|address| ports.iter().map(|port| SocketAddr::new(*address, *port)))
        .collect();
    listens.sort_unstable();
    listens.dedup();
    listens
}

/// Returns an address to ask at: this machine's own for a server that listens at all addresses.
fn reachable(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        IpAddr::V4(_) | IpAddr::V6(_) => address,
    }
}
