//! Node of a control plane that knows only its own member, as each installer leaves it.
use crate::{
    cli::Run,
    lab::{FIRST, Lab},
    pty::{Terminal, coredeck},
};
use std::{fs, path::Path, process::Command, time::Duration};
use tempfile::TempDir;

struct Node {
    lab: Lab,
    root: TempDir,
}

impl Node {
    /// Makes a node of kubeadm with the first member.
    fn new() -> Self {
        let (lab, root) = (Lab::new(), tempfile::tempdir().unwrap());
        let (pki, manifests) = ("etc/kubernetes/pki/etcd", "etc/kubernetes/manifests");
        for directory in [pki, manifests] {
            fs::create_dir_all(root.path().join(directory)).unwrap();
        }
        let names = ["ca.crt", "healthcheck-client.crt", "healthcheck-client.key"];
        for ((_, from), name) in lab.files.iter().zip(names) {
            fs::copy(from, root.path().join(pki).join(name)).unwrap();
        }
        let endpoint = &lab.cluster.endpoints()[0];
        let manifest = format!(
            "spec:\n  containers:\n  - command:\n    - etcd\n    - --advertise-client-urls={endpoint}\n"
        );
        fs::write(root.path().join(manifests).join("etcd.yaml"), manifest).unwrap();
        Self { lab, root }
    }

    fn variables(&self) -> [(&'static str, &Path); 2] {
        [("COREDECK_TEST_ROOT", self.root.path()), ("COREDECK_COREFILE", Path::new(""))]
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command: Command = self.lab.home.command(arguments);
        command.envs(self.variables());
        Run::of(command)
    }

    fn prints(&self, arguments: &[&str], code: i32, text: &str) {
        let run = self.run(arguments).ends_with(code);
        assert!(run.out.contains(text), "{run:?}");
    }

    fn deck(&self) -> Terminal {
        let mut command = coredeck(self.lab.home.path(), &["gcr.io"]);
        command.cwd("/");
        for (variable, value) in self.lab.home.variables() {
            command.env(variable, value);
        }
        for (variable, value) in self.variables() {
            command.env(variable, value);
        }
        Terminal::start(command, 100, 24)
    }
}

#[test]
fn the_member_of_this_machine_dies_and_the_others_stand_in_for_it() {
    let mut node = Node::new();
    // An election would be visible.
    if node.lab.cluster.leader() == 0 {
        node.lab.hand_over(0, 1);
    }
    let mut deck = node.deck();
    // Text that comes in one piece with its Enter was pasted.
    deck.shows("First contact").press("oslo").shows("Label: oslo").settle(Duration::from_millis(300));
    deck.press("\r").hides("First contact").shows("10.0.0.1").shows("live");
    node.lab.cluster.kill(0);
    let (doubts, took) = node.lab.write_and_see(&mut deck, 1, 7);
    assert_eq!(doubts, [""; 0], "it was felt for {took:?}");
    deck.shows("live").shows("WRITE");
    deck.press("s").shows("3 members, 2 up").press("\x1b").hides("3 members").press("q");
    assert!(deck.end().success());

    // The next start finds the others too: their addresses were kept with the cluster.
    node.prints(&["get", "gcr.io"], 0, "10.0.0.1");
    node.prints(&["status"], 6, "3 members, 2 up");
    node.run(&["set", FIRST, "--host", "10.0.0.3", "--confirm", FIRST]).ends_with(0);
    let mut deck = node.deck();
    deck.shows("10.0.0.3").shows("live").shows("WRITE").press("q");
    assert!(deck.end().success());

    // An endpoint that is named means only that one.
    let dead = node.lab.cluster.endpoints()[0].clone();
    node.run(&["get", "gcr.io", "--endpoints", &dead]).ends_with(3);

    node.lab.cluster.restart(0);
    node.prints(&["get", "gcr.io"], 0, "10.0.0.3");
}
