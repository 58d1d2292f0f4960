//! Changes that are killed: the deletion of a subtree, and a plan from a file that creates, updates and deletes.
use crate::{
    cli::Home,
    rig::{CHALLENGE, NAME, Record, Records, Rig},
};
use std::fs;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// `rm --recursive`.
    Remove,
    /// `plan --prune`, and `apply` of what it printed.
    Apply,
}

/// Change of one key.
enum Fate {
    Create,
    Update,
    Delete,
}

impl Deed {
    /// Returns the change of a key, and whether it has a lease. Of every six keys of a plan two are created, two
    /// updated and two deleted, one of each two with a lease. Only a deleted key has none, because its undo would ask
    /// about the lease.
    fn fate(self, number: usize) -> (Fate, bool) {
        match (self, number % 3) {
            (Self::Remove, _) | (Self::Apply, 1) => (Fate::Delete, false),
            (Self::Apply, 0) => (Fate::Update, number.is_multiple_of(2)),
            (Self::Apply, _) => (Fate::Create, number.is_multiple_of(2)),
        }
    }

    /// Returns the records below the name before this many changes, and after them.
    pub fn records(self, changes: usize) -> (Records, Records) {
        let (mut before, mut after) = (Records::new(), Records::new());
        for number in 0..changes {
            let key = format!("{CHALLENGE}n{number:05}/x1");
            let (fate, leased) = self.fate(number);
            let with = |ttl: u32| {
                let address = format!("10.{}.{}.{}", number / 65_536, number / 256 % 256, number % 256);
                Record { value: format!(r#"{{"host":"{address}","ttl":{ttl}}}"#), leased }
            };
            if !matches!(fate, Fate::Create) {
                before.insert(key.clone(), with(60));
            }
            if !matches!(fate, Fate::Delete) {
                after.insert(key, with(61));
            }
        }
        (before, after)
    }

    /// Returns the arguments that make the change, confirmed. A plan is saved on the way.
    pub fn arguments(self, rig: &Rig, home: &Home) -> Vec<String> {
        let change = match self {
            Self::Remove => vec!["rm".to_owned(), "-r".to_owned(), NAME.to_owned()],
            Self::Apply => vec!["apply".to_owned(), save_a_plan(rig, home)],
        };
        change.into_iter().chain(consent(CHALLENGE, rig.before(), rig.after(), rig.keys())).collect()
    }
}

/// Returns `--confirm` and `--expect` for `keys` changes that lead from one state to another.
pub fn consent(challenge: &str, before: &Records, after: &Records, keys: usize) -> Vec<String> {
    let lost = before.iter().filter(|(key, record)| after.get(*key) != Some(record)).count();
    let expect = if lost == 0 { keys } else { lost };
    ["--confirm", challenge, "--expect", &expect.to_string()].map(str::to_owned).to_vec()
}

fn save_a_plan(rig: &Rig, home: &Home) -> String {
    let line = |(key, record): (&String, &Record)| {
        // An update keeps the key's lease.
        let lease =
            if record.leased && !rig.before().contains_key(key) { r#","lease_ttl":86400"# } else { "" };
        format!("{{\"key\":\"{key}\",\"value\":{}{lease}}}\n", record.value)
    };
    let (wanted, plan) = (home.path().join("wanted.jsonl"), home.path().join("plan.json"));
    fs::write(&wanted, rig.after().iter().map(line).collect::<String>()).unwrap();
    let wanted = wanted.to_str().unwrap();
    let run = home.run(&["plan", wanted, "--only", NAME, "--prune", "-o", "json"]).ends_with(6);
    fs::write(&plan, run.out).unwrap();
    plan.to_str().unwrap().to_owned()
}
