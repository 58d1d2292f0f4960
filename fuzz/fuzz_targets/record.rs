//! Records: no value stops the program, and an edit that changes nothing loses nothing.
#![no_main]

use coredeck::{
    dns::{Name, Record, RecordDraft, RecordType, Value},
    foreign_text::ForeignText,
    keys::Scope,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(scope) = Scope::parse("/coredns") else { return };
    let zones: Vec<Name> = Name::parse("io").into_iter().collect();
    for key in ["/coredns/io/gcr/x1", "/coredns/io/dns/ns/a", "/coredns/arpa/in-addr/10/0/0/1"] {
        let Ok(key) = scope.key(key.as_bytes()) else { return };
        for zones in [&[][..], &zones] {
            let record = Record::read(zones, &scope, &key, data);
            assert!(!ForeignText::from(&*record.data).to_string().chars().any(char::is_control));
            if record.kind != RecordType::Opaque {
                let Some(draft) = RecordDraft::of_stored(zones, &scope, &key, data) else {
                    panic!("a form for {record:?}")
                };
                assert_eq!(draft.kind(), record.kind);
            }
        }
    }
    if let Ok(value) = Value::parse(data) {
        let json = value.to_json();
        let Ok(again) = Value::parse(json.as_bytes()) else { panic!("{json}") };
        assert_eq!(again.to_json(), json);
        assert!(again.names().eq(value.names()));
    }
});
