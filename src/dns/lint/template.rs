//! Template for a Corefile: the lines that answer for a wildcard, which etcd cannot hold.

use crate::dns::{Class, Name, Service, StoredRecord};
use std::net::IpAddr;

/// Records at a stored wildcard and below it, as far as a template can answer them.
#[derive(Debug, Default)]
pub(super) struct Wildcard {
    addresses: Vec<(IpAddr, u32)>,
    alias: Option<(String, u32)>,
}

impl Wildcard {
    pub(super) fn take(&mut self, record: StoredRecord<'_>) {
        let Ok(service) = Service::decode(record.value) else { return };
        let ttl = service.ttl.filter(|ttl| *ttl != 0).unwrap_or(crate::dns::DEFAULT_TTL);
        match service.class() {
            Class::V4(address) => self.addresses.push((address.into(), ttl)),
            Class::V6(address) => self.addresses.push((address.into(), ttl)),
            Class::Alias if crate::dns::Name::parse(&service.host).is_ok() => {
                self.alias.get_or_insert((service.host.trim_end_matches('.').to_owned(), ttl));
            }
            Class::Alias | Class::Text | Class::Nothing => {}
        }
    }

    /// Returns the blocks that answer for every name below `above`: one for each family, and one that answers NODATA
    /// for other types, for which etcd would otherwise answer that there is no such name.
    pub(super) fn lines(&self, above: &Name) -> Vec<String> {
        let zone = above.to_string();
        // The pattern may hold only characters that a regular expression takes literally.
        if !zone.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')) {
            return vec![];
        }
        let pattern = format!("^.+[.]{}[.]$", zone.replace('.', "[.]"));
        let block = |kind: &str, answers: Vec<String>| {
            let mut lines = vec![format!("template IN {kind} {zone} {{"), format!("    match {pattern}")];
            lines.extend(answers.into_iter().map(|answer| format!("    {answer}")));
            lines.push("    fallthrough".to_owned());
            lines.push("}".to_owned());
            lines
        };
        if let Some((target, ttl)) = &self.alias {
            let answer = format!("answer \"{{{{ .Name }}}} {ttl} IN CNAME {target}.\"");
            return block("ANY", vec![answer]);
        }
        let of = |kind: &str, is: fn(&IpAddr) -> bool| {
            let all = self.addresses.iter().filter(|(address, _)| is(address));
            all.map(|(address, ttl)| format!("answer \"{{{{ .Name }}}} {ttl} IN {kind} {address}\""))
                .collect()
        };
        let mut lines = vec![];
        for (kind, answers) in [("A", of("A", IpAddr::is_ipv4)), ("AAAA", of("AAAA", IpAddr::is_ipv6))] {
            let answers: Vec<String> = answers;
            if !answers.is_empty() {
                lines.extend(block(kind, answers));
            }
        }
        if !lines.is_empty() {
            lines.extend(block("ANY", vec!["rcode NOERROR".to_owned()]));
        }
        lines
    }
}
