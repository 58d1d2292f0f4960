//! Lines of etcdctl that are pasted, and those that are copied.
use super::*;
use crate::{
    etcdctl::{Connection, Danger, Hits},
    keys::PrefixTally,
};

const ACCIDENT: &str =
    "sudo ETCDCTL_API=3 etcdctl \\\r\n  --endpoints=https://10.0.0.11:2379 del / coredns\r\n";

fn pasted(text: &str) -> Driven {
    let mut deck = Driven::new(false);
    deck.press(KeyCode::Char(':'));
    deck.send(Msg::Paste(text.into()));
    deck.press(KeyCode::Enter);
    deck
}

fn said(deck: &Driven) -> &str {
    deck.model.message.as_ref().map_or("", |message| &message.text)
}

fn page(deck: &Driven) -> &overlay::Explained {
    match deck.model.overlays.last() {
        Some(overlay::Overlay::Explained(page)) => page,
        other => panic!("nothing is explained but {other:?} is open: {}", said(deck)),
    }
}

/// The request of the last effect whose name begins with this text.
fn request(deck: &Driven, effect: &str) -> RequestId {
    let asked = deck.effects.iter().rev().find(|asked| asked.starts_with(effect)).unwrap();
    RequestId(asked.split(['(', ')']).nth(2).unwrap().parse().unwrap())
}

fn hits(keys: u64) -> Hits {
    Hits::Counted(
        PrefixTally { total: keys, parts: vec![], revision: Revision(9), possibly_stale: false },
        None,
    )
}

#[test]
fn an_etcdctl_line_in_the_palette_is_explained_and_never_run() {
    for text in [
        "sudo etcdctl del / coredns",
        ACCIDENT,
        "explain etcdctl del / coredns",
        "export ETCDCTL_API=3; etcdctl del / coredns",
        "kubectl -n kube-system exec etcd-m1 -- etcdctl del / coredns",
        "bash -c 'etcdctl del / coredns'",
        "rm -f x; etcdctl del / coredns",
    ] {
        let deck = pasted(text);
        let line = &page(&deck).lines[0];
        assert_eq!((line.explanation.verdict, line.explanation.deletes), (Danger::Dangerous, true), "{text}");
        assert!(line.is_counted_now(), "{text}");
        let asked: Vec<&str> = deck.effects.iter().filter_map(|effect| effect.split('(').next()).collect();
        assert!(
            asked.contains(&"Count") && !asked.contains(&"Plan") && !asked.contains(&"Apply"),
            "{asked:?}"
        );
    }
}

#[test]
fn a_line_that_goes_on_over_several_lines_comes_into_the_palette_whole() {
    let mut deck = Driven::new(false);
    deck.type_text(":explain ");
    deck.send(Msg::Paste("etcdctl txn <<EOF\r\n\r\ndel /coredns/io/gcr/x1\r\n\r\n\r\nEOF\r\n".into()));
    deck.press(KeyCode::Enter);
    let explanation = &page(&deck).lines[0].explanation;
    assert_eq!(explanation.span.as_ref().unwrap().start, b"/coredns/io/gcr/x1", "{explanation:?}");
}

#[test]
fn a_paste_that_comes_as_keys_comes_into_the_palette_whole_as_well() {
    let mut deck = Driven::new(false);
    deck.press(KeyCode::Char(':'));
    for c in "sudo \\\netcdctl\tdel \\\n / coredns\n".chars() {
        let code = match c {
            '\n' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            c => KeyCode::Char(c),
        };
        deck.press_with(KeyModifiers::NONE, code, true);
    }
    assert!(
        matches!(deck.model.overlays[..], [overlay::Overlay::Palette(_)]),
        "a line's end is no press of Enter"
    );
    deck.press(KeyCode::Enter);
    assert_eq!(page(&deck).lines.len(), 1);
    assert_eq!(page(&deck).lines[0].explanation.command, "etcdctl del / coredns");
}

#[test]
fn several_lines_of_anything_else_end_at_the_first() {
    let mut deck = Driven::new(false);
    deck.press(KeyCode::Char(':'));
    deck.send(Msg::Paste("go gcr.io\nrm -r gcr.io".into()));
    deck.press(KeyCode::Enter);
    assert_eq!(deck.model.selected_name(), Some(key("/coredns/io/gcr")), "{}", said(&deck));
    assert!(deck.model.overlays.is_empty() && deck.asked.is_empty());
}

#[test]
fn a_command_of_the_palette_may_be_about_a_name_that_is_called_etcdctl() {
    let mut deck = Driven::new(false);
    deck.type_text(":rm /coredns/io/etcdctl");
    deck.press(KeyCode::Enter);
    assert_eq!(deck.delete().intent, Intent::Delete { key: key("/coredns/io/etcdctl") });
}

#[test]
fn without_a_line_it_says_what_to_paste() {
    let mut deck = Driven::new(false);
    deck.type_text(":explain");
    deck.press(KeyCode::Enter);
    assert!(said(&deck).contains("Paste an etcdctl line behind it"), "{}", said(&deck));
    deck.type_text(" ls -l /");
    deck.press(KeyCode::Enter);
    assert!(said(&deck).contains("there is no etcdctl in it"), "{}", said(&deck));
    deck.press(KeyCode::Esc);
    deck.send(Msg::Paste(ACCIDENT.into()));
    assert!(said(&deck).contains("press : first") && deck.model.overlays.is_empty(), "{}", said(&deck));
}

#[test]
fn the_worst_of_several_lines_is_shown_first_and_what_was_counted_goes_to_its_line() {
    let mut deck = pasted("etcdctl get /coredns/io\netcdctl del --prefix /\netcdctl version");
    assert_eq!((page(&deck).lines.len(), page(&deck).cursor, page(&deck).scroll), (3, 1, None));
    let of_page = |deck: &Driven| page(deck).lines.iter().map(|line| line.hits.clone()).collect::<Vec<_>>();
    deck.send(Msg::Counted(RequestId(9_999), 1, hits(7)));
    assert_eq!(
        of_page(&deck),
        [Hits::Uncounted, Hits::Uncounted, Hits::Uncounted],
        "of no page that is open"
    );
    deck.send(Msg::Counted(request(&deck, "Count("), 1, hits(7)));
    assert_eq!(of_page(&deck), [Hits::Uncounted, hits(7), Hits::Uncounted]);
    assert!(page(&deck).lines[0].is_counted_now() && !page(&deck).lines[2].is_counted_now());
    deck.press(KeyCode::Char('n'));
    deck.press(KeyCode::Char('n'));
    assert_eq!(page(&deck).cursor, 0);
    deck.press(KeyCode::Char('N'));
    assert_eq!(page(&deck).cursor, 2);
}

#[test]
fn leaving_the_page_stops_the_counting_and_a_late_count_changes_nothing() {
    let mut deck = pasted(ACCIDENT);
    deck.press(KeyCode::Esc);
    assert_eq!(deck.effects.last().map(String::as_str), Some("CountNoMore"));
    assert!(deck.model.overlays.is_empty());
    deck.send(Msg::Counted(request(&deck, "Count("), 0, hits(368)));
    assert!(deck.model.overlays.is_empty() && deck.model.message.is_none());
}

#[test]
fn enter_goes_to_what_was_meant_and_does_nothing_to_it() {
    for (line, name) in [
        ("explain etcdctl del --prefix /coredns/io/gcr", Some("/coredns/io/gcr")),
        ("etcdctl del / coredns/io/gcr", Some("/coredns/io/gcr")),
        ("etcdctl del / coredns", None),
    ] {
        let mut deck = pasted(line);
        deck.press(KeyCode::Enter);
        assert_eq!(deck.model.selected_name(), name.map(key), "{line}");
        assert!(deck.model.overlays.is_empty() && deck.asked.is_empty() && deck.applied.is_empty(), "{line}");
    }
    let mut deck = pasted("explain etcdctl del /coredns/io/gcr/x2");
    deck.press(KeyCode::Enter);
    assert_eq!(deck.model.selected().unwrap().key, key("/coredns/io/gcr/x2"));
    let mut deck = pasted("etcdctl del /registry/x");
    deck.press(KeyCode::Enter);
    assert!(said(&deck).contains("no name or key of the scope"), "{}", said(&deck));
    page(&deck);
}

#[test]
fn what_was_meant_is_copied_where_it_is_one_command() {
    let mut deck = pasted("explain etcdctl del --prefix /coredns/io/gcr");
    deck.press(KeyCode::Char('y'));
    let copied = deck.effects.last().unwrap();
    assert!(copied.contains("text: \"coredeck rm --recursive /coredns/io/gcr/\""), "{copied}");
    for line in ["etcdctl del / coredns", "etcdctl del /coredns/a /coredns/c", "etcdctl put /coredns/a"] {
        let mut deck = pasted(line);
        deck.press(KeyCode::Char('y'));
        assert!(said(&deck).contains("nothing was copied"), "{line}: {}", said(&deck));
        assert!(!deck.effects.iter().any(|effect| effect.starts_with("Copy")), "{line}");
    }
}

#[test]
fn what_is_copied_reaches_the_cluster_and_the_prefix_of_this_deck() {
    let mut deck = Driven::new(false);
    deck.model.session.given = vec!["--profile=lab".to_owned(), "--prefix=/coredns".to_owned()];
    deck.press(KeyCode::Char(':'));
    deck.send(Msg::Paste("explain etcdctl del --prefix /coredns/io/gcr".into()));
    deck.press(KeyCode::Enter);
    deck.press(KeyCode::Char('y'));
    assert_eq!(copied(&deck), "coredeck --profile=lab --prefix=/coredns rm --recursive /coredns/io/gcr/");
}

#[test]
fn the_rest_of_a_paste_that_comes_as_keys_acts_on_nothing() {
    let mut deck = pasted("explain etcdctl del --prefix /coredns/io/gcr");
    for code in [KeyCode::Enter, KeyCode::Char('y'), KeyCode::Char('n'), KeyCode::Char('q'), KeyCode::Esc] {
        deck.press_with(KeyModifiers::NONE, code, true);
        assert!(said(&deck).contains("only the first line"), "{code:?}: {}", said(&deck));
        page(&deck);
    }
    assert!(!deck.effects.iter().any(|effect| effect.starts_with("Copy")));
}

#[test]
fn a_line_for_another_cluster_is_told_from_one_for_this_one() {
    for (endpoints, elsewhere) in [
        ("https://10.0.0.11:2379", None),
        ("10.0.0.11:2379", None),
        ("10.0.0.12:2379,10.0.0.11:2379/", None),
        ("https://10.9.0.1:2379", Some("https://10.9.0.1:2379".to_owned())),
    ] {
        let deck = pasted(&format!("etcdctl --endpoints {endpoints} del / coredns"));
        assert_eq!(page(&deck).lines[0].elsewhere, elsewhere, "{endpoints}");
    }
}

/// Returns the text that the last copy sent.
fn copied(deck: &Driven) -> &str {
    let copy = deck.effects.iter().rev().find(|effect| effect.starts_with("Copy")).unwrap();
    copy.split("text: \"").nth(1).unwrap().split("\", told").next().unwrap()
}

#[test]
fn a_second_y_copies_the_line_that_reads_what_is_selected() {
    let mut deck = Driven::at_gcr(true);
    deck.press(KeyCode::Char('y'));
    assert_eq!(copied(&deck), "/coredns/io/gcr/x1");
    deck.send(Msg::Copied(Ok("key; y again: the etcdctl line that reads it".into())));
    deck.press(KeyCode::Char('y'));
    assert_eq!(copied(&deck), "etcdctl --endpoints=https://10.0.0.11:2379 get -- /coredns/io/gcr/x1");
    deck.press(KeyCode::Char('y'));
    assert_eq!(copied(&deck), "/coredns/io/gcr/x1", "and from the beginning");
    // A press after another key counts as the first one again.
    deck.press(KeyCode::Char('j'));
    deck.press(KeyCode::Char('k'));
    deck.press(KeyCode::Char('y'));
    assert_eq!(copied(&deck), "/coredns/io/gcr/x1");
    deck.press(KeyCode::Char('j'));
    deck.press(KeyCode::Char('y'));
    assert_eq!(copied(&deck), "/coredns/io/gcr/x2");
    deck.press(KeyCode::Esc);
    deck.press(KeyCode::Char('y'));
    assert_eq!(copied(&deck), "/coredns/io/gcr");
    deck.press(KeyCode::Char('y'));
    assert_eq!(copied(&deck), "etcdctl --endpoints=https://10.0.0.11:2379 get --prefix -- /coredns/io/gcr/");
    deck.press(KeyCode::Char('g'));
    deck.press(KeyCode::Char('y'));
    deck.press(KeyCode::Char('y'));
    assert_eq!(copied(&deck), "etcdctl --endpoints=https://10.0.0.11:2379 get --prefix -- /coredns/");
}

#[test]
fn the_line_says_how_the_cluster_is_reached_and_no_secret() {
    let mut deck = Driven::at_gcr(true);
    let file = |name: &str| Some(format!("/etc/ssl/{name}").into());
    deck.model.session.etcdctl = Some(Connection {
        endpoints: vec!["https://10.0.0.11:2379".to_owned(), "https://10.0.0.12:2379".to_owned()],
        cacert: file("the ca.crt"),
        cert: file("client.crt"),
        key: file("client.key"),
        user: Some("dns".to_owned()),
        shadowed: vec!["ETCDCTL_CERT", "ETCDCTL_USER"],
    });
    deck.press(KeyCode::Char('y'));
    deck.press(KeyCode::Char('y'));
    assert_eq!(
        copied(&deck),
        "env -u ETCDCTL_CERT -u ETCDCTL_USER etcdctl --endpoints=https://10.0.0.11:2379,https://10.0.0.12:2379 \
         --cacert='/etc/ssl/the ca.crt' --cert=/etc/ssl/client.crt --key=/etc/ssl/client.key --user=dns get -- \
         /coredns/io/gcr/x1"
    );
    // A deck without an etcd has no such line.
    deck.model.session.etcdctl = None;
    deck.press(KeyCode::Char('y'));
    deck.press(KeyCode::Char('y'));
    assert_eq!(copied(&deck), "/coredns/io/gcr/x1");
}

#[test]
fn in_a_history_the_line_reads_the_version_under_the_cursor() {
    let mut deck = Driven::at_gcr(true);
    deck.press(KeyCode::Char('H'));
    let put = |revision| Event::Put(record("/coredns/io/gcr/x1", "{}", revision));
    let gone = Event::Delete { key: key("/coredns/io/gcr/x1"), revision: Revision(6) };
    let history = crate::ops::History {
        oldest: Revision(1),
        until: Revision(9),
        versions: vec![put(3), gone],
        left_out: 0,
        vouched: true,
    };
    deck.send(Msg::History(request(&deck, "History("), Ok(Box::new(history))));
    let line =
        |at| format!("etcdctl --endpoints=https://10.0.0.11:2379 get --rev={at} -- /coredns/io/gcr/x1");
    for (key, at) in [('g', 5), ('j', 3)] {
        deck.press(KeyCode::Char(key));
        deck.press(KeyCode::Char('y'));
        assert_eq!(copied(&deck), "/coredns/io/gcr/x1");
        deck.press(KeyCode::Char('y'));
        assert_eq!(copied(&deck), line(at));
    }
}

fn form(deck: &Driven) -> &overlay::Form {
    match deck.model.overlays.last() {
        Some(overlay::Overlay::Form(form)) => form,
        other => panic!("no form is open but {other:?}: {}", said(deck)),
    }
}

#[test]
fn a_pasted_put_opens_the_form_with_its_value() {
    let new = r#"etcdctl put /coredns/io/gcr/x7 '{"host":"10.0.0.7","team":"a","ttl":60}'"#;
    let mut deck = pasted(new);
    assert_eq!((form(&deck).name.value(), form(&deck).leaf.value()), ("gcr.io", "x7"));
    assert!(said(&deck).contains("was not run"), "{}", said(&deck));
    assert!(deck.asked.is_empty(), "nothing is planned before it was looked at");
    deck.answers = false;
    deck.press(KeyCode::Enter);
    let Some((_, Intent::Add { name, place, value, .. })) = deck.asked.last().cloned() else {
        panic!("{:?}", deck.asked)
    };
    assert_eq!((name, place), (key("/coredns/io/gcr"), crate::plan::RecordPlace::Leaf((*b"x7").into())));
    assert_eq!(*value, *br#"{"host":"10.0.0.7","team":"a","ttl":60}"#, "what no field shows stays");
    // Over a record that is there, it is an edit of it.
    let mut deck = pasted(r#"etcdctl put /coredns/io/gcr/x1 '{"host":"10.0.0.9"}'"#);
    assert!(
        matches!(&form(&deck).purpose, overlay::FormPurpose::Edit(base) if base.mod_revision == Revision(3))
    );
    deck.answers = false;
    deck.press(KeyCode::Enter);
    let Some((_, Intent::Edit { base, value })) = deck.asked.last() else { panic!("{:?}", deck.asked) };
    assert_eq!((&base.key, &**value), (&key("/coredns/io/gcr/x1"), &br#"{"host":"10.0.0.9"}"#[..]));
    // A host is no leaf of the name above it.
    let deck = pasted(r#"sudo etcdctl put /coredns/org/example/cdn '{"host":"gcr.io"}'"#);
    assert_eq!((form(&deck).name.value(), form(&deck).leaf.value()), ("cdn.example.org", "@"));
}

#[test]
fn a_put_that_no_form_can_show_is_explained() {
    for line in [
        "etcdctl put /coredns/io/gcr/x7 10.0.0.1",
        "etcdctl put /coredns/io/gcr/x7 '{}'",
        "etcdctl put --lease=7 /coredns/io/gcr/x7 '{\"host\":\"10.0.0.7\"}'",
        "etcdctl put /registry/x '{\"host\":\"10.0.0.7\"}'",
        "etcdctl --endpoints=10.9.0.1:2379 put /coredns/io/gcr/x7 '{\"host\":\"10.0.0.7\"}'",
        "etcdctl put /coredns/io/gcr/x7 \"$VALUE\"",
        "explain etcdctl put /coredns/io/gcr/x7 '{\"host\":\"10.0.0.7\"}'",
    ] {
        assert_eq!(page(&pasted(line)).lines.len(), 1, "{line}");
    }
}

#[test]
fn a_pasted_del_opens_the_delete_dialog_on_what_was_meant() {
    let record = |text: &str| Intent::Delete { key: key(text) };
    let name = |text: &str| Intent::DeleteSubtree { name: key(text) };
    for (line, intent) in [
        ("etcdctl del /coredns/io/gcr/x1", record("/coredns/io/gcr/x1")),
        ("etcdctl del --prefix /coredns/io/gcr/", name("/coredns/io/gcr")),
        // The key itself is not there, and records lie below it.
        ("etcdctl del /coredns/io/gcr", name("/coredns/io/gcr")),
        ("etcdctl del /coredns/io/quay", record("/coredns/io/quay")),
        ("ETCDCTL_API=3 etcdctl del '/coredns/io/gcr/*'", name("/coredns/io/gcr")),
    ] {
        let deck = pasted(line);
        assert_eq!(deck.delete().intent, intent, "{line}");
        assert!(said(&deck).contains("was not run") && deck.applied.is_empty(), "{line}");
    }
}

#[test]
fn what_takes_more_than_was_meant_is_explained_first_and_d_opens_the_dialog() {
    let mut deck = pasted("etcdctl del / coredns/io/gcr");
    assert_eq!(page(&deck).lines[0].explanation.verdict, Danger::Dangerous);
    deck.press(KeyCode::Char('d'));
    assert_eq!(deck.delete().intent, Intent::DeleteSubtree { name: key("/coredns/io/gcr") });
    let mut deck = pasted("explain etcdctl put /coredns/io/gcr/x7 '{\"host\":\"10.0.0.7\"}'");
    deck.press(KeyCode::Char('e'));
    assert_eq!(form(&deck).leaf.value(), "x7");
    // The whole scope is never what one dialog deletes.
    let mut deck = pasted("etcdctl del / coredns");
    deck.press(KeyCode::Char('d'));
    assert!(said(&deck).contains("no one change"), "{}", said(&deck));
    page(&deck);
    // A read-only session explains the line, and does nothing else.
    let mut deck = Driven::new(true);
    deck.press(KeyCode::Char(':'));
    deck.send(Msg::Paste("etcdctl del /coredns/io/gcr/x1".into()));
    deck.press(KeyCode::Enter);
    deck.press(KeyCode::Char('d'));
    page(&deck);
}
