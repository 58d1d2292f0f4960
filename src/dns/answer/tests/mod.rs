//! Rules of the answers, with one table for each family of them. A real `CoreDNS` judges them in `tests/conformance`.

mod aliases;
mod leases;
mod limits;
mod names;
mod reads;
mod services;
mod values;
mod zones;

use super::*;
use crate::{
    dns::{CoreDnsVersion, Fallthrough, KeyContent, LeaseLeft, LeaseTtl, OtherPlugins, ReadPart},
    keys::{LeaseId, Scope},
};

/// Records in a scope, and the serving that answers from them.
struct World {
    known: ReadPart,
    serving: Serving,
}

fn world(zones: &[&str], records: &[(&str, &str)]) -> World {
    let content = |value: &str| KeyContent { value: value.as_bytes().into(), lease: None };
    let records =
        records.iter().map(|(key, value)| (format!("/coredns/{key}").into_bytes().into(), content(value)));
    let zones = zones.iter().map(|zone| Name::parse(zone).unwrap()).collect();
    World {
        known: ReadPart::everything(records),
        serving: Serving::new(Scope::parse("/coredns").unwrap(), zones),
    }
}

impl World {
    fn ask(&self, name: &str, kind: &str) -> Answer {
        answer(&self.known, &self.serving, &Question::new(name, kind.parse().unwrap()).unwrap())
    }

    /// Returns the outcome, then each record; sections other than the answer are marked, the SOA is left out.
    fn says(&self, name: &str, kind: &str) -> String {
        let answer = self.ask(name, kind);
        let mut said = vec![format!("{:?}", answer.outcome)];
        said.extend(answer.answer.iter().map(ToString::to_string));
        let authority = answer.authority.iter().filter(|record| record.kind != QueryType::SOA);
        said.extend(authority.map(|record| format!("authority {record}")));
        said.extend(answer.additional.iter().map(|record| format!("+ {record}")));
        said.extend(answer.asks.iter().map(|ask| format!("asks {} {}", ask.name, ask.kind)));
        said.join("; ").replace(" IN ", " ")
    }

    fn why(&self, name: &str, kind: &str) -> String {
        self.ask(name, kind).why.to_string()
    }
}

#[track_caller]
fn table(world: &World, rows: &[(&str, &str, &str)]) {
    for (name, kind, says) in rows {
        assert_eq!(world.says(name, kind), *says, "{name} {kind}");
    }
}
