//! Data directory of an etcd that is put back to an older copy under an open deck.
use crate::{proxy::Line, pty::Terminal, site::Site};

const NEWS: &str = "etcd was restored or lost data";

/// Checks that the news stays until somebody looks at it, and is then over.
fn is_looked_at(deck: &mut Terminal) {
    deck.shows(NEWS);
    deck.press("!").shows("etcd went back");
    deck.press("\x1b").hides("etcd went back").hides(NEWS);
}

#[test]
fn an_etcd_that_is_put_back_to_an_older_copy_is_told_and_read_again() {
    Site::each(|site| {
        let copy = site.copy_data();
        let to = site.revision();
        let mut deck = site.deck("");
        deck.shows("live");
        site.churn();
        site.write_and_see(&mut deck, 7);
        let from = site.revision();
        site.put_back(&copy);
        site.cluster.restart_all();
        deck.hides("10.0.0.7");
        let news = format!("went back from {from} to {to}");
        deck.shows(&news).shows("live");
        site.write_and_see(&mut deck, 9);
        deck.shows(&news);
        is_looked_at(&mut deck);
    });
}

#[test]
fn one_that_has_come_further_again_before_the_deck_reaches_it_is_told_as_well() {
    Site::each(|site| {
        let copy = site.copy_data();
        let mut deck = site.deck("");
        deck.shows("live");
        site.write_and_see(&mut deck, 7);
        site.line.become_(Line::Reset);
        site.put_back(&copy);
        site.cluster.restart_all();
        for _ in 0..3 {
            site.churn();
        }
        site.line.become_(Line::Fine);
        deck.hides("10.0.0.7");
        site.write_and_see(&mut deck, 9);
        is_looked_at(&mut deck);
    });
}
