//! Steps of the way back, as lines for a terminal and for a page of the deck. A command stands indented.
use super::{
    Distribution, Holding, Holdings,
    distribution::{ALL, Handling},
    script::{WayBackContext, left_out},
};
use crate::{etcdctl::quoted, quantity::counted};

/// Indent of a command.
const COMMAND: &str = "     ";
/// Width of the lines of text.
const WIDTH: usize = 76;
/// Most holdings beside the largest that are named.
const OTHERS: usize = 5;

/// Input of the steps.
#[derive(Clone, Debug)]
pub struct Guide<'a> {
    /// The file that was saved.
    pub file: &'a str,
    /// The script beside it; there is none where the file has no keys of others.
    pub script: Option<&'a str>,
    pub holdings: &'a Holdings,
    pub context: &'a WayBackContext,
}

/// Writes all steps, from the file to `kubectl get nodes`. Lines that begin with five spaces are commands.
#[must_use]
pub fn steps(guide: &Guide<'_>) -> Vec<String> {
    let mut lines = StepLines::default();
    if let Some(own) = guide.holdings.own() {
        lines.text(&format!(
            "To bring back {} of {}:",
            counted(own.keys + own.leased_keys(), "key"),
            own.prefix
        ));
        lines.command(&format!("{} restore {}", guide.context.program, quoted(guide.file)));
    }
    let Some(script) = guide.script else { return lines.0 };
    let Some(largest) = guide.holdings.largest() else { return lines.0 };
    lines.blank();
    lines.text(
        "The other keys belong to other programs, and coredeck never writes them. The script beside the file puts them \
         back with etcdctl. It asks before it writes, and leaves keys alone that exist.",
    );
    let script = quoted(script);
    if let Some(kubernetes) = guide.holdings.of_kubernetes().filter(|kubernetes| kubernetes.keys > 0) {
        of_kubernetes(guide, kubernetes, &script, &mut lines);
    } else {
        lines.text(&format!("To put back {} of {}:", counted(largest.keys, "key"), largest.prefix));
        lines.command(&run(&script, largest));
        lines.leases(largest);
        others(guide, largest, &script, &mut lines);
    }
    lines.blank();
    lines.text("All this stands at the top of the script too.");
    lines.0
}

fn of_kubernetes(guide: &Guide<'_>, kubernetes: &Holding, script: &str, lines: &mut StepLines) {
    let handlings: Vec<Handling> = match guide.context.distribution {
        Some(distribution) => vec![distribution.handling()],
        None => ALL.map(Distribution::handling).into(),
    };
    let each = |lines: &mut StepLines, commands: fn(&Handling) -> &'static [&'static str]| {
        for handling in &handlings {
            if commands(handling).is_empty() {
                continue;
            }
            if handlings.len() > 1 {
                lines.item(&format!("{}:", handling.name));
            }
            lines.commands(commands(handling));
        }
    };
    lines.blank();
    lines.step("Stop every API server, so that nobody writes meanwhile. On each control plane node:");
    for handling in &handlings {
        if handlings.len() > 1 {
            lines.item(&format!("{}:", handling.name));
        }
        lines.commands(handling.stop);
        if !handling.why.is_empty() {
            lines.item(handling.why);
        }
        if let Some(command) = handling.until_empty {
            lines.item("Wait until this prints nothing:");
            lines.command(command);
        }
    }
    if guide.context.distribution.is_none() {
        lines.item("Installed otherwise: stop what runs kube-apiserver there, and leave etcd running.");
    }
    lines.step("Save what there is now:");
    lines.command(&format!("{} snapshot --to before-put-back.db", guide.context.program));
    let default = guide.holdings.largest().is_some_and(|largest| largest == kubernetes);
    lines.step(&format!("Put {} of {} back:", counted(kubernetes.keys, "key"), kubernetes.owner()));
    lines.command(&if default { format!("sh {script}") } else { run(script, kubernetes) });
    lines.leases(kubernetes);
    lines.item(
        "Where it says that keys existed, an API server has made those anew: with --overwrite the old ones come back.",
    );
    others(guide, kubernetes, script, lines);
    lines.step("Start the API servers again, on each control plane node:");
    each(lines, |handling| handling.start);
    lines.step("Restart the controllers, the scheduler and the kubelets. On each control plane node:");
    each(lines, |handling| handling.restart);
    if handlings.iter().any(|handling| handling.restart.is_empty()) {
        lines.item(if handlings.len() > 1 {
            "k3s and RKE2 have done so with step 4."
        } else {
            "Step 4 has done so."
        });
    }
    lines.item("On every other node:");
    each(lines, |handling| handling.restart_nodes);
    lines.step("See that it worked: nodes become Ready, namespaces and pods are as before:");
    let kubectl =
        handlings.first().filter(|_| handlings.len() == 1).map_or("kubectl", |handling| handling.kubectl);
    for what in ["get nodes", "get namespaces", "get pods --all-namespaces"] {
        lines.command(&format!("{kubectl} {what}"));
    }
    lines.blank();
    lines.text(
        "Or bring all of etcd back from a snapshot that is older than the accident, into a new data directory on every \
         member (etcdutl snapshot restore): everything that came after it is lost then.",
    );
}

/// Returns the command that puts one holding back.
fn run(script: &str, holding: &Holding) -> String {
    let dashes = if holding.prefix.starts_with('-') { "-- " } else { "" };
    format!("sh {script} {dashes}{}", quoted(&holding.prefix))
}

/// Lists the other holdings that can be put back.
fn others(guide: &Guide<'_>, than: &Holding, script: &str, lines: &mut StepLines) {
    let others: Vec<_> =
        guide.holdings.of_others().into_iter().filter(|other| *other != than && other.keys > 0).collect();
    if others.is_empty() {
        return;
    }
    lines.item("Keys of others, where they are missing:");
    for other in others.iter().take(OTHERS) {
        let whose = Some(other.owner()).filter(|owner| !owner.is_empty()).map(|owner| format!(" of {owner}"));
        let whose = whose.unwrap_or_default();
        lines.command(&format!("{}    # {}{whose}", run(script, other), counted(other.keys, "key")));
    }
    if others.len() > OTHERS {
        lines.item(&format!("{} more:", others.len() - OTHERS));
        lines.command(&format!("sh {script} --list"));
    }
}

#[derive(Default)]
struct StepLines(Vec<String>, u32);

impl StepLines {
    fn blank(&mut self) {
        if !self.0.is_empty() {
            self.0.push(String::new());
        }
    }

    fn text(&mut self, text: &str) {
        self.wrapped(text, "", "");
    }

    /// Adds a paragraph of a step.
    fn item(&mut self, text: &str) {
        self.wrapped(text, "   ", "   ");
    }

    fn step(&mut self, text: &str) {
        self.1 += 1;
        let number = format!("{}. ", self.1);
        self.wrapped(text, &number, "   ");
    }

    fn command(&mut self, command: &str) {
        self.0.push(format!("{COMMAND}{command}"));
    }

    fn commands(&mut self, commands: &[&str]) {
        for command in commands {
            self.command(command);
        }
    }

    fn leases(&mut self, holding: &Holding) {
        let left_out = left_out(holding);
        if !left_out.is_empty() {
            self.item(&format!("It leaves out {left_out}"));
        }
    }

    fn wrapped(&mut self, text: &str, first: &str, then: &str) {
        let mut line = first.to_owned();
        let mut is_empty = true;
        for word in text.split(' ') {
            if !is_empty && line.len() + 1 + word.len() > WIDTH {
                self.0.push(std::mem::replace(&mut line, then.to_owned()));
                is_empty = true;
            }
            if !is_empty {
                line.push(' ');
            }
            line.push_str(word);
            is_empty = false;
        }
        self.0.push(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{ClusterId, ForeignKeyValue, LeaseId, Revision};
    use crate::way_back::EtcdctlConnection;

    fn holdings(keys: &[(&str, i64)]) -> Holdings {
        let mut holdings = Holdings::new(ClusterId(7), Revision(9), "/coredns/");
        for (key, lease) in keys {
            holdings.add(&ForeignKeyValue {
                key: key.as_bytes().into(),
                value: b"v"[..].into(),
                create_revision: Revision(1),
                mod_revision: Revision(2),
                version: 1,
                lease: LeaseId::new(*lease),
            });
        }
        holdings
    }

    /// Beginning of a line for this program in the steps.
    const PROGRAM: &str = "coredeck --endpoints=https://10.0.0.11:2379";
    const SHARED: &[(&str, i64)] = &[
        ("/registry/pods/a", 0),
        ("/registry/pods/b", 0),
        ("/registry/events/default/x", 5),
        ("/coredns/io/gcr/x1", 0),
        ("/calico/x", 0),
    ];

    fn lines(keys: &[(&str, i64)], script: Option<&str>, distribution: Option<Distribution>) -> Vec<String> {
        let context = WayBackContext {
            connection: EtcdctlConnection::default(),
            program: PROGRAM.to_owned(),
            distribution,
        };
        steps(&Guide { file: "/root/all.jsonl.gz", script, holdings: &holdings(keys), context: &context })
    }

    #[test]
    fn every_distribution_says_how_its_api_server_stops_and_how_it_is_seen_that_it_worked() {
        for (distribution, stops, starts) in [
            (
                Distribution::Kubeadm,
                "mv /etc/kubernetes/manifests/kube-apiserver.yaml /root/",
                "mv /root/kube-apiserver.yaml",
            ),
            (
                Distribution::Kubespray,
                "mv /etc/kubernetes/manifests/kube-apiserver.yaml /root/",
                "mv /root/kube-apiserver.yaml",
            ),
            (Distribution::K3s, "systemctl restart k3s", "rm /etc/rancher/k3s/config.yaml.d/etcd-only.yaml"),
            (
                Distribution::Rke2,
                "systemctl restart rke2-server",
                "rm /etc/rancher/rke2/config.yaml.d/etcd-only.yaml",
            ),
            (Distribution::K0s, "pkill -STOP -x kube-apiserver", "pkill -KILL -x kube-apiserver"),
        ] {
            let lines = lines(SHARED, Some("/root/all.put-back.sh"), Some(distribution));
            let at = |text: &str| {
                lines
                    .iter()
                    .position(|line| line.contains(text))
                    .unwrap_or_else(|| panic!("{text}: {lines:#?}"))
            };
            let put_back = lines.iter().position(|line| line == "     sh /root/all.put-back.sh").unwrap();
            assert!(
                at(&format!("{PROGRAM} restore /root/all.jsonl.gz")) < at(stops) && at(stops) < put_back,
                "{lines:#?}"
            );
            assert!(at(&format!("{PROGRAM} snapshot --to ")) < put_back, "{lines:#?}");
            assert!(put_back < at(starts) && at(starts) < at("get nodes"), "{lines:#?}");
            assert!(
                at("/registry/events/ 1") > put_back && at("sh /root/all.put-back.sh /calico/") > put_back
            );
            for line in lines.iter().filter(|line| !line.starts_with(COMMAND)) {
                assert!(line.len() <= WIDTH, "{line}");
            }
        }
    }

    #[test]
    fn a_machine_that_does_not_say_who_installed_it_is_told_all_ways() {
        let lines = lines(SHARED, Some("/root/all.put-back.sh"), None);
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn keys_of_the_scope_alone_come_back_with_restore_and_nothing_of_kubernetes_is_said() {
        let lines = lines(&[("/coredns/io/gcr/x1", 0)], None, Some(Distribution::Kubeadm));
        let restore = format!("     {PROGRAM} restore /root/all.jsonl.gz");
        assert_eq!(lines, ["To bring back 1 key of /coredns/:", &restore]);
    }

    #[test]
    fn others_than_kubernetes_have_one_command_and_no_api_server() {
        let lines = lines(&[("--x/a", 0), ("/calico/x", 0), ("/calico/y", 0)], Some("/tmp/a b.sh"), None);
        assert!(lines.contains(&"     sh '/tmp/a b.sh' -- --x/    # 1 key".to_owned()), "{lines:#?}");
        assert!(lines.contains(&"     sh '/tmp/a b.sh' /calico/".to_owned()), "{lines:#?}");
        assert!(!lines.iter().any(|line| line.contains("kube")), "{lines:#?}");
    }
}
