//! Everyday lines, which are harmless and explained as such: nobody reads a warning that is always there.
use super::scope;
use coredeck::etcdctl::{Danger, Hits, explain};

/// Lines and short texts that change nothing of etcd.
pub(crate) const LINES: &[&str] = &[
    "etcdctl get /coredns/io/gcr/x1",
    "etcdctl get --prefix /coredns/ --keys-only",
    "etcdctl get --prefix /coredns/ --keys-only | wc -l",
    "etcdctl get --prefix / --keys-only | grep -v '^$' | sort | uniq -c | sort -rn | head",
    "ETCDCTL_API=3 etcdctl get --prefix /coredns/ -w json | jq -r '.kvs[].key' | base64 -d",
    "etcdctl get --prefix /coredns/ -w json | jq '.kvs[] | .key |= @base64d'",
    "etcdctl endpoint status -w table",
    "etcdctl endpoint health --cluster",
    "etcdctl member list -w table",
    "export ETCDCTL_API=3\nexport ETCDCTL_ENDPOINTS=https://10.0.0.1:2379\netcdctl member list",
    "export ETCDCTL_ENDPOINTS=https://$(hostname -i):2379; etcdctl endpoint health",
    "for e in 10.0.0.1 10.0.0.2; do etcdctl --endpoints=https://$e:2379 endpoint status; done",
    "for e in $ENDPOINTS; do echo \"== $e\"; etcdctl --endpoints \"$e\" endpoint health; done",
    "# how many keys\netcdctl get --prefix / --count-only --write-out=fields",
    "# list the keys with etcdctl\netcdctl get --prefix / --keys-only",
    "etcdctl get /x # etcdctl del / coredns",
    "echo \"reading\"; etcdctl get /x",
    "source /etc/etcd.env && etcdctl endpoint health",
    ". /etc/etcd.env; etcdctl member list",
    "set -a; . /etc/etcd.env; set +a; etcdctl alarm list",
    "sudo etcdctl --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key endpoint health",
    "kubectl -n kube-system exec etcd-m1 -- etcdctl get --prefix /coredns/ --keys-only",
    "kubectl -n kube-system exec etcd-m1 -- sh -c 'ETCDCTL_API=3 etcdctl endpoint status -w table'",
    "kubectl get pods -n kube-system -l component=etcd; etcdctl version",
    "ssh m1 etcdctl get /coredns/io/gcr/x1",
    "ssh root@m1 'sudo etcdctl member list'",
    "docker exec etcd etcdctl endpoint health",
    "crictl exec 3f2a1 etcdctl member list",
    "etcdctl snapshot save /backup/etcd-$(date +%F).db",
    "etcdctl snapshot save backup.db && ls -lh backup.db",
    "watch -n1 etcdctl endpoint status",
    "watch 'etcdctl endpoint status -w table'",
    "timeout 5 etcdctl endpoint health",
    "time etcdctl get /x",
    "etcdctl get /x > /tmp/x.txt",
    "etcdctl get --prefix /coredns 2>&1 | tee /tmp/out.txt",
    "etcdctl get --prefix /coredns | less",
    "etcdctl get /x | sed 's/a/b/g'",
    "etcdctl get --prefix /x | awk '{print $1}'",
    "etcdctl get --prefix /x --keys-only | sed '/^$/d' | awk -F/ '{print $3}' | sort -u",
    "etcdctl get --prefix /x --keys-only | while read -r k; do echo \"$k\"; done",
    "etcdctl get --prefix /x --keys-only | while read -r k; do [ -n \"$k\" ] && etcdctl get \"$k\"; done",
    "for k in a b c; do etcdctl get \"/coredns/$k\"; done",
    "KEY=/coredns/io; etcdctl get --prefix \"$KEY\"",
    "K=$1; etcdctl get \"$K\"",
    "if etcdctl endpoint health; then echo ok; else echo bad; fi",
    "etcdctl endpoint health || echo \"not healthy\"",
    "[ \"$(etcdctl get --prefix / --count-only -w fields | grep Count | cut -d: -f2)\" -gt 10 ] && echo many",
    "N=$(etcdctl get --prefix /x --keys-only | wc -l); echo \"$N\"",
    "E=\"etcdctl --endpoints=https://10.0.0.1:2379\"; $E get /x",
    "etcdctl watch --prefix /coredns/",
    "etcdctl lease list; etcdctl lease timetolive 1234 --keys",
    "etcdctl user list; etcdctl role get dns",
    "etcdctl get /coredns/io --prefix --sort-by=MODIFY --order=DESCEND --limit=5",
    "curl -s http://127.0.0.1:2379/health; etcdctl endpoint health",
    "curl -s http://127.0.0.1:2379/metrics | grep etcd_server_has_leader; etcdctl alarm list",
    "curl -s http://127.0.0.1:2379/v3/kv/range -X POST -d '{\"key\":\"L3g=\"}'; etcdctl endpoint health",
    "curl -L https://10.0.0.1:2379/v3/maintenance/status -d '{}' | jq .dbSize; etcdctl alarm list",
    "etcdctl get --prefix /x --keys-only | sed -n -e 's/a/b/' -e 's/c/d/p'",
    "etcdctl get --prefix /x | sed -ne '/host/p'",
    "# list the keys of CoreDNS\netcdctl get --prefix /coredns --keys-only",
    "$ etcdctl get /x\n$ etcdctl version",
    "root@m1:~# etcdctl endpoint health\nroot@m1:~# etcdctl alarm list",
    "tar czf /backup/etcd.tgz /var/lib/etcd; etcdctl endpoint health",
    "cp -a /var/lib/etcd/member /backup/; etcdctl endpoint health",
    "etcdctl snapshot save /backup/x.db > /tmp/log 2>&1; echo \"done!\"",
    "if ! etcdctl endpoint health; then echo bad; fi",
    "etcdctl get /x | awk '!seen[$0]++'",
    "kubeadm version; etcdctl version",
    "helm list -A; etcdctl endpoint health",
    "etcd --version; etcdctl version",
    "rm -f /tmp/keys.txt; etcdctl get --prefix /x > /tmp/keys.txt",
    "rm -rf ./out /root/backup-1; etcdctl snapshot save backup.db",
    "dig @10.0.0.1 x.io; etcdctl get /coredns/io/x",
    "systemctl status etcd; etcdctl endpoint health",
    "journalctl -u etcd -n 50 --no-pager; etcdctl alarm list",
    "cd /etc/etcd && ls -l && etcdctl member list",
    "PATH=$PATH:/opt/etcd/bin; etcdctl version",
    "date; etcdctl get /x; sleep 5; etcdctl get /x",
    "while true; do etcdctl endpoint status; sleep 5; done",
    "diff <(etcdctl --endpoints a get --prefix /x) <(etcdctl --endpoints b get --prefix /x)",
    "etcdctl get /x | xargs echo",
    "etcdctl get --prefix /x --keys-only | xargs -n1 etcdctl get",
    "openssl x509 -in /etc/etcd/server.crt -noout -dates; etcdctl endpoint health",
    "alias e='echo'; etcdctl get /x",
    "which etcdctl; etcdctl version",
    "type etcdctl && etcdctl version",
    "mkdir -p /backup && etcdctl snapshot save /backup/x.db",
    "etcdctl get /x | python3 -m json.tool",
    "cat <<'END'\netcdctl del / coredns\nEND\netcdctl get /x",
    "grep -r \"etcdctl del\" . ; etcdctl get /x",
    "$ etcdctl endpoint health\n127.0.0.1:2379 is healthy: successfully committed proposal: took = 9.4ms",
    "$ etcdctl member list\n8e9e05c52164694d, started, m1, http://10.0.0.1:2380, http://10.0.0.1:2379, false",
    "docker run --rm quay.io/coreos/etcd:v3.5.9 etcdctl version",
    "docker run -it --rm --net=host -v /etc/etcd:/etc/etcd:ro etcd:3.5 etcdctl endpoint health",
    "podman run --rm --entrypoint etcdctl etcd:3.5 endpoint health",
    "oc debug node/m1 -- chroot /host etcdctl member list",
    "kubectl debug node/m1 -it --image=etcd -- etcdctl endpoint health",
    "source <(etcdctl completion bash)",
    "source <(kubectl completion bash); etcdctl version",
    "  501  etcdctl get /x\n  502  etcdctl endpoint health",
    "- etcdctl endpoint health",
    "1. etcdctl endpoint health\n2. etcdctl alarm list",
    "ExecStart=/usr/bin/etcdctl endpoint health",
    "*/5 * * * * root etcdctl endpoint health",
    "```sh\netcdctl get /x\n```",
    "etcdctl get /x > /var/lib/etcd-backup/x.txt",
    "etcdctl snapshot save /var/lib/etcd/backup.db",
    "less -S /var/log/etcd.log; etcdctl alarm list",
    "find / -xdev -name 'etcd*'; etcdctl version",
    "coredeck --endpoints http://10.0.0.1:2379 status; etcdctl endpoint health",
    "systemctl restart etcd; etcdctl endpoint health",
];

#[test]
fn what_people_do_all_day_is_harmless() {
    assert!(LINES.len() >= 60, "{}", LINES.len());
    for text in LINES {
        let explained = explain(text.as_bytes(), &scope());
        assert!(!explained.is_empty(), "nothing is said of {text}");
        for one in &explained {
            let said = one.means(&Hits::Uncounted).join(" ");
            assert_eq!(
                (one.verdict, one.deletes),
                (Danger::Harmless, false),
                "{text}: {} {said}",
                one.command
            );
        }
    }
}

#[test]
fn what_only_speaks_of_etcdctl_runs_none() {
    for text in [
        "echo etcdctl del / coredns",
        "ls # etcdctl del / coredns",
        "grep -rn 'etcdctl del' /etc",
        "ls $HOME | wc -l",
        "ls /x # no etcdctl",
    ] {
        assert_eq!(explain(text.as_bytes(), &scope()), [], "{text}");
    }
}

#[test]
fn flags_in_a_variable_before_a_command_that_reads_are_no_alarm() {
    for text in
        ["etcdctl $OPTIONS endpoint health", "etcdctl \"${flags[@]}\" get /x", "etcdctl $FLAGS member list"]
    {
        let explained = explain(text.as_bytes(), &scope());
        assert_eq!((explained.len(), explained[0].verdict), (1, Danger::Careful), "{text}: {explained:?}");
    }
}

#[test]
fn a_program_that_is_not_known_is_named_beside_an_etcdctl_line_and_is_not_harmless() {
    let explained = explain(b"etcdctl get /x | some-filter --wide", &scope());
    let verdicts: Vec<_> = explained.iter().map(|one| one.verdict).collect();
    assert_eq!(verdicts, [Danger::Harmless, Danger::Careful], "{explained:?}");
    assert_eq!(explained[1].command, "some-filter --wide");
    // Alone it has nothing to do with this program.
    assert_eq!(explain(b"some-filter --wide", &scope()), []);
}
