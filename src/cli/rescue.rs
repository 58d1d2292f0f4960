//! `coredeck rescue`: what any range of keys was at an old revision, in a file. It reads, and does nothing else.
use super::{
    Exit,
    arguments::RescueFlags,
    output::{Screen, say, say_safely},
    progress::Progress,
    saved_text::{self, Beside},
    session::{Session, Store},
    trouble::Trouble,
};
use crate::{
    archive::{self, Kind, NotSaved, Request},
    failure::Failure,
    keys::{ForeignRange, Interval as _, Revision, Scope},
};
use std::path::Path;

pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &RescueFlags,
) -> Result<Exit, Trouble> {
    let scope = session.scope();
    let named = flags.range.as_deref().unwrap_or(scope.as_str());
    let range = ForeignRange::spelled(named).map_err(|error| Trouble::usage(&error, error.remedy()))?;
    let at = Revision(flags.at);
    let (reader, status) = session.for_reading().await?;
    if at > status.revision || at < Revision(1) {
        return Err(Trouble::usage(
            format!("there is no revision {at}: this cluster is at revision {}", status.revision),
            "Give a revision of the past; that before a change is the one that log or history shows, less 1.",
        ));
    }
    let pages = session.store.foreign(&reader);
    let (kind, named) = (Kind::Rescue, named.to_owned());
    let request = Request { kind, pages: &pages, range: range.clone(), named, at: Some(at), scope };
    let mut progress = Progress::new();
    let saved = archive::save(&request, &reader, &flags.to, |read, all| {
        progress.at(read, all, &format!("{read} of {all} keys"));
    })
    .await
    .map_err(|not_saved| told(not_saved, at))?;
    progress.end();
    say_way_back(scope, &range, &flags.to);
    saved_text::print(screen, &saved, &Beside::default())?;
    Ok(Exit::Done)
}

/// What a refusal means here is not what it means for a list of the scope.
fn told(not_saved: NotSaved, at: Revision) -> Trouble {
    if let NotSaved::Store(failure @ Failure::PermissionDenied { .. }) = &not_saved {
        return Trouble::new(
            Exit::from(failure),
            failure,
            "Use a credential that may read there, as etcd's root, for this one command: it only reads.",
        );
    }
    if !matches!(not_saved, NotSaved::Store(Failure::Compacted { .. })) {
        return not_saved.into();
    }
    Trouble::new(
        Exit::Failed,
        format!("revision {at} is gone: etcd has compacted it, as Kubernetes has it do every 5 minutes"),
        "Try a later revision; what was before is in a backup (coredeck restore) or a snapshot of etcd only.",
    )
}

/// Says how what was saved is brought back: the scope's part by this program, others' by their owner.
fn say_way_back(scope: &Scope, range: &ForeignRange, file: &Path) {
    let file = format!("'{}'", file.display().to_string().replace('\'', r"'\''"));
    if range.contains(scope.as_str().as_bytes()) || scope.range().contains(range.start()) {
        say_safely(format!("What it has of {scope} comes back with: coredeck restore {file}"));
    }
    if range.contains(b"/registry/") || range.start().starts_with(b"/registry/") {
        for line in KUBERNETES.lines() {
            say_safely(line.replace("FILE", &file));
        }
    } else if !scope.range().contains(range.start()) {
        say("The rest belongs to others: coredeck never writes it. README.md has a line for etcdctl.");
    }
}

/// Putting back is `etcdctl put` with the value on stdin. What has a lease, as events have, Kubernetes makes anew.
const KUBERNETES: &str = r#"
Kubernetes' keys are Kubernetes' to bring back: coredeck never writes them.
1. Stop all API servers, so that nobody writes meanwhile. kubeadm, on each
   control plane node:  mv /etc/kubernetes/manifests/kube-apiserver.yaml /root/
   and wait until this is empty:  crictl ps -q --name kube-apiserver
2. Take a snapshot of what there is now:  coredeck snapshot --to before.db
3. Put the keys back, with etcdctl's endpoints and certificates in ETCDCTL_*.
   This overwrites what was made of the same keys since:
   zcat FILE | jq -r 'select(.mod_revision != null and .lease == null) | [.key_base64 // (.key | @base64), .value_base64 // (.value | @base64)] | @tsv' | while read -r key value; do k=$(echo "$key" | base64 -d); case "$k" in /registry/*) echo "$value" | base64 -d | etcdctl put -- "$k";; esac; done
   Or bring back all of etcd from a snapshot that is older than the accident,
   into a new data directory on every member:  etcdutl snapshot restore
   (etcdctl snapshot restore before 3.5), then start etcd on that directory.
4. Start the API servers again (mv the manifest back), then restart
   kube-controller-manager, kube-scheduler and the kubelets.
"#;
