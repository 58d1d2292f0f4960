//! Identity of the cluster.
use super::deck::{Deck, noon, records};
use crate::{
    app::{FormerCluster, UnpinnedCluster, overlay::ProfileRow},
    keys::ClusterId,
};

/// The credential of this machine by which it is connected.
pub(super) fn found(size: (u16, u16)) -> Deck {
    let mut deck = Deck::showing(size, records(), false);
    deck.model.session.label = "production, Oslo".to_owned();
    deck.model.session.found = Some("kubeadm's healthcheck-client".to_owned());
    deck
}

fn met(size: (u16, u16), before: Option<FormerCluster>) -> Deck {
    let mut deck = Deck::showing(size, records(), before.is_some());
    let name = "https://10.0.0.11:2379,https://10.0.0.12:2379,https://10.0.0.13:2379".to_owned();
    deck.model.session.meeting = Some(UnpinnedCluster { name, label: None, before });
    deck.type_text(":cluster");
    deck.press(&["Enter"]);
    deck
}

pub(super) fn contact_first(size: (u16, u16)) -> Deck {
    let mut deck = met(size, None);
    deck.type_text("production, Oslo");
    deck
}

pub(super) fn contact_other(size: (u16, u16)) -> Deck {
    let cluster = ClusterId(0x1c54_d00a_e61b_0a2f);
    let before = FormerCluster { cluster, label: "production, Oslo".to_owned(), since: noon() };
    let mut deck = met(size, Some(before));
    deck.type_text("no");
    deck.press(&["Enter"]);
    deck
}

pub(super) fn profiles(size: (u16, u16)) -> Deck {
    let mut deck = Deck::showing(size, records(), false);
    let row = |name: &str, label: &str, colour: &str, endpoints: &str| ProfileRow {
        name: Some(name.to_owned()),
        label: Some(label.to_owned()),
        colour: Some(colour.to_owned()),
        endpoints: endpoints.to_owned(),
        read_only: name == "bergen",
    };
    deck.model.session.profiles = vec![
        row(
            "bergen",
            "standby",
            "green",
            "https://10.1.0.1:2379,https://10.1.0.2:2379,https://10.1.0.3:2379",
        ),
        row("oslo", "production, Oslo", "red", "https://10.0.0.1:2379"),
        ProfileRow { endpoints: "https://127.0.0.1:2379".to_owned(), ..ProfileRow::default() },
    ];
    deck.type_text(":profile");
    deck.press(&["Enter"]);
    deck
}
