//! Rules of CoreDNS, applied to the records.
use super::deck::{Deck, live};
use crate::{
    app::{Msg, overlay::AskedQuestion},
    dns::{Agreement, Difference, ForetoldRecord, QueryType, Rcode, ReplyStatus as DnsStatus, Section},
};

pub(super) fn answers(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io").press(&["c"]);
    deck
}

pub(super) fn answers_details(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/_tcp/_ldap/x1").press(&["c", "Tab", "PgDn"]);
    deck
}

/// A value that does not decode breaks the names above it as well.
pub(super) fn answers_broken(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/broken").press(&["c"]);
    deck
}

/// A name that is nowhere in the scope.
pub(super) fn answers_asking(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&[":"]).type_text("answer nothing.example.org").press(&["Enter"]);
    deck
}

pub(super) fn findings(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&["f"]);
    deck
}

pub(super) fn findings_errors(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&["f", "s", "s", "j"]);
    deck
}

pub(super) fn findings_of_record(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/broken").press(&["o", "o", "o"]);
    deck
}

/// The first finding with a fix, and what the fix would change.
pub(super) fn findings_fix(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/io/quay").press(&["l", "x"]).answer();
    deck
}

/// An alias to a name that is nowhere.
pub(super) fn form_typed(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/www").press(&["e", "Ctrl-u"]).type_text("gone.example.org");
    deck
}

/// One server agrees, one answers something else, and one is still asked.
pub(super) fn verify(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.model.session.servers.push("[2001:db8::53]:1053".parse().unwrap());
    deck.go("gcr.io").press(&["V"]);
    let request = deck.verifying.unwrap();
    let told = |record: &str| ForetoldRecord { section: Section::Answer, record: record.to_owned() };
    let difference = Difference {
        status: Some((DnsStatus::Rcode(Rcode::NOERROR), DnsStatus::Rcode(Rcode::SERVFAIL))),
        missing: vec![told("gcr.io. 60 IN A 172.25.52.217"), told("gcr.io. 60 IN A 172.25.52.218")],
        extra: vec![],
    };
    let compared = |kind, agreement| AskedQuestion { kind, agreement: Some(agreement), silence: None };
    let [first, second] = ["10.96.0.10:53", "10.96.0.11:53"].map(|server| server.parse().unwrap());
    let agrees = vec![compared(QueryType::A, Agreement::OtherTtl), compared(QueryType::TXT, Agreement::Same)];
    deck.send(Msg::Verified(request, first, agrees));
    let differs = vec![compared(QueryType::A, Agreement::Different(difference))];
    deck.send(Msg::Verified(request, second, differs));
    deck
}
