//! Surroundings of a deleting line: none of them makes this program say that the line does nothing.
use super::scope;
use coredeck::etcdctl::{Danger, Explanation, Hits, explain, quoted};
use proptest::prelude::*;

const ACCIDENTS: &[&str] = &[
    "etcdctl del / coredns",
    "etcdctl del --prefix /",
    "etcdctl del --from-key /",
    "etcdctl --endpoints $ENDPOINTS --cacert=$CA --user root:$PW del / --prefix",
    "ETCDCTL_ENDPOINTS=$ENDPOINTS etcdctl del / coredns",
    "etcdctl $OPTIONS del / coredns",
    "etcdctl del $WHAT",
    "etcdctl watch / -- etcdctl del / --prefix",
    "etcdctl lock x -- etcdctl del / --prefix",
];

/// Words that run the command behind them.
const BEFORE: &[&str] = &[
    "",
    "sudo",
    "sudo -u root -E --",
    "doas -u root",
    "env ETCDCTL_API=3",
    "env -i",
    "nohup",
    "setsid",
    "nice -n 5",
    "ionice -c 2",
    "timeout -k 1 20",
    "stdbuf -oL",
    "chroot /host",
    "nsenter -t 1 -m --",
    "flock -w 5 /tmp/lock",
    "taskset 1",
    "runuser -u etcd --",
    "ip netns exec blue",
    "kubectl exec -n kube-system etcd-m1 --",
    "oc rsh -n openshift-etcd etcd-m1",
    "docker exec -it etcd",
    "crictl exec 3f2a1",
    "nerdctl -n k8s.io exec etcd",
    "xargs -n1",
    "find . -exec",
    "etcdctl watch /x --",
    "etcdctl lock x --",
    "unheard-of --flag",
    "docker run --rm etcd",
    "0 0 * * * root",
];

/// Words that run a text, which is one word.
const TEXT: &[&str] = &[
    "sh -c",
    "bash -lc",
    "su -c",
    "su - root -c",
    "runuser -l root -c",
    "flock /tmp/lock -c",
    "eval",
    "watch",
    "watch -n1",
    "ssh -p 22 root@m1",
    "kubectl exec etcd-m1 -- sh -c",
    "etcdctl watch /x -- sh -c",
    "find . -exec bash -c",
    "unheard-of",
    "trap",
    "ansible all -m shell -a",
];

/// Texts around it, with `{}` for it.
const INSIDE: &[&str] = &[
    "X=$({})",
    "echo \"$({})\"",
    "export X=`{}`",
    "cat <({})",
    "if true; then {}; fi",
    "for i in 1 2; do {}; done",
    "f() { {}; }",
    "true && {}",
    "! {} &",
    "bash <<END\n{}\nEND\n",
    "cat <<'END' | ssh m1\n{}\nEND\n",
    "ssh m1 <<'END'\n{}\nEND\n",
];

fn worst(text: &str) -> Explanation {
    let explained = explain(text.as_bytes(), &scope());
    let worst = explained.into_iter().max_by_key(|one| (one.verdict, one.deletes));
    worst.unwrap_or_else(|| panic!("nothing is said of {text}"))
}

fn is_told(text: &str) {
    let worst = worst(text);
    assert!(worst.verdict == Danger::Dangerous && worst.deletes, "{text}\n{worst:?}");
}

fn beside(before: &str, command: &str) -> String {
    format!("{before} {command}").trim_start().to_owned()
}

#[test]
fn the_accident_is_dangerous_behind_everything_that_runs_it() {
    for accident in ACCIDENTS {
        for before in BEFORE {
            // A word with an equals sign is an assignment only for a shell.
            if accident.starts_with("ETCDCTL") && !matches!(*before, "" | "sudo" | "env -i") {
                continue;
            }
            let plain = beside(before, accident);
            is_told(&plain);
            for inside in INSIDE {
                is_told(&inside.replace("{}", &plain));
            }
            for text in TEXT {
                let text = format!("{text} {}", quoted(&plain));
                is_told(&text);
                if accident != &ACCIDENTS[0] {
                    continue;
                }
                for again in BEFORE {
                    is_told(&beside(again, &text));
                }
                for again in TEXT {
                    is_told(&format!("{again} {}", quoted(&text)));
                }
            }
        }
    }
}

#[test]
fn no_depth_is_too_deep_to_be_told() {
    let mut text = ACCIDENTS[0].to_owned();
    for _ in 0..9 {
        text = format!("sh -c {}", quoted(&text));
        is_told(&text);
        is_told(&format!("etcdctl lock x -- {text}"));
        is_told(&format!("X=$({text})"));
    }
}

#[test]
fn a_name_that_was_given_to_etcdctl_is_etcdctl() {
    for text in [
        "alias ec='etcdctl --endpoints=x'\nec del / coredns",
        "ec() { etcdctl --endpoints=x \"$@\"; }\nec del / coredns",
        "ETCDCTL='etcdctl --endpoints=x'; $ETCDCTL del / coredns",
        "D='etcdctl del'; $D / coredns",
    ] {
        is_told(text);
    }
    // Another program that has such a word is not etcdctl.
    assert_eq!(explain(b"etcdctl get /a; route del / coredns", &scope()).len(), 1);
}

#[test]
fn a_variable_in_the_connection_leaves_the_range_known() {
    for (text, names) in [
        ("etcdctl --endpoints $ENDPOINTS del / coredns", "--endpoints"),
        ("etcdctl --endpoints=$ENDPOINTS del / coredns", "--endpoints"),
        ("etcdctl del / coredns --endpoints \"$ENDPOINTS\" --cacert ~/ca.pem", "--endpoints, --cacert"),
        ("etcdctl --user root:$PW --command-timeout $T del / coredns", "--user, --command-timeout"),
        ("etcdctl --endpoints $(cat endpoints) -w $FORMAT del / coredns", "--endpoints, --write-out"),
        ("export ETCDCTL_ENDPOINTS=$E\netcdctl del / coredns", "ETCDCTL_ENDPOINTS"),
        ("etcdctl ${FLAGS} del / coredns", "${FLAGS}"),
    ] {
        let plain = worst("etcdctl del / coredns");
        let told = worst(text);
        assert_eq!((told.verdict, &told.span), (plain.verdict, &plain.span), "{text}: {told:?}");
        let said = told.means(&Hits::Uncounted).join(" ");
        assert!(said.contains(&format!("goes to whatever cluster {names} says")), "{text}: {said}");
        // Its keys are counted in the cluster of this program.
        assert!(told.destination.is_some_and(|there| there.endpoints.is_none()), "{text}");
    }
    // A word that is not of the connection stays unknown, and so does a word that may be the command.
    for text in
        ["etcdctl --endpoints $E del $KEY", "etcdctl del $FLAGS /x", "etcdctl $A / coredns", "etcdctl $A"]
    {
        assert_eq!(worst(text).span, None, "{text}");
        assert!(worst(text).verdict >= Danger::Careful, "{text}");
    }
    assert_eq!(worst("etcdctl --endpoints $E get / coredns").verdict, Danger::Harmless);
}

#[test]
fn what_a_paste_has_broken_is_told_with_what_was_meant() {
    for (text, because, instead) in [
        (
            "etcdctl del -- --prefix /coredns/",
            "Behind -- nothing is a flag",
            "every key that begins with /coredns/.",
        ),
        (
            "etcdctl del /coredns/ \\ \n  --prefix",
            "A blank stands behind the backslash",
            "every key that begins with /coredns/.",
        ),
        ("etcdctl del /coredns/ \\\r\n  --prefix\r\n", "", "every key that begins with /coredns/"),
        ("etcdctl del /coredns/ \u{2014}prefix", "holds a dash", "every key that begins with /coredns/."),
        (
            "etcdctl del \u{201c}/coredns/\u{201d} --prefix",
            "holds a typographic quote",
            "every key that begins with /coredns/.",
        ),
        ("etcdctl del /coredns/\r\n", "a carriage return, the line end of Windows", "the key /coredns/."),
    ] {
        let told = worst(text);
        let said = told.means(&Hits::Uncounted).join(" ");
        assert!(said.contains(because) && said.contains(instead), "{text:?}: {said}");
        let meant = told.meant.unwrap().in_words(None);
        assert!(
            meant.starts_with("delete the keys under /coredns/: coredeck rm --recursive"),
            "{text:?}: {meant}"
        );
    }
    let said = worst("etcdctl del / \\ \n --prefix").means(&Hits::Uncounted).join(" ");
    assert!(said.contains("up to ' '"), "{said}");
    // Commands that another program or watch runs have dashes of their own.
    for text in
        ["kubectl exec m1 -- etcdctl del --prefix /coredns/", "etcdctl watch /x -- etcdctl get --prefix /y"]
    {
        assert!(!worst(text).means(&Hits::Uncounted).join(" ").contains("nothing is a flag"), "{text}");
    }
    // A terminal takes a carriage return for Enter, and this is the worse of the two readings.
    is_told("etcdctl txn\r\n\r\ndel /registry/ --prefix\r\n\r\n\r\n");
    is_told("etcdctl del / --prefix\r\nls\r\n");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn no_words_before_the_accident_make_it_harmless(words in prop::collection::vec("[a-z./:_-]{1,8}", 0..6)) {
        // A shell assigns there, and runs nothing.
        prop_assume!(words.first().is_none_or(|word| word != "export"));
        let text = beside(&words.join(" "), ACCIDENTS[0]);
        let worst = worst(&text);
        prop_assert!(worst.verdict == Danger::Dangerous, "{}: {:?}", text, worst);
    }
}
