//! Move to another etcd that is killed in its copy and in its removal, twice each, and then finished.
use crate::{
    cli::Home,
    deed::Deed,
    etcd::{self, PrivateEtcd},
    killed::killed,
    rig::{Records, Rig, records},
};

const SCOPE: &str = "/coredns/";
/// The keys take three transactions.
const KEYS: usize = 300;

struct Move {
    rig: Rig,
    new: PrivateEtcd,
    /// The records of the old etcd, which the new one has to get.
    all: Records,
}

impl Move {
    fn arguments(&self, removes: bool, keys: usize) -> Vec<String> {
        let mut arguments = vec!["migrate".to_owned(), "--to".to_owned(), self.new.endpoint()];
        arguments.extend(removes.then(|| "--remove-old".to_owned()));
        arguments.extend(["--confirm", SCOPE, "--expect", &keys.to_string()].map(str::to_owned));
        arguments
    }

    fn kill(&self, removes: bool, keys: usize, point: &str) {
        let arguments = self.arguments(removes, keys);
        killed(self.rig.home(), &arguments.iter().map(String::as_str).collect::<Vec<_>>(), point);
    }

    fn go_on(&self, removes: bool, keys: usize) -> crate::cli::Run {
        let arguments = self.arguments(removes, keys);
        self.rig.home().run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn in_old(&self) -> Records {
        records(self.rig.etcd(), SCOPE)
    }

    fn in_new(&self) -> Records {
        records(&self.new, SCOPE)
    }

    /// Checks that this is a part of the records, each as it was.
    fn check_a_part(&self, part: &Records) -> usize {
        assert!(!part.is_empty() && part.len() < self.all.len(), "{}", part.len());
        assert!(part.iter().all(|(key, record)| self.all.get(key) == Some(record)));
        part.len()
    }
}

/// Concludes an entry at an etcd that was broken off and whose changes have been made since.
fn conclude(home: &Home, endpoint: &str, entries: usize) {
    let at = |more: &[&str]| home.run(&[&["--endpoints", endpoint, "resume"], more].concat());
    let told = at(&["-o", "json"]).ends_with(6).json();
    assert_eq!(told.len(), entries);
    for entry in told {
        assert_eq!(entry["not_made"], 0, "{entry}");
        at(&[entry["id"].as_str().unwrap()]).ends_with(0).says("Nothing was sent to etcd.");
    }
    at(&[]).ends_with(0);
}

pub fn kill_a_move() {
    let (rig, new) = (Rig::of(Deed::Remove, KEYS), etcd::start());
    let all = records(rig.etcd(), SCOPE);
    let moved = Move { rig, new, all };
    let (count, home) = (moved.all.len(), moved.rig.home());

    moved.kill(false, count, "committed:0");
    let copied = moved.check_a_part(&moved.in_new());
    moved.kill(false, count - copied, "committing:1");
    let more = moved.check_a_part(&moved.in_new());
    assert!(more > copied);
    moved.go_on(false, count - more).ends_with(0);
    assert!(moved.in_new() == moved.all && moved.in_old() == moved.all);
    conclude(home, &moved.new.endpoint(), 2);

    moved.kill(true, count, "committed:0");
    let left = moved.check_a_part(&moved.in_old());
    // A session that does not look at the new etcd cannot go on.
    let entry = home.run(&["resume", "-o", "json"]).ends_with(6).json().remove(0);
    let expect = left.to_string();
    let resume = ["resume", entry["id"].as_str().unwrap(), "--confirm", SCOPE, "--expect", &expect];
    home.run(&resume).ends_with(4).says("--remove-old again");
    assert_eq!(moved.in_old().len(), left);
    // A record that is gone from the old etcd still has to be in the new one.
    let gone = moved.all.iter().find(|(key, _)| !moved.in_old().contains_key(*key)).unwrap();
    moved.new.etcdctl(&["del", gone.0]);
    moved.go_on(true, left).ends_with(4).says("does not agree");
    assert_eq!(moved.in_old().len(), left);
    moved.new.put(gone.0, &gone.1.value);
    moved.kill(true, left, "committing:1");
    let less = moved.check_a_part(&moved.in_old());
    assert!(less < left);
    moved.go_on(true, less).ends_with(0);
    assert!(moved.in_old().is_empty() && moved.in_new() == moved.all);
    conclude(home, &moved.rig.etcd().endpoint(), 2);
}
