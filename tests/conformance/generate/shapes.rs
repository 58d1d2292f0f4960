//! Shapes of records: each is one thing that a person wants.

use super::{
    Set,
    names::{name_of, of_zone},
    values::json,
};

impl Set<'_> {
    pub(super) fn add_shape(&mut self) {
        match self.rng.u8(0..50) {
            0..=13 => self.anything(),
            14..=19 => self.addresses(),
            20..=22 => self.own_alias(),
            23..=25 => self.apex(),
            26..=28 => self.name_servers(),
            29..=30 => self.services(),
            31..=32 => self.mail(),
            33..=34 => self.texts(),
            35..=36 => self.groups(),
            37..=39 => self.broken(),
            40 => self.loop_of_aliases(),
            41 => self.chain(),
            42..=44 => self.external_dns(),
            45..=46 => self.spelled(),
            _ => self.reverse(),
        }
    }

    fn anything(&mut self) {
        let place = self.place();
        let key = self.leaf(&place);
        let host = self.host();
        let value = self.value(&host);
        self.put(key, value);
    }

    /// Makes addresses for round robin, at one name.
    fn addresses(&mut self) {
        let place = self.place();
        for leaf in 1..=self.rng.u8(1..5) {
            let mut key = place.clone();
            key.push(format!("x{leaf}"));
            let host = self.address();
            let value = self.value(&host);
            self.put(key, value);
        }
    }

    /// Makes an alias at the name itself.
    fn own_alias(&mut self) {
        let place = self.place();
        let Some(target) = self.alias() else { return };
        let ttl = self.pick(&["", ",\"ttl\":60"]);
        self.put(place, format!("{{\"host\":{}{ttl}}}", json(&target)));
    }

    fn apex(&mut self) {
        let mut place = self.top();
        place.extend(["dns".to_owned(), "apex".to_owned()]);
        let key = self.leaf(&place);
        let host = self.host();
        let value = if self.once_in(6) { self.strange() } else { self.value(&host).into_bytes() };
        self.put(key, value);
    }

    fn name_servers(&mut self) {
        let mut place = self.top();
        place.extend(["dns".to_owned(), "ns".to_owned()]);
        for server in 0..self.rng.usize(1..4) {
            let mut key = place.clone();
            key.push(["a", "b", "c"][server].to_owned());
            let host = if self.once_in(8) { self.host() } else { self.address() };
            let value = self.value(&host);
            self.put(key, value);
        }
    }

    /// Makes several servers of one service, with the fields that decide between them.
    fn services(&mut self) {
        let mut place = self.place();
        place.extend(["_tcp".to_owned(), "_http".to_owned()]);
        // Sometimes one server has several ports.
        let shared = if self.once_in(3) { Some(self.host()) } else { None };
        for number in 1..=self.rng.u8(2..5) {
            let mut key = place.clone();
            key.push(format!("s{number}"));
            let host = if let Some(host) = &shared { host.clone() } else { self.host() };
            let value = self.value(&host);
            self.put(key, value);
        }
    }

    fn mail(&mut self) {
        let place = self.place();
        let key = self.leaf(&place);
        let host = self.host();
        let strip = self.pick(&["", "", ",\"targetstrip\":1"]);
        let priority = self.pick(&["", ",\"priority\":20", ",\"priority\":65536"]);
        self.put(key, format!("{{\"host\":{},\"mail\":true{priority}{strip}}}", json(&host)));
    }

    fn texts(&mut self) {
        let place = self.place();
        for _ in 0..self.rng.u8(1..4) {
            let key = self.leaf(&place);
            let text = json(&self.text());
            let host = self.pick(&["", "", "", ",\"host\":\"10.0.0.1\"", ",\"host\":\"www.example.org\""]);
            self.put(key, format!("{{\"text\":{text}{host}}}"));
        }
    }

    /// Makes groups at several depths, as the shortest key decides.
    fn groups(&mut self) {
        let place = self.place();
        for leaf in 1..=self.rng.u8(2..6) {
            let mut key = place.clone();
            key.push(format!("x{leaf}"));
            key.extend(vec!["d".to_owned(); self.pick(&[0, 0, 1, 1, 2])]);
            // The addresses differ, so that each can be seen.
            let group = self.pick(&["g1", "g1", "g2", ""]);
            self.put(key, format!("{{\"host\":\"10.1.0.{leaf}\",\"group\":\"{group}\"}}"));
        }
    }

    /// Makes strange values, each at a name of its own, because one breaks the others at its name.
    fn broken(&mut self) {
        for _ in 0..self.pick(&[1, 1, 1, 6]) {
            let mut key = self.place();
            key.push(format!("v{}", self.rng.u8(..)));
            let value = self.strange();
            self.put(key, value);
        }
    }

    fn loop_of_aliases(&mut self) {
        let names = [self.place(), self.place()];
        for (from, to) in [(0, 1), (1, 0)] {
            let Some(target) = name_of(&names[to]) else { return };
            if self.aliases < 4 {
                self.aliases += 1;
                self.put(names[from].clone(), format!("{{\"host\":{}}}", json(&target)));
            }
        }
        if self.once_in(2) {
            let key = self.leaf(&names[0]);
            self.put(key, "{\"host\":\"10.0.0.5\"}");
        }
    }

    /// Makes aliases one after the other, about as many as are followed.
    fn chain(&mut self) {
        let top = self.top();
        if self.names.iter().any(|name| name.iter().any(|label| label == "chain")) {
            return;
        }
        let link = |number: usize| {
            let mut name = top.clone();
            name.extend(["chain".to_owned(), format!("c{number}")]);
            name
        };
        let length = self.pick(&[9, 10, 11, 12, 13]);
        for number in 0..length {
            let target = name_of(&link(number + 1)).expect("zones and these labels are short");
            self.put(link(number), format!("{{\"host\":{}}}", json(&target)));
        }
        self.put(link(length), "{\"host\":\"10.0.0.6\",\"ttl\":60}");
    }

    /// Makes records as external-dns writes them: a leaf of eight digits, and a text beside it that names the owner.
    fn external_dns(&mut self) {
        let place = self.place();
        let Some((first, above)) = place.split_last() else { return };
        let text =
            json("\"heritage=external-dns,external-dns/owner=me,external-dns/resource=service/ns/www\"");
        let host = self.host();
        let kind = if host.parse::<std::net::IpAddr>().is_ok() { "a" } else { "cname" };
        let mut leaf = || format!("{:08x}", self.rng.u32(..) >> 1);
        let mut at = |name: String| {
            let mut key = above.to_vec();
            key.extend([name, leaf()]);
            key
        };
        let (record, owner) = (at(first.clone()), at(format!("{kind}-{first}")));
        self.put(record, format!("{{\"host\":{},\"targetstrip\":1,\"owner\":\"me\"}}", json(&host)));
        self.put(owner, format!("{{\"text\":{text},\"targetstrip\":1}}"));
    }

    /// Makes an alias whose target is its own name, or another, in another spelling.
    fn spelled(&mut self) {
        let mut key = self.top();
        key.push(self.pick(&[r"\195\188", "www", r"a\ b", r"a\@b"]).to_owned());
        let host = if self.once_in(3) { self.address() } else { self.spelling() };
        let key = self.leaf(&key);
        self.put(key, format!("{{\"host\":{}}}", json(&host)));
    }

    /// Makes PTR records, in the zones of addresses or, if none is served, at a name like any other.
    fn reverse(&mut self) {
        let zones: Vec<String> = self
            .options
            .zones
            .iter()
            .filter(|zone| of_zone(zone).first().is_some_and(|top| top == "arpa"))
            .cloned()
            .collect();
        let mut key = if zones.is_empty() { self.place() } else { of_zone(&self.pick(&zones)) };
        if key.get(1).is_some_and(|label| label == "ip6") {
            key.extend("0000000000000000000000000001".chars().map(|nibble| nibble.to_string()));
            key.truncate(34);
        } else {
            key.push(self.pick(&["1", "7", "25", "001"]).to_owned());
        }
        let key = if self.once_in(4) { self.leaf(&key) } else { key };
        let host = if self.once_in(5) { self.host() } else { "www.example.org.".to_owned() };
        self.put(key, format!("{{\"host\":{}}}", json(&host)));
    }
}
