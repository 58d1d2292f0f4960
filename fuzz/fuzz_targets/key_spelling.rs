//! Spellings of keys: every key comes back from its spelling, no spelling can move a cursor, and no text spells a way
//! out of the scope.
#![no_main]

use coredeck::keys::{
    Scope,
    spelling::{spell, unspell},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let spelled = spell(data);
    assert!(spelled.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
    assert_eq!(unspell(&spelled).as_deref(), Ok(data));

    let (Ok(text), Ok(scope)) = (std::str::from_utf8(data), Scope::parse("/coredns")) else { return };
    if let Ok(key) = scope.spelled_key(text) {
        assert!(key.as_bytes().starts_with(b"/coredns/") && key.as_bytes().len() > "/coredns/".len());
        assert_eq!(scope.spelled_key(&key.spelled()).as_ref(), Ok(&key));
    }
    if let Ok(other) = Scope::parse(text) {
        assert!(other.as_str().starts_with('/') && other.as_str().ends_with('/') && other.segments() > 0);
        assert!(!other.range().contains(b"/registry/pods/default/x"));
    }
});
