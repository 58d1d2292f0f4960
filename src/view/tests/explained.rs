//! Lines of etcdctl that were pasted.
use super::deck::{Deck, live};
use crate::{
    app::Msg,
    etcdctl::Hits,
    keys::{PrefixCount, PrefixTally, Revision, TENANTS},
};

/// The line of the accident, as it stood in the shell.
const ACCIDENT: &str = "sudo ETCDCTL_API=3 etcdctl \\\n  --endpoints=https://10.0.0.11:2379 del / coredns\n";

fn pasted(size: (u16, u16), text: &str) -> Deck {
    let mut deck = live(size);
    deck.press(&[":"]).send(Msg::Paste(text.to_owned()));
    deck
}

fn asked(size: (u16, u16), text: &str) -> Deck {
    let mut deck = pasted(size, text);
    deck.press(&["Enter"]);
    deck
}

/// Counts as in the cluster that this program was written for.
fn counted() -> Hits {
    let part = |prefix: &str, keys, tenant| PrefixCount { prefix: prefix.to_owned(), keys, tenant };
    let parts = vec![part("/coredns/", 2, None), part("/registry/", 366, TENANTS.first())];
    Hits::Counted(PrefixTally { total: 368, parts, revision: Revision(8841), possibly_stale: false }, Some(2))
}

fn told(deck: &mut Deck, line: usize, hits: Hits) {
    let request = deck.counting.unwrap();
    deck.send(Msg::Counted(request, line, hits));
}

/// The palette with the pasted line, before Enter.
pub(super) fn palette_pasted(size: (u16, u16)) -> Deck {
    pasted(size, ACCIDENT)
}

pub(super) fn counting(size: (u16, u16)) -> Deck {
    asked(size, ACCIDENT)
}

pub(super) fn dangerous(size: (u16, u16)) -> Deck {
    let mut deck = counting(size);
    told(&mut deck, 0, counted());
    deck
}

pub(super) fn denied(size: (u16, u16)) -> Deck {
    let mut deck = counting(size);
    told(&mut deck, 0, Hits::Unknown("this credential may not count there".to_owned()));
    deck
}

/// The worst of several lines is chosen, wherever it stands; this one goes to another cluster.
pub(super) fn several(size: (u16, u16)) -> Deck {
    let script = "etcdctl get --prefix /coredns/\n\
                  etcdctl --endpoints=10.9.0.1:2379 del --prefix /coredns/io/gcr && etcdctl defrag\n";
    let mut deck = asked(size, script);
    let Hits::Counted(tally, _) = counted() else { unreachable!() };
    let parts = tally.parts[..1].to_vec();
    told(&mut deck, 0, Hits::Counted(PrefixTally { total: 2, parts, ..tally.clone() }, None));
    told(&mut deck, 1, Hits::Counted(PrefixTally { total: 0, parts: vec![], ..tally }, Some(0)));
    deck.press(&["n"]);
    deck
}

/// A line that is not known to be etcdctl's, and has no keys to count.
pub(super) fn invalid(size: (u16, u16)) -> Deck {
    asked(size, "explain etcdctl\u{a0}del “/coredns\u{202e}” --prefix")
}

#[test]
fn a_password_in_a_pasted_line_is_on_no_page() {
    for line in [
        "etcdctl --user root:s3cret del / coredns",
        "ETCDCTL_PASSWORD=s3cret etcdtcl --password s3cret del / coredns",
        "etcdctl \u{2013}\u{2013}password s3cret del / coredns",
    ] {
        let mut deck = asked((140, 40), line);
        let drawn = |deck: &Deck| super::picture(&super::drawn(deck, &super::colours()).0, None);
        let page = drawn(&deck);
        assert!(page.contains("***") && !page.contains("s3cret"), "{page}");
        deck.press(&["y"]);
        assert!(!drawn(&deck).contains("s3cret"), "{line}");
    }
}
