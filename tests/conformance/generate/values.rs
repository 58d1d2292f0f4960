//! Values that people store, on purpose and by mistake.

use super::Set;

const ADDRESSES: [&str; 14] = [
    "10.0.0.1",
    "10.0.0.1",
    "10.0.0.2",
    "10.0.0.3",
    "192.0.2.7",
    "0.0.0.0",
    "255.255.255.255",
    "::ffff:10.0.0.9",
    "2001:db8::1",
    "2001:db8::1",
    "2001:DB8:0::1",
    "2001:db8:0:0:0:0:0:2",
    "::",
    "::ffff:0a00:0001",
];
/// Hosts that are nearly addresses: CoreDNS serves them as aliases.
const NEARLY: [&str; 18] = [
    "10.0.0.1 ",
    " 10.0.0.1",
    "10.0.0.1/24",
    "10.0.0.1:80",
    "10.0.0.01",
    "10.0.0",
    "10.0.0.256",
    "10.0.0.1.",
    "10.0.0.1,10.0.0.2",
    "10.0.0.1\n",
    "[2001:db8::1]",
    "fe80::1%eth0",
    "2001:db8:::1",
    "1",
    "0x0a000001",
    "2001:db8::g",
    "::ffff:10.0.0.999",
    "1.2.3.4.5",
];
/// Targets outside every zone, or of no server, or that are no name.
const ELSEWHERE: [&str; 22] = [
    "a.elsewhere.test",
    "two.elsewhere.test.",
    "six.elsewhere.test",
    "both.elsewhere.test",
    "alias.elsewhere.test",
    "back.elsewhere.test",
    "missing.elsewhere.test",
    "A.Elsewhere.Test",
    "outside.invalid",
    "db",
    "localhost.",
    ".",
    "..",
    "a..b",
    ".leading.example.org",
    "a b.invalid",
    "ü.invalid",
    r"a\.b.invalid",
    r"\195.invalid",
    r"trailing\",
    "any.example.org",
    "*.example.org",
];
/// Targets inside a zone, in spellings that some comparisons take for other names.
const SPELLED: [&str; 14] = [
    "ü.example.org",
    r"\195\188.example.org",
    r"\252.example.org",
    r"\119ww.example.org",
    r"www\.example.org",
    "a b.example.org",
    r"a\ b.example.org",
    "a@b.example.org",
    r"a\@b.example.org",
    "WWW.Example.Org",
    "www.example.org..",
    r"www.example.org\",
    ".www.example.org",
    "a/b.example.org",
];
const TEXTS: [&str; 16] = [
    "v=spf1 -all",
    "v=spf1 -all",
    "x",
    "a b",
    "\"quoted\"",
    r"C:\temp",
    r"\065",
    r"\",
    r"\\",
    r"\9",
    r"\12",
    r"\300",
    r"\256x",
    "\u{e4}\u{1f600}",
    "tab\there",
    "\"heritage=external-dns,external-dns/owner=me,external-dns/resource=ingress/ns/www\"",
];
/// Whole values that CoreDNS refuses, or reads in another way than was meant.
const STRANGE: [&str; 62] = [
    "",
    " ",
    "null",
    " null\n",
    "{}",
    " {} \n",
    "[]",
    "5",
    "true",
    "\"10.0.0.1\"",
    "10.0.0.1",
    "{'host':'10.0.0.1'}",
    "\u{feff}{}",
    r#"{"host":"10.0.0.1",}"#,
    r#"{"host":"10.0.0.1"} x"#,
    r#"{"host":"10.0.0.1"}{}"#,
    r#"{"host":"10.0.0.1" "port":1}"#,
    r#"{"host":"10.0.0.1","port":"80"}"#,
    r#"{"host":"10.0.0.1","ttl":"60"}"#,
    r#"{"host":"10.0.0.1","mail":"true"}"#,
    r#"{"host":"10.0.0.1","mail":1}"#,
    r#"{"host":"10.0.0.1","text":5}"#,
    r#"{"host":["10.0.0.1","10.0.0.2"]}"#,
    r#"{"host":{}}"#,
    r#"{"host":null}"#,
    r#"{"host":"10.0.0.1","port":null,"ttl":null,"mail":null,"text":null}"#,
    r#"{"host":"10.0.0.1","port":80.0}"#,
    r#"{"host":"10.0.0.1","port":8e1}"#,
    r#"{"host":"10.0.0.1","port":-0}"#,
    r#"{"host":"10.0.0.1","port":080}"#,
    r#"{"host":"10.0.0.1","ttl":-1}"#,
    r#"{"host":"10.0.0.1","ttl":4294967296}"#,
    r#"{"host":"10.0.0.1","ttl":4294967295}"#,
    r#"{"host":"10.0.0.1","port":9223372036854775807}"#,
    r#"{"host":"10.0.0.1","port":9223372036854775808}"#,
    r#"{"host":"10.0.0.1","port":-9223372036854775808}"#,
    r#"{"HOST":"10.0.0.1","Ttl":7}"#,
    r#"{"host":"10.0.0.1","HOST":"10.0.0.2"}"#,
    r#"{"HOST":"10.0.0.1","host":"10.0.0.2"}"#,
    r#"{"hoſt":"10.0.0.1"}"#,
    r#"{"host":"10.0.0.1","hoſt":"10.0.0.2"}"#,
    r#"{"host":"10.0.0.1","targetſtrip":1,"Group":"g1"}"#,
    r#"{"host ":"10.0.0.1"}"#,
    r#"{"hosts":"10.0.0.1"}"#,
    r#"{"h\u006fst":"10.0.0.1"}"#,
    r#"{"port":"80","port":80,"host":"10.0.0.1"}"#,
    r#"{"host":"10.0.0.1","host":null}"#,
    r#"{"host":"10.0.0.1","host":""}"#,
    r#"{"text":"\ud800"}"#,
    r#"{"text":"\ud83d\ude00"}"#,
    r#"{"text":"\u0000"}"#,
    r#"{"text":"\x"}"#,
    r#"{"text":"\u12"}"#,
    "{\"text\":\"a\nb\"}",
    "{\"text\":\"a\tb\"}",
    r#"{"host":"10.0.0.1","owner":"me","n":1e400,"x":{"y":[1,{"z":null}]}}"#,
    r#"{"host":"10.0.0.1","n":01}"#,
    r#"{"host":"10.0.0.1","n":NaN}"#,
    r#"{"key":"/x","-":"y","host":"10.0.0.1"}"#,
    "/* c */{}",
    "{\"host\":\"10.0.0.1\"}\n\n",
    r#"{"":1,"host":"10.0.0.1"}"#,
];

/// Ordinary weights, those that are 99 per cent of the whole, and those that are cut or overflow.
const WEIGHTS: [i64; 22] = [
    0,
    1,
    3,
    10,
    10,
    20,
    20,
    33,
    50,
    97,
    100,
    161,
    167,
    193,
    200,
    65_535,
    1_000_000,
    -1,
    -5,
    -1_000_000_000,
    i64::MAX,
    i64::MIN,
];

impl Set<'_> {
    pub(super) fn address(&mut self) -> String {
        self.pick(&ADDRESSES).to_owned()
    }

    pub(super) fn host(&mut self) -> String {
        match self.rng.u8(0..40) {
            0..=21 => self.address(),
            22..=24 => self.pick(&NEARLY).to_owned(),
            25..=29 => self.pick(&ELSEWHERE).to_owned(),
            30 => String::new(),
            33 => self.spelling(),
            31 => format!("{}.invalid", "l".repeat(64)),
            32 => vec!["l".repeat(60); 5].join("."),
            _ => self.alias().unwrap_or_else(|| "10.0.0.4".to_owned()),
        }
    }

    pub(super) fn spelling(&mut self) -> String {
        self.pick(&SPELLED).to_owned()
    }

    /// Returns the target of one more alias inside the zones, as long as there are not too many.
    pub(super) fn alias(&mut self) -> Option<String> {
        if self.aliases >= 4 {
            return None;
        }
        self.aliases += 1;
        Some(self.target())
    }

    pub(super) fn text(&mut self) -> String {
        match self.rng.u8(0..12) {
            0 => "t".repeat(self.pick(&[254, 255, 256, 509, 510, 511, 765])),
            // The cuts are in the middle of an escape, and in the middle of a letter.
            1 => format!(
                "{}{}",
                "t".repeat(self.pick(&[252, 253, 254])),
                self.pick(&[r"\065end", r"\\end", "\u{1f600}end", r"\"])
            ),
            _ => self.pick(&TEXTS).to_owned(),
        }
    }

    /// Returns a value with this host, and some of the other fields.
    pub(super) fn value(&mut self, host: &str) -> String {
        let mut fields = vec![];
        let mut number = |name: &str, value: i64| fields.push(format!("\"{name}\":{value}"));
        if self.once_in(2) {
            let ttl = self.pick(&[0, 1, 5, 60, 60, 300, 3600, 2_147_483_648, 4_294_967_295]);
            number("ttl", ttl);
        }
        if self.once_in(3) {
            let port = self.pick(&[80, 80, 443, 0, -1, -5, 65_535, 65_536, 70_000]);
            number("port", port);
        }
        if self.once_in(4) {
            let priority = self.pick(&[0, 1, 10, 20, 20, 65_535, 65_536, 70_000, -1, i64::MIN]);
            number("priority", priority);
        }
        if self.once_in(4) {
            let weight = self.pick(&WEIGHTS);
            number("weight", weight);
        }
        if self.once_in(5) {
            let strip = self.pick(&[0, 1, 1, 1, 2, 3, 4, 5, 100_000, -1]);
            number("targetstrip", strip);
        }
        if self.once_in(5) {
            fields.push("\"mail\":true".to_owned());
        }
        if self.once_in(6) {
            fields.push(format!("\"text\":{}", json(&self.text())));
        }
        if self.once_in(6) {
            fields.push(format!("\"group\":{}", json(self.pick(&["g1", "g1", "g2", "G1", ""]))));
        }
        fields.insert(self.rng.usize(0..=fields.len()), format!("\"host\":{}", json(host)));
        format!("{{{}}}", fields.join(","))
    }

    pub(super) fn strange(&mut self) -> Vec<u8> {
        match self.rng.usize(0..STRANGE.len() + 4) {
            _ if self.once_in(3) => self.mutated(),
            0 => b"{\"text\":\"\xff\xfe\"}".to_vec(),
            1 => b"{\"host\":\"10.0.0.1\",\"\xff\":1}".to_vec(),
            2 => nested(200).into_bytes(),
            3 => nested(self.pick(&[9_999, 10_000, 10_001])).into_bytes(),
            at => STRANGE[at - 4].as_bytes().to_vec(),
        }
    }
}

impl Set<'_> {
    /// Returns a value with one slip of the finger, or a few.
    fn mutated(&mut self) -> Vec<u8> {
        const SLIPS: &[u8] = b"{}[]:,\"\"\\ \n\t\r0123456789eE+-.tfnulaxX/\0\xff\xc3\xa4";
        let host = self.address();
        let mut value = self.value(&host).into_bytes();
        for _ in 0..self.rng.u8(1..4) {
            let at = self.rng.usize(0..value.len());
            match self.rng.u8(0..3) {
                0 if value.len() > 1 => drop(value.remove(at)),
                1 => value[at] = self.pick(SLIPS),
                _ => value.insert(at, self.pick(SLIPS)),
            }
        }
        value
    }
}

/// Returns a value whose unknown field holds arrays in one another, to this depth.
fn nested(depth: usize) -> String {
    format!("{{\"host\":\"10.0.0.1\",\"x\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1))
}

pub(super) fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
