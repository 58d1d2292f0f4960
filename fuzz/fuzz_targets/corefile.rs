//! Corefiles: none stops its reading, and no text of one is shown with a control character or a variable's value.
#![no_main]

use coredeck::{
    config::corefile::{Corefile, Files},
    foreign_text::ForeignText,
};
use libfuzzer_sys::fuzz_target;
use std::{io, path::Path};

const SECRET: &str = "s3cret-of-etcd";

const COREFILE: &str = "/etc/coredns/Corefile";

/// Corefile, with another file for each import: one that imported itself would be read a thousand times.
struct Only<'a>(&'a [u8]);

impl Files for Only<'_> {
    fn read(&self, path: &Path) -> io::Result<String> {
        if path != Path::new(COREFILE) {
            return Ok("cache 30\nloop\n".to_owned());
        }
        Ok(String::from_utf8_lossy(self.0).into_owned())
    }

    fn list(&self, _: &Path) -> io::Result<Vec<String>> {
        Ok(vec!["Corefile".to_owned(), "other.conf".to_owned()])
    }
}

fuzz_target!(|data: &[u8]| {
    let variable = |_: &str| Some(SECRET.to_owned());
    let Ok(corefile) = Corefile::read(Path::new(COREFILE), &Only(data), &variable) else { return };
    // Carriage returns are removed from words.
    let written = String::from_utf8_lossy(data).replace('\r', "").contains(SECRET);
    for note in &corefile.notes {
        let text = note.to_string();
        assert!(!ForeignText::from(text.as_str()).to_string().chars().any(char::is_control));
        assert!(written || !text.contains(SECRET), "{text}");
    }
    for (_, block) in corefile.etcd_blocks() {
        assert!(!block.endpoints.0.is_empty());
    }
});
