//! Store of `--demo`: zones as people keep them, the mistakes that they make, and a cluster next door. It is
//! always the same, so that texts about it stay true.
use super::{Memory, Seed};
use crate::{
    dns::Name,
    keys::{LeaseId, Scope},
};
use std::time::Duration;

/// Number of keys of the demo's Kubernetes: as many as the command that this program exists for has deleted.
const REGISTRY_KEYS: usize = 368;

/// The leased record goes away an hour after the start, unless somebody prolongs its lease; nobody does.
const LEASE_TTL: Duration = Duration::from_secs(3600);

/// The zones that the demo's `CoreDNS` serves.
const ZONES: &[&str] = &[
    "gcr.io",
    "k8s.io",
    "quay.io",
    "example.org",
    "lab.test",
    "0.0.10.in-addr.arpa",
    "2.0.192.in-addr.arpa",
];

/// Records without mistakes, by the part of their key behind the scope.
const RECORDS: &[(&str, &str)] = &[
    // gcr.io is answered locally, as in many a cluster without a way out.
    ("io/gcr/x1", r#"{"host":"172.25.52.217","ttl":60}"#),
    ("io/k8s/registry/x1", r#"{"host":"172.25.52.217","ttl":60}"#),
    ("io/quay/x1", r#"{"host":"172.25.52.218","ttl":60}"#),
    // The zone's own name, and its name servers.
    ("org/example/dns/apex/x1", r#"{"host":"192.0.2.10","ttl":300}"#),
    ("org/example/dns/apex/x2", r#"{"host":"2001:db8::10","ttl":300}"#),
    ("org/example/dns/ns/ns1", r#"{"host":"192.0.2.53","ttl":3600}"#),
    ("org/example/dns/ns/ns2", r#"{"host":"192.0.2.54","ttl":3600}"#),
    // Round robin, and an address of each family.
    ("org/example/www/x1", r#"{"host":"192.0.2.11","ttl":60}"#),
    ("org/example/www/x2", r#"{"host":"192.0.2.12","ttl":60}"#),
    ("org/example/www/x3", r#"{"host":"192.0.2.13","ttl":60}"#),
    ("org/example/www/x4", r#"{"host":"2001:db8::11","ttl":60}"#),
    // Aliases stand at the name's own key, where CoreDNS looks for them.
    ("org/example/docs", r#"{"host":"www.example.org","ttl":300}"#),
    ("org/example/status", r#"{"host":"www.example.org"}"#),
    // Services, mail and text.
    ("org/example/_tcp/_http/x1", r#"{"host":"192.0.2.11","port":8080,"priority":10,"weight":60}"#),
    ("org/example/_tcp/_http/x2", r#"{"host":"192.0.2.12","port":8080,"priority":10,"weight":40}"#),
    ("org/example/_tcp/_http/x3", r#"{"host":"backup.example.org","port":8081,"priority":20,"weight":100}"#),
    ("org/example/_tcp/_ldap/x1", r#"{"host":"ldap.example.org","port":389,"ttl":300}"#),
    ("org/example/mail/mx1", r#"{"host":"mx1.example.org","mail":true,"priority":10,"ttl":3600}"#),
    ("org/example/mail/mx2", r#"{"host":"mx2.example.org","mail":true,"priority":20,"ttl":3600}"#),
    ("org/example/mx1/x1", r#"{"host":"192.0.2.25","ttl":3600}"#),
    ("org/example/mx2/x1", r#"{"host":"192.0.2.26","ttl":3600}"#),
    ("org/example/mail/spf", r#"{"text":"v=spf1 mx ip4:192.0.2.0/24 -all","ttl":3600}"#),
    ("org/example/_dmarc/x1", r#"{"text":"v=DMARC1; p=quarantine; rua=mailto:dmarc@example.org"}"#),
    ("org/example/backup/x1", r#"{"host":"192.0.2.90","ttl":300}"#),
    ("org/example/ldap/x1", r#"{"host":"192.0.2.38","ttl":300}"#),
    ("org/example/vpn/x1", r#"{"host":"192.0.2.70","ttl":300}"#),
    // Fields that this program does not know, in an unusual order.
    ("org/example/git/x1", r#"{"team":"platform","ttl":120,"host":"192.0.2.80","contact":{"room":"4.12"}}"#),
    // Groups: only one of them answers.
    ("org/example/api/x1", r#"{"host":"192.0.2.61","group":"blue"}"#),
    ("org/example/api/x2", r#"{"host":"192.0.2.62","group":"blue"}"#),
    ("org/example/api/x3", r#"{"host":"192.0.2.63","group":"green"}"#),
    // A record at a name that has others below it: CoreDNS ignores the upper one.
    ("org/example/shadow", r#"{"host":"192.0.2.66"}"#),
    ("org/example/shadow/x1", r#"{"host":"192.0.2.67"}"#),
    // A record as external-dns writes it, with the text that names its owner.
    ("org/example/shop/048b0377", r#"{"host":"192.0.2.40","ttl":300,"targetstrip":1}"#),
    (
        "org/example/a-shop/5e1c90aa",
        r#"{"text":"\"heritage=external-dns,external-dns/owner=prod,external-dns/resource=ingress/shop/web\"","targetstrip":1}"#,
    ),
    // A text that external-dns forgot to delete with its record.
    (
        "org/example/a-sale/61f0a2c4",
        r#"{"text":"\"heritage=external-dns,external-dns/owner=prod,external-dns/resource=ingress/shop/sale\"","targetstrip":1}"#,
    ),
    // Addresses back to names.
    ("arpa/in-addr/192/0/2/80", r#"{"host":"git.example.org"}"#),
    ("arpa/in-addr/10/0/0/1", r#"{"host":"gateway.lan.example.org"}"#),
    ("arpa/in-addr/10/0/0/2", r#"{"host":"ns1.example.org"}"#),
    ("arpa/in-addr/10/0/0/11", r#"{"host":"node1.lan.example.org"}"#),
    ("arpa/in-addr/10/0/0/12", r#"{"host":"node2.lan.example.org"}"#),
    ("arpa/in-addr/10/0/0/13", r#"{"host":"node3.lan.example.org"}"#),
    ("arpa/in-addr/10/0/0/40", r#"{"host":"printer.lan.example.org","ttl":3600}"#),
    ("org/example/lan/gateway/x1", r#"{"host":"10.0.0.1"}"#),
    ("org/example/lan/node1/x1", r#"{"host":"10.0.0.11"}"#),
    ("org/example/lan/node2/x1", r#"{"host":"10.0.0.12"}"#),
    ("org/example/lan/node3/x1", r#"{"host":"10.0.0.13"}"#),
    ("org/example/lan/printer/x1", r#"{"host":"10.0.0.40","ttl":3600}"#),
];

/// Broken records of real stores. Keys and values are bytes.
const BROKEN: &[(&[u8], &[u8])] = &[
    (b"test/lab/fine/x1", br#"{"host":"198.51.100.1"}"#),
    // Not JSON: a brace is missing, or it is a bare address.
    (b"test/lab/cut/x1", br#"{"host":"198.51.100.2","ttl":60"#),
    (b"test/lab/bare/x1", b"198.51.100.3"),
    (b"test/lab/empty/x1", b""),
    (b"test/lab/nothing/x1", b"{}"),
    // JSON that CoreDNS does not decode.
    (b"test/lab/port/x1", br#"{"host":"web.lab.test","port":"80"}"#),
    (b"test/lab/ttl/x1", br#"{"host":"198.51.100.4","ttl":-1}"#),
    // Nearly an address: the blank makes it an alias.
    (b"test/lab/blank/x1", br#"{"host":"198.51.100.14 ","ttl":60}"#),
    // No address, so CoreDNS serves an alias to the name 198.51.100.
    (b"test/lab/short/x1", br#"{"host":"198.51.100"}"#),
    // Keys that no query reaches under their own name.
    (b"test/lab/Capital/X1", br#"{"host":"198.51.100.5"}"#),
    (b"test/lab/slash/", br#"{"host":"198.51.100.6"}"#),
    (b"test/lab/hole//x1", br#"{"host":"198.51.100.7"}"#),
    (b"test/lab/dotted.name/x1", br#"{"host":"198.51.100.8"}"#),
    // Bytes that a terminal must never get: not UTF-8, a line break, an escape that clears the screen, and
    // a text that reads from right to left.
    (b"test/lab/bytes/\xff\xfe", br#"{"host":"198.51.100.9"}"#),
    (b"test/lab/line\nbreak/x1", br#"{"host":"198.51.100.10"}"#),
    (b"test/lab/esc\x1b[2Jape/x1", b"{\"text\":\"\x1b]0;owned\x07\x1b[31mred\"}"),
    (b"test/lab/bidi/x1", "{\"text\":\"\u{202e}gro.elpmaxe\u{202c}\"}".as_bytes()),
];

/// Keys that a careless prefix would catch.
const BESIDE: &[(&str, &str)] = &[
    ("/coredns", "the scope without its slash"),
    ("/coredns-old/x", "a scope that only starts alike"),
    ("/coredns0", "the first key behind the scope"),
    ("/coredn", "one letter less"),
    ("coredns/x", "no leading slash"),
];

impl Memory {
    /// Returns the zones of the demo, for a session without named zones.
    #[must_use]
    pub fn demo_zones() -> Vec<Name> {
        ZONES.iter().filter_map(|zone| Name::parse(zone).ok()).collect()
    }

    /// Makes a store with sample zones below `scope`, and a fake Kubernetes beside it.
    #[must_use]
    pub fn demo(scope: &Scope) -> Self {
        let memory = Self::new(scope);
        let seed = memory.seed();
        seed_registry(&seed);
        for (key, value) in BESIDE {
            seed.put(key, value);
        }
        let below = |key: &[u8]| [scope.as_str().as_bytes(), key].concat();
        for (key, value) in RECORDS {
            seed.put(below(key.as_bytes()), value);
        }
        for (key, value) in BROKEN {
            seed.put(below(key), value);
        }
        // A value with a history.
        let vpn = below(b"org/example/vpn/x1");
        seed.put(&vpn, r#"{"host":"192.0.2.71","ttl":300}"#);
        seed.put(&vpn, r#"{"host":"192.0.2.72","ttl":300}"#);
        if let Some(lease) = LeaseId::new(0x694d_8a1f_2c3b_7e05) {
            seed.grant(lease, LEASE_TTL);
            let key = below(b"org/example/preview/x1");
            seed.put_leased(key, r#"{"host":"192.0.2.99","ttl":30}"#, lease);
        }
        memory
    }
}

/// Makes a Kubernetes of 368 keys, with values that look binary as the real ones do.
fn seed_registry(seed: &Seed) {
    const KINDS: [&str; 8] = [
        "pods/default",
        "secrets/kube-system",
        "configmaps/kube-system",
        "services/specs/default",
        "deployments/default",
        "events/default",
        "leases/kube-node-lease",
        "serviceaccounts/default",
    ];
    for (number, kind) in (0..REGISTRY_KEYS).zip(KINDS.iter().cycle()) {
        seed.put(format!("/registry/{kind}/object-{number:03}"), b"k8s\x00\x0a\x0f\x0a\x02v1\x12");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        keys::Scope,
        ops::count_everybody,
        store::{NeighbourKeys, Reader},
    };

    fn scope() -> Scope {
        Scope::parse("/coredns").unwrap()
    }

    #[tokio::test]
    async fn the_demo_has_a_kubernetes_next_door() {
        let demo = Memory::demo(&scope());
        let neighbours = count_everybody(&demo.counts(), &scope()).await.unwrap().neighbours;
        let kubernetes = neighbours.iter().find(|neighbour| neighbour.tenant.prefix == "/registry").unwrap();
        assert_eq!(kubernetes.keys, NeighbourKeys::Counted(368));
    }

    #[tokio::test]
    async fn the_demo_is_the_same_every_time() {
        let (one, other) = (Memory::demo(&scope()), Memory::demo(&scope()));
        let list = async |memory: &Memory| memory.reader().list(&scope().range(), 0, None).await.unwrap();
        let records = list(&one).await;
        assert_eq!(records, list(&other).await);
        assert_eq!(records.total, RECORDS.len() as u64 + BROKEN.len() as u64 + 1);
        assert!(records.records.iter().any(|record| record.version == 3));
        assert!(records.records.iter().any(|record| record.lease.is_some()));
    }

    #[test]
    fn the_demo_lies_below_whatever_scope_is_given() {
        let demo = Memory::demo(&Scope::parse("/dns/prod").unwrap());
        assert!(demo.seed().mod_revision("/dns/prod/io/gcr/x1").is_some());
        assert_eq!(demo.seed().mod_revision("/coredns/io/gcr/x1"), None);
    }
}
