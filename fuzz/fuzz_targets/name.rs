//! Names: one that can be parsed has a key, comes back from it, and is parsed again from its own text.
#![no_main]

use coredeck::{dns::Name, keys::Scope};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(scope) = Scope::parse("/coredns") else { return };
    // Any key gives a name, whose text is safe to show and which keeps the key.
    if let Ok(key) = scope.key(&[scope.as_str().as_bytes(), data].concat()) {
        let name = Name::of_key(&scope, &key);
        assert!(name.to_string().bytes().all(|byte| (0x20..0x7f).contains(&byte)));
        assert_eq!(name.key(&scope).as_ref(), Ok(&key));
    }
    let Some(name) = std::str::from_utf8(data).ok().and_then(|text| Name::parse(text).ok()) else { return };
    assert_eq!(Name::parse(&name.to_string()).as_ref(), Ok(&name));
    if name.is_root() {
        return;
    }
    let Ok(key) = name.key(&scope) else { panic!("{name} has no key") };
    // A slash inside a label becomes a level of the key, so such a name comes back as another one.
    if !name.labels().any(|label| label.contains(&b'/')) {
        assert_eq!(Name::of_key(&scope, &key), name);
    }
});
