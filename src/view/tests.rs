//! Pictures of every screen: its text and its styles, at three sizes.

mod alarm;
mod ansi;
mod browsing;
mod changes;
mod clusters;
mod connecting;
mod deck;
mod deletions;
mod explained;
mod health;
mod many;
mod palette;
mod past;
mod rules;
mod scenes;

use super::{Look, draw};
use crate::app::{
    Msg,
    keymap::{BINDINGS, KeyPress, resolve},
};
use crossterm::event::KeyEvent;
use deck::{Deck, hostile};
use jiff::tz::TimeZone;
use ratatui::{
    backend::{Backend as _, CrosstermBackend},
    buffer::Buffer,
    layout::{Position, Rect},
    style::Color,
};
use scenes::SCENES;
use std::fmt::Write as _;

/// Sizes that every screen has a picture of.
const SIZES: [(u16, u16); 3] = [(40, 10), (80, 24), (200, 60)];

/// Sizes at which the picture need not be good, but nothing may go wrong.
#[rustfmt::skip]
const ODD_SIZES: [(u16, u16); 19] = [
    (0, 0), (1, 1), (0, 24), (80, 0), (23, 6), (24, 5), (24, 6), (25, 7), (64, 6), (30, 60), (300, 6),
    (1, 60), (2, 2), (3, 30), (300, 1), (40, 2), (15, 4), (24, 7), (33, 8),
];

fn colours() -> Look {
    Look { ascii: false, colour: true, zone: TimeZone::UTC, label: None }
}

fn drawn(deck: &Deck, look: &Look) -> (Buffer, Option<Position>) {
    let (width, height) = deck.model.size;
    let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
    let cursor = draw(&deck.model, &mut buf, look).cursor;
    (buf, cursor)
}

/// Text, the cursor, then a line per run of styled cells: a lost warning colour fails the test.
fn picture(buf: &Buffer, cursor: Option<Position>) -> String {
    let mut out = String::new();
    for row in buf.area.rows() {
        let line: String = row.positions().map(|p| buf[p].symbol()).collect();
        // Behind a wide character ratatui keeps an empty cell.
        writeln!(out, "{}", line.trim_end()).unwrap();
    }
    if let Some(at) = cursor {
        writeln!(out, "cursor {},{}", at.x, at.y).unwrap();
    }
    for row in buf.area.rows() {
        let mut runs: Vec<(u16, String, String)> = vec![];
        for p in row.positions() {
            let cell = &buf[p];
            let style = format!("{:?} {:?}", cell.fg, cell.modifier);
            let style = style.replace("Reset ", "").replace("NONE", "");
            match runs.last_mut() {
                Some((_, last, text)) if *last == style => text.push_str(cell.symbol()),
                _ => runs.push((p.x, style, cell.symbol().to_owned())),
            }
        }
        for (x, style, text) in runs.iter().filter(|(_, style, _)| !style.is_empty()) {
            // The quiet lines round everything are seen in the text.
            if !text.trim().chars().all(|c| "─│┌┐└┘├┬".contains(c)) {
                writeln!(out, "{x},{} {style}: {}", row.y, text.trim_end()).unwrap();
            }
        }
    }
    out
}

/// Compares a picture with the one that was looked at and found good.
fn compare(name: &str, picture: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, picture);
    });
}

/// Draws a scene into a file for `termshot`, when somebody wants to look at it.
fn keep_picture(name: &str, buf: &Buffer) {
    if let Some(dir) = std::env::var_os("COREDECK_PICTURES") {
        let dir = std::path::PathBuf::from(dir);
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join(format!("{name}.ansi")), ansi::text(buf)).unwrap();
    }
}

#[test]
fn every_screen_looks_as_it_did() {
    for (name, scene) in SCENES {
        let mut pictures = String::new();
        for (width, height) in SIZES {
            let (buf, cursor) = drawn(&scene((width, height)), &colours());
            writeln!(pictures, "== {width}x{height}\n{}", picture(&buf, cursor)).unwrap();
        }
        for (width, height) in [(40, 10), (80, 24), (140, 40)] {
            let (buf, _) = drawn(&scene((width, height)), &colours());
            keep_picture(&format!("{name}-{width}x{height}"), &buf);
        }
        compare(name, &pictures);
    }
}

/// Returns the key of the keyboard that a text names, if it names one.
fn key_named(name: &str) -> Option<KeyPress> {
    BINDINGS.iter().flat_map(|binding| binding.keys).find(|key| key.to_string() == name).copied()
}

#[test]
fn every_key_that_a_screen_names_does_there_what_it_says() {
    for (name, scene) in SCENES {
        for (width, height) in SIZES {
            let deck = scene((width, height));
            let model = &deck.model;
            let does = |key: KeyPress| resolve(model.place(), model.may(), KeyEvent::new(key.1, key.0));
            let (buf, _) = drawn(&deck, &colours());
            let mut rows: Vec<String> =
                buf.area.rows().map(|row| row.positions().map(|at| buf[at].symbol()).collect()).collect();
            let line = rows.pop().unwrap();
            for part in line.trim().split("  ").filter(|part| !part.is_empty()) {
                let offer = model
                    .key_line()
                    .find(|offer| format!("{} {}", offer.binding.keys[0], offer.words) == part)
                    .unwrap_or_else(|| panic!("{name}: {part:?} is no key of this place:\n{line}"));
                assert_eq!(does(offer.binding.keys[0]), Some(offer.binding.command), "{name}: {part}");
            }
            // A sentence may name a key as well.
            let text = rows.join(" ");
            let named =
                text.split("press ").skip(1).filter_map(|behind| behind.split([' ', ',', ';']).next());
            for key in named.filter_map(key_named) {
                assert!(does(key).is_some(), "{name}: {key} does nothing here:\n{}", rows.join("\n"));
            }
        }
    }
}

#[test]
fn no_size_panics() {
    for (name, scene) in SCENES {
        let mut deck = scene((80, 24));
        for (width, height) in ODD_SIZES {
            deck.send(Msg::Resize { width, height });
            for ascii in [false, true] {
                let look = Look { ascii, ..colours() };
                let (buf, cursor) = drawn(&deck, &look);
                assert!(cursor.is_none_or(|at| buf.area.contains(at)), "{name} {width}x{height}");
            }
            // A frame may be drawn for the old size after the terminal has another one.
            for other in [(0, 0), (1, 1), (10, 3), (79, 23), (200, 60)] {
                draw(&deck.model, &mut Buffer::empty(Rect::new(0, 0, other.0, other.1)), &colours());
            }
        }
    }
}

#[test]
fn a_screen_that_is_too_small_says_so() {
    let deck = Deck::showing((23, 6), vec![], false);
    let (buf, _) = drawn(&deck, &colours());
    assert!(picture(&buf, None).starts_with("too small"));
}

#[test]
fn a_deletion_that_does_not_show_all_that_is_asked_cannot_be_agreed_to() {
    let (mut hidden, mut shown) = (0, 0);
    for (width, height) in [24, 30, 40, 64, 80].into_iter().flat_map(|w| (4..=24).map(move |h| (w, h))) {
        let mut deck = deletions::delete_record((width, height));
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        let drawn = draw(&deck.model, &mut buf, &colours());
        let text = picture(&buf, None);
        let asked = text.lines().filter(|line| line.contains("  /coredns/io/gcr/x2")).count();
        let typed = text.lines().any(|line| line.contains("│ > "));
        let is_shown = asked > 0 && typed;
        assert_eq!(drawn.hides, !is_shown, "{width}x{height}:\n{text}");
        deck.model.drawn(drawn.scrolled, drawn.hides);
        deck.press(&["Enter"]);
        assert_eq!(deck.applying.is_some(), is_shown, "{width}x{height}");
        if is_shown { shown += 1 } else { hidden += 1 }
    }
    assert!(hidden > 10 && shown > 10, "{hidden} hidden, {shown} shown");
}

#[test]
fn nothing_hostile_reaches_a_cell() {
    let look = colours();
    let mut met = 0;
    for size in SIZES {
        let mut deck = Deck::showing(size, hostile(), false);
        deck.send(Msg::Feed(crate::app::FeedMsg::Lost {
            failure: crate::failure::Failure::Other { detail: "\x1b[2J\u{202e}from a server".into() },
            at: deck::noon(),
        }));
        let mut frames = vec![];
        for keys in [&["g", "l"][..], &["j", "l"], &["Tab"], &["Tab", "o"], &["o", "Esc"]] {
            deck.press(keys);
            frames.push(drawn(&deck, &look).0);
        }
        deck.go("/coredns/bad").press(&["Tab", "g"]);
        for _ in 0..hostile().len() {
            for keys in
                [&["o"][..], &["o"], &["d"], &["Esc"], &["i"], &["Esc"], &["e"], &["Esc", "Esc"], &["j"]]
            {
                deck.press(keys).answer();
                frames.push(drawn(&deck, &look).0);
            }
        }
        deck.press(&["Esc", "D"]).answer().type_text("\u{202e}\u{200b}");
        frames.push(drawn(&deck, &look).0);
        deck.press(&["Esc", "/"]).type_text("bad\u{202e}");
        frames.push(drawn(&deck, &look).0);
        for cell in frames.iter().flat_map(|frame| &frame.content) {
            let hides = cell.symbol().chars().any(|c| {
                c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}'..='\u{200f}' | '\u{301}')
            });
            assert!(!hides, "{:?}", cell.symbol());
        }
        met += frames.iter().filter(|frame| picture(frame, None).contains("\\u{")).count();
    }
    assert!(met > 10, "the hostile records were on the screen");
}

#[test]
fn without_colour_nothing_is_lost_but_colour() {
    let look = Look { colour: false, ..colours() };
    for (name, scene) in SCENES {
        let (plain, cursor) = drawn(&scene((80, 24)), &look);
        assert!(
            plain.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset),
            "{name}"
        );
        let (coloured, _) = drawn(&scene((80, 24)), &colours());
        let text = |buf: &Buffer| buf.content.iter().map(|cell| cell.symbol().to_owned()).collect::<String>();
        assert_eq!(text(&plain), text(&coloured), "{name}");
        if *name == "delete_subtree" {
            keep_picture("no_colour", &plain);
            compare("no_colour", &picture(&plain, cursor));
        }
    }
}

#[test]
fn in_ascii_every_cell_is_ascii() {
    let look = Look { ascii: true, ..colours() };
    for (name, scene) in SCENES {
        for size in SIZES {
            let (buf, _) = drawn(&scene(size), &look);
            assert!(buf.content.iter().all(|cell| cell.symbol().is_ascii()), "{name}");
        }
        let (buf, cursor) = drawn(&scene((80, 24)), &look);
        if matches!(*name, "tree" | "form_add") {
            keep_picture(&format!("ascii_{name}"), &buf);
            compare(&format!("ascii_{name}"), &picture(&buf, cursor));
        }
    }
}

#[test]
fn no_background_is_ever_set() {
    for (name, scene) in SCENES {
        let (buf, _) = drawn(&scene((80, 24)), &colours());
        assert!(buf.content.iter().all(|cell| cell.bg == Color::Reset), "{name}");
    }
}

#[test]
fn a_cursor_is_shown_where_text_is_typed_and_nowhere_else() {
    for (name, scene) in SCENES {
        for size in SIZES {
            let deck = scene(size);
            let (_, cursor) = drawn(&deck, &colours());
            // Nothing can be typed before the number is known, nor where there is a choice.
            let chooses = matches!(*name, "delete_counting" | "delete_failed" | "form_own");
            let types = deck.model.place().takes_text() && !chooses;
            assert_eq!(cursor.is_some(), types, "{name} {size:?}");
        }
    }
}

#[test]
fn the_key_to_type_and_the_number_of_keys_are_whole_at_every_size() {
    for size in SIZES {
        let (buf, _) =
            drawn(&(SCENES.iter().find(|(name, _)| *name == "delete_number").unwrap().1)(size), &colours());
        let text = picture(&buf, None);
        assert!(text.contains("24 keys"), "{text}");
        assert!(text.contains("  /coredns/net/shop/web/"), "{text}");
    }
}

/// Number of bytes that the terminal gets when a key press turns one frame into the next.
fn sent(deck: &mut Deck, key: &str) -> usize {
    let before = drawn(deck, &colours()).0;
    deck.press(&[key]);
    let after = drawn(deck, &colours()).0;
    let mut bytes = Vec::new();
    let cells = before.diff(&after);
    CrosstermBackend::new(&mut bytes).draw(cells.into_iter()).unwrap();
    bytes.len()
}

/// Number of bytes that ranger 1.9.3 sends for one step at 80x24.
const RANGER: usize = 181;

#[test]
fn a_step_to_a_name_of_the_same_shape_sends_less_than_ranger_does() {
    let hosts = (100..140).flat_map(|n| {
        ["x1", "x2"].map(|leaf| {
            let key = format!("/coredns/org/example/host{n}/{leaf}");
            let value = format!(r#"{{"host":"10.0.{n}.1","ttl":60}}"#);
            deck::record(key.as_bytes(), value.as_bytes(), 8000 + n)
        })
    });
    let mut deck = Deck::showing((80, 24), hosts.collect(), false);
    deck.go("host107.example.org");
    let in_the_tree = ["j", "k", "j", "j"].map(|key| sent(&mut deck, key));
    deck.go("/coredns/org/example/host107/x1");
    let in_the_records = ["j", "k", "j"].map(|key| sent(&mut deck, key));
    assert!(in_the_tree.iter().all(|bytes| *bytes < RANGER), "{in_the_tree:?}");
    assert!(in_the_records.iter().all(|bytes| *bytes < RANGER), "{in_the_records:?}");
}

fn header(deck: &Deck) -> String {
    let (buf, _) = drawn(deck, &colours());
    picture(&buf, None).lines().next().unwrap().to_owned()
}

/// Sends the deck an answer about backups.
fn found(deck: &mut Deck, made: Option<&str>, known: &str) {
    let request = deck.looking_for_backup.unwrap();
    deck.send(Msg::Backup(request, made.map(|made| (made.parse().unwrap(), 3)), known.parse().unwrap()));
}

fn backed_up(made: &str) -> Msg {
    let (file, made) = ("coredns.jsonl.gz".to_owned(), made.parse().unwrap());
    Msg::BackedUp(Ok(crate::app::BackedUp { file, keys: 3, made, done: made, lost: None }))
}

#[test]
fn the_header_says_how_old_the_newest_verified_backup_is() {
    let mut deck = Deck::showing((80, 24), vec![], false);
    assert!(!header(&deck).contains("backup"), "nobody has looked yet: {}", header(&deck));
    found(&mut deck, None, "2026-03-01T12:03:11Z");
    assert!(header(&deck).contains("no backup"), "{}", header(&deck));
    for (made, age) in [
        ("2026-02-25T02:10:00Z", "backup 4 d"),
        ("2026-02-27T12:03:12Z", "backup 47 h"),
        ("2026-03-01T05:00:00Z", "backup 7 h"),
        ("2026-03-01T11:03:12Z", "backup 59 min"),
        ("2026-03-01T12:30:00Z", "backup 0 min"),
    ] {
        deck.send(backed_up(made));
        assert!(header(&deck).contains(age), "{made}: {}", header(&deck));
    }
    assert_eq!(deck.model.message.as_ref().unwrap().text, "3 keys saved and verified: coredns.jsonl.gz");
}

#[test]
fn a_backup_without_any_key_is_no_comfort() {
    let mut deck = Deck::showing((80, 24), vec![], false);
    let made = "2026-03-01T12:00:00Z".parse().unwrap();
    let lost = Some("this backup has 0 keys, and the newest one with any has 9 keys".to_owned());
    let file = "coredns.jsonl.gz".to_owned();
    deck.send(Msg::BackedUp(Ok(crate::app::BackedUp {
        file,
        keys: 0,
        made,
        done: made,
        lost: lost.clone(),
    })));
    assert!(header(&deck).contains("backup empty"), "{}", header(&deck));
    assert_eq!(deck.model.message.as_ref().map(|message| message.text.clone()), lost);
}

#[test]
fn a_backup_that_somebody_else_makes_is_seen_when_the_deck_reads_again() {
    let mut deck = Deck::showing((80, 24), vec![], false);
    let first = deck.looking_for_backup.unwrap();
    found(&mut deck, Some("2026-03-01T02:10:00Z"), "2026-03-01T12:03:11Z");
    assert!(header(&deck).contains("backup 9 h"), "{}", header(&deck));
    deck.relisted("2026-03-01T12:08:11Z");
    assert_ne!(deck.looking_for_backup, Some(first), "it is looked for again");
    found(&mut deck, Some("2026-03-01T12:05:00Z"), "2026-03-01T12:08:11Z");
    assert!(header(&deck).contains("backup 3 min"), "{}", header(&deck));
    // Its age grows with the news of the deck, and with nothing else.
    deck.relisted("2026-03-01T12:13:11Z");
    assert!(header(&deck).contains("backup 8 min"), "{}", header(&deck));
    // A look that began before a backup was made may have missed it.
    deck.send(backed_up("2026-03-01T12:13:11Z"));
    found(&mut deck, Some("2026-03-01T12:05:00Z"), "2026-03-01T12:13:12Z");
    assert!(header(&deck).contains("backup 0 min"), "{}", header(&deck));
    // A backup that is damaged or gone since does not count.
    deck.relisted("2026-03-01T12:18:11Z");
    found(&mut deck, None, "2026-03-01T12:18:11Z");
    assert!(header(&deck).contains("no backup"), "{}", header(&deck));
}

#[test]
fn the_header_gives_up_the_revision_before_the_backup_and_neither_the_cluster_nor_the_state() {
    for width in 60..140 {
        let mut deck = Deck::showing((width, 24), vec![], false);
        let without = header(&deck);
        deck.send(backed_up("2026-03-01T05:03:11Z"));
        let with = header(&deck);
        assert!(with.contains("backup 7 h") || width < 73, "{width}: {with}");
        for part in ["3f2a9c1e", "10.0.0.11:2379", "live", "12:03", "WRITE"] {
            assert_eq!(with.contains(part), without.contains(part), "{width}: {with}");
        }
    }
}

#[test]
fn a_first_contact_says_which_cluster_it_is_first_and_how_the_rest_is_reached() {
    let shown = |size| {
        let (buf, _) = drawn(&clusters::contact_first(size), &colours());
        picture(&buf, None)
    };
    let low = shown((60, 15));
    assert!(low.contains("3f2a9c1e77d04b15") && low.contains("Down scroll"), "{low}");
    for high in [(60, 40), (80, 24), (140, 40)] {
        assert!(!shown(high).contains("scroll"), "all of it is in sight");
    }
}

#[test]
fn the_header_has_a_label_what_was_taken_health_and_backup_on_80_columns_and_more_words_on_more() {
    let header_of = |label: &str, width| {
        let mut deck = clusters::found((width, 24));
        deck.model.session.label = label.to_owned();
        deck.send(backed_up("2026-03-01T05:03:11Z"));
        header(&deck)
    };
    for width in 80..200 {
        let line = header_of("production", width);
        for part in
            ["/coredns/", "production by kubeadm", "3f2a9c1e", "live", "3/3 up", "backup 7 h", "WRITE"]
        {
            assert!(line.contains(part), "{width}: {part} is not in {line}");
        }
    }
    assert!(
        header_of("production", 100).contains("by kubeadm healthcheck "),
        "{}",
        header_of("production", 100)
    );
    assert!(header_of("production", 140).contains("by kubeadm's healthcheck-client "));
    // A cluster without a label is called by the credential, and its id is there all the same.
    let unnamed = header_of("kubeadm's healthcheck-client", 60);
    assert!(unnamed.contains("  kubeadm  ") && unnamed.contains("3f2a9c1e"), "{unnamed}");
    assert!(header_of("kubeadm's healthcheck-client", 140).contains("  kubeadm's healthcheck-client  "));
    // A long one is cut before the id is left out.
    let long = header_of("Kubernetes production, Oslo", 60);
    assert!(long.contains("Kubernetes") && long.contains("3f2a9c1e"), "{long}");
}
