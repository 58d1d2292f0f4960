//! Corefile lines by which CoreDNS reads the new etcd.
use crate::{
    cli::{
        Exit,
        command_error::CommandError,
        output::{say, say_safely},
    },
    config::{
        Settings, Sourced,
        corefile::{CorefilePlace, EtcdBlock},
    },
    foreign_text::ForeignText,
};
use serde::Serialize;
use std::path::PathBuf;

/// Line to change.
#[derive(Clone, Debug, Serialize)]
pub(super) struct CorefileLine {
    /// The place as `FILE:LINE`; the block's own line if the block has no such line yet.
    place: String,
    /// The present text; `null` if a line has to be added to the block.
    before: Option<String>,
    after: String,
    #[serde(skip)]
    at: CorefilePlace,
}

/// Returns the lines of the Corefile's blocks that read the old etcd, changed for the new one. None if no Corefile is
/// known.
pub(super) fn lines(old: &Settings, new: &Settings) -> Vec<CorefileLine> {
    let Some(served) = &old.served else { return vec![] };
    served.ours().flat_map(|(_, block)| of_block(block, new)).collect()
}

fn of_block(block: &EtcdBlock, new: &Settings) -> Vec<CorefileLine> {
    let mut lines = Vec::new();
    let mut change = |at: &CorefilePlace, before: Option<String>, after: String| {
        // If a property has the place of the block's own line, it is a default.
        let is_written = *at != block.at;
        let before = before.filter(|_| is_written);
        if before.as_ref() != Some(&after) {
            let place = format!("{}:{}", at.file.display(), at.line);
            lines.push(CorefileLine { place, before, after, at: at.clone() });
        }
    };
    let endpoints = &new.endpoints.value;
    if !names_only(block, endpoints) {
        let before = format!("endpoint {}", block.endpoints.0.join(" "));
        change(&block.endpoints.1, Some(before), format!("endpoint {}", endpoints.join(" ")));
    }
    let path = new.scope.value.as_str().trim_end_matches('/');
    if block.path.0 != path {
        change(&block.path.1, Some(format!("path {}", block.path.0)), format!("path {path}"));
    }
    let written =
        |file: &Option<Sourced<PathBuf>>| file.as_ref().map(|file| file.value.display().to_string());
    let files: Vec<String> =
        [written(&new.cert), written(&new.key), written(&new.cacert)].into_iter().flatten().collect();
    if !files.is_empty() {
        let (before, at) = match &block.tls {
            Some((tls, at)) => {
                let of = |file: &Option<PathBuf>| file.as_ref().map(|file| file.display().to_string());
                let files: Vec<String> =
                    [of(&tls.cert), of(&tls.key), of(&tls.ca)].into_iter().flatten().collect();
                (Some(format!("tls {}", files.join(" "))), at)
            }
            None => (None, &block.at),
        };
        change(at, before, format!("tls {}", files.join(" ")));
    }
    if let Some(user) = &new.user {
        let (before, at) = match &block.user {
            Some((user, at)) => (Some(format!("credentials {user} PASSWORD")), at),
            None => (None, &block.at),
        };
        change(at, before, format!("credentials {} PASSWORD", user.value));
    }
    lines
}

fn names_only(block: &EtcdBlock, endpoints: &[String]) -> bool {
    let plain = |endpoint: &String| endpoint.trim_end_matches('/').to_ascii_lowercase();
    let known: Vec<String> = endpoints.iter().map(plain).collect();
    block.endpoints.0.iter().all(|endpoint| known.contains(&plain(endpoint)))
}

/// Prints the next steps after both agree. `to` are the flags that name the new etcd, as a shell takes them.
pub(super) fn say_what_to_change(old: &Settings, lines: &[CorefileLine], new: &Settings, to: &str) {
    say("");
    match (&old.served, lines) {
        (None, _) => {
            say(
                "1. Have CoreDNS read the new etcd. No Corefile is known here (--corefile FILE shows its lines);",
            );
            say_safely(format!("   in its etcd block write: endpoint {}", new.endpoints.value.join(" ")));
        }
        (Some(_), []) => say("1. The Corefile names the new etcd already."),
        (Some(_), lines) => {
            say("1. Have CoreDNS read the new etcd. In the Corefile:");
            for line in lines {
                let CorefileLine { before, after, at, .. } = line;
                match before {
                    Some(before) => {
                        say_safely(format!("   {at}, in place of"));
                        say_safely(format!("     {before}"));
                        say("   write");
                    }
                    None => say_safely(format!("   add to the block that begins at {at}")),
                }
                say_safely(format!("     {after}"));
            }
            say("   Files are named as CoreDNS sees them, in a pod where they are mounted.");
        }
    }
    say("   With the reload plugin CoreDNS takes it by itself; otherwise restart it.");
    say(
        "2. Have whoever writes these records (external-dns, scripts) write to the new etcd. What they write to",
    );
    say("   the old one until then is copied by running this command again.");
    say("3. See that the live servers answer from there:");
    say_safely(format!("     {} verify --server ADDRESS", new.program()));
    say("4. Then remove the records from the old etcd:");
    say_safely(format!("     {} migrate {to} --remove-old", old.program()));
}

/// Refuses to remove anything from the old etcd while CoreDNS is told to read it.
pub(super) fn refuse_while_it_names_the_old(old: &Settings, new: &[String]) -> Result<(), CommandError> {
    let Some(served) = &old.served else {
        say("No Corefile is known here: make sure that CoreDNS reads the new etcd before you confirm.");
        return Ok(());
    };
    match served.ours().map(|(_, block)| block).find(|block| !names_only(block, new)) {
        None => Ok(()),
        Some(block) => Err(CommandError::new(
            Exit::Refused,
            format!(
                "CoreDNS is told to read {} at {}: what is removed there would not be answered any more",
                ForeignText::from(block.endpoints.0.join(" ").as_str()),
                block.endpoints.1
            ),
            "Change that line first; --corefile none leaves the Corefile aside where CoreDNS has another one.",
        )),
    }
}
