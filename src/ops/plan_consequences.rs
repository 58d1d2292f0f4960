//! Foresight for a plan, read and worked out before anybody is asked to agree to it.
use super::implicit_zones::ImplicitZones;
use crate::{
    config::Settings,
    dns::{Companions, Effort, Name, ReadPart, ZONES_ARE_GUESSED, companions},
    failure::Failure,
    keys::{Scope, spelling::spell},
    ops::{Consequences, contents_after, has_top, known_from, settle_at},
    plan::{Intent, Plan},
    store::Reader,
};

/// Foresight of a plan's consequences. Consequences that cannot be read are not known, and do not count as none.
#[derive(Debug)]
pub struct PlanConsequences {
    pub consequences: Result<Consequences, Failure>,
    /// The top-level names that may or may not be zones, and the leases that could not be asked for.
    pub unsure: Vec<String>,
}

/// The most keys that are read to compare answers: a scope of this size is read in one go.
const READ: usize = 20_000;
/// The most changes that are looked at: each takes reads of its own, and no more names have their answers compared.
const LOOKED_AT: usize = 500;

/// Works out the consequences of an intent's plan. Reads at the plan's revision, and only the necessary keys.
pub async fn foresee<R: Reader>(
    reader: &R,
    settings: &Settings,
    intent: &Intent,
    plan: &Plan,
) -> PlanConsequences {
    let scope = &settings.scope.value;
    let mut tops = ImplicitZones::with_records(names(plan, scope));
    let mut unsure = Vec::new();
    let effort = Effort { keys: READ, changes: LOOKED_AT, ..Effort::default() };
    let mut changed: Vec<Name> = names(plan, scope).take(LOOKED_AT).collect();
    let consequences = loop {
        let ask = |known: &ReadPart| {
            let mut guess = tops.near(settings, known, &changed);
            plan.keys().for_each(|key| guess.take_key(scope, key.as_bytes()));
            Consequences::of(known, known, &settings.serving(guess), (intent, plan), &effort)
        };
        let known = known_from(intent, plan, scope);
        let settled = match settle_at(reader, scope, plan.read_at(), known, ask).await {
            Ok(settled) => settled,
            Err(failure) => break Err(failure),
        };
        // An alias may lead to a top-level name that is a zone as well.
        let met = names_asked_elsewhere(&settled.value);
        changed.extend(met.iter().cloned());
        match tops.meet(reader, settings, met).await {
            Ok(true) => {}
            Ok(false) => {
                let leases = settled.unknown_leases.iter();
                unsure.extend(leases.map(|lease| format!("lease {lease} could not be asked for its time")));
                break Ok(settled.value);
            }
            Err(failure) => break Err(failure),
        }
    };
    if settings.has_no_zones() {
        unsure.push(ZONES_ARE_GUESSED.to_owned());
    }
    let tops = tops.denied.iter().map(|(top, _)| {
        let label = top.labels().next_back().unwrap_or_default();
        format!("whether {} is served from here may not be read", spell(label))
    });
    PlanConsequences { consequences, unsure: tops.chain(unsure).collect() }
}

/// Returns the PTR records that belong to the plan of an intent.
///
/// # Errors
/// The store's failure of a read.
pub async fn ptr_records<R: Reader>(
    reader: &R,
    settings: &Settings,
    intent: &Intent,
    plan: &Plan,
) -> Result<Companions, Failure> {
    let scope = &settings.scope.value;
    let mut tops = ImplicitZones::with_records(names(plan, scope));
    let arpa = Name::parse("arpa").ok();
    // Reverse names are taken to be served while that is not known: mostly there is nothing to propose, and so nothing
    // to look up.
    tops.zones.extend(arpa.iter().filter(|arpa| !tops.zones.contains(arpa)).cloned().collect::<Vec<_>>());
    let serving = settings.serving(&tops.zones);
    let changes = contents_after(plan);
    let ask = |known: &ReadPart| companions(known, &serving, &changes);
    let found = settle_at(reader, scope, plan.read_at(), known_from(intent, plan, scope), ask).await?.value;
    let is_guess = settings.has_no_zones() && !(found.list.is_empty() && found.left_out == 0);
    if is_guess && !has_top(reader, scope, b"arpa").await? {
        return Ok(Companions::default());
    }
    Ok(found)
}

/// Returns the names of the changed keys: each has something at it before the change, or after it.
fn names(plan: &Plan, scope: &Scope) -> impl Iterator<Item = Name> {
    plan.keys().map(|key| Name::of_key(scope, key))
}

fn names_asked_elsewhere(found: &Consequences) -> Vec<Name> {
    let answers = found.impact.shifts.iter().flat_map(|shift| [&shift.before, &shift.after]);
    answers.flat_map(|answer| &answer.asks).filter_map(|ask| Name::parse(&ask.name).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{Environment, Flags},
        ops::prepare,
        store::memory::Memory,
    };

    struct Nothing;
    impl Environment for Nothing {
        fn variable(&self, _: &str) -> Option<std::ffi::OsString> {
            None
        }
    }

    /// Makes settings for a scope whose top-level names are its zones.
    fn settings() -> Settings {
        Settings::merge(&Flags { corefile: Some("none".into()), ..Flags::default() }, &Nothing).unwrap()
    }

    async fn planned(store: &Memory, settings: &Settings, intent: &Intent) -> Plan {
        prepare(&store.reader(), &settings.scope.value, &[], intent.clone()).await.unwrap()
    }

    fn deletion(settings: &Settings, tail: &str) -> Intent {
        let key = settings.scope.value.key(format!("/coredns/{tail}").as_bytes()).unwrap();
        Intent::Delete { key }
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_not_known_and_never_no_change() {
        let settings = settings();
        let store = Memory::demo(&settings.scope.value);
        let intent = deletion(&settings, "io/gcr/x1");
        let plan = planned(&store, &settings, &intent).await;
        let [who, what] = ["dns", "[/coredns/io/, /coredns/io0)"].map(str::to_owned);
        store.fail_everything(Failure::PermissionDenied { who, action: "read", what });
        let foresight = foresee(&store.reader(), &settings, &intent, &plan).await;
        assert!(foresight.consequences.is_err(), "{foresight:?}");
        let delete = deletion(&settings, "org/example/lan/node1/x1");
        store.recover();
        let plan = planned(&store, &settings, &delete).await;
        store.fail_everything(Failure::LeaderChanged { endpoint: "a".to_owned() });
        assert!(ptr_records(&store.reader(), &settings, &delete, &plan).await.is_err());
    }

    #[tokio::test]
    async fn the_records_are_those_that_the_plan_was_made_of() {
        let settings = settings();
        let store = Memory::demo(&settings.scope.value);
        let intent = deletion(&settings, "org/example/www/x1");
        let plan = planned(&store, &settings, &intent).await;
        // A change by others after it is a conflict, and no consequence.
        store.seed().put("/coredns/org/example/www/x9", "{");
        let foresight = foresee(&store.reader(), &settings, &intent, &plan).await;
        let lines = foresight.consequences.unwrap().impact.lines();
        let www = lines.iter().find(|line| line.name.to_string() == "www.example.org").unwrap();
        assert_eq!(www.change, "3 addresses -> 2 addresses (without 192.0.2.11)");
    }

    #[tokio::test]
    async fn an_alias_into_another_top_level_name_is_followed_there() {
        let settings = settings();
        let store = Memory::new(&settings.scope.value);
        store.seed().put("/coredns/io/gcr/x1", r#"{"host":"10.0.0.1"}"#);
        let key = settings.scope.value.key(b"/coredns/org/www").unwrap();
        let intent = Intent::Create { key, value: br#"{"host":"gcr.io"}"#[..].into(), lease: None };
        let plan = planned(&store, &settings, &intent).await;
        let foresight = foresee(&store.reader(), &settings, &intent, &plan).await;
        let shifts = foresight.consequences.unwrap().impact.shifts;
        let mut told = shifts.iter().map(ToString::to_string);
        assert!(told.any(|told| told == "www.org A: NXDOMAIN -> 10.0.0.1"), "{shifts:?}");
    }
}
