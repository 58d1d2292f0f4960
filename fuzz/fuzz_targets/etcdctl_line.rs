//! Lines for etcdctl: no pasted text stops the reading or moves a cursor, no text before or behind a line that
//! deletes makes it harmless, and a word comes back from its quoting.
#![no_main]

use coredeck::{
    etcdctl::{Hits, Danger, explain, looks_like_a_line, quoted, shell::script},
    keys::Scope,
};
use libfuzzer_sys::fuzz_target;

const DELETES: &[u8] = b"etcdctl del / coredns";

fuzz_target!(|data: &[u8]| {
    let Ok(scope) = Scope::parse("/coredns") else { return };
    let read = script(data);
    let is_dangerous = |text: &[u8]| explain(text, &scope).iter().any(|one| one.verdict == Danger::Dangerous);
    assert!(is_dangerous(&[DELETES, b"\n", data].concat()), "what stands behind it has saved it");
    // A text that is complete is no part of the next line.
    if read.unclosed.is_none() && !read.goes_on && data.last() != Some(&b'\\') {
        assert!(is_dangerous(&[data, b"\n", DELETES].concat()), "what stands before it has saved it");
    }
    for explanation in explain(data, &scope) {
        let hits = Hits::Unknown("nobody was asked".to_owned());
        for sentence in explanation.means(&hits).iter().chain(&explanation.instead(&hits)) {
            assert!(!sentence.chars().any(|c| c.is_control() && c != '\n'), "{sentence:?}");
        }
        assert!(!explanation.command.chars().any(char::is_control), "{:?}", explanation.command);
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = looks_like_a_line(text);
    // An argument comes back from its quoting.
    if !text.contains('\0') {
        let read = script(format!("etcdctl {}", quoted(text)).as_bytes());
        let argument = read.commands.first().and_then(|command| command.words.get(1));
        assert_eq!(argument.map(|word| &*word.bytes), Some(data));
    }
});
