//! Command `coredeck migrate`: a look at both etcds, and the next step.

mod corefile;
mod old_store;
mod removed;
mod status;

use super::{
    Exit,
    arguments::{ChangeFlags, Consent, LeaseInNew, MigrateFlags},
    change,
    command_error::CommandError,
    output::{Screen, say, say_safely},
    two_etcds::{Side, Sides, in_words, open_other},
};
use crate::{
    config::{Flags, SecondEtcd},
    keys::{KeyValue, LeaseId},
    migrate::{Proof, ScopeComparison},
    plan::{Challenge, Intent, KeyEdit, LeaseGrant, PlanPurpose},
    quantity::counted,
    session::{Etcd, Handles, Session, Store},
    store::{Reader, Unchanged},
};
use old_store::OldStore;
use status::MigrationStatusLine;
use std::collections::BTreeMap;

/// The most differing records that are listed.
const MOST_LISTED: usize = 20;

/// Does the next step, or removes the old records.
pub(super) async fn run<S: Store + Clone>(
    session: &Session<S>,
    screen: &Screen,
    flags: &MigrateFlags,
    common: &Flags,
) -> Result<Exit, CommandError> {
    if session.settings.demo {
        return Err(CommandError::usage(
            "there is no other etcd in the demo",
            "Try it between two real ones.",
        ));
    }
    let other = other_session(session, flags, common)?;
    let (old, new) = (session.for_changes().await?, other.for_changes().await?);
    if old.status.cluster == new.status.cluster {
        return Err(CommandError::new(
            Exit::Refused,
            format!("both are the same cluster, {}", old.status.cluster),
            "Give the old etcd with --endpoints and the new one with --to. Where the Corefile names the new etcd \
             already, --endpoints has to name the old one.",
        ));
    }
    let sides = Sides {
        old: read_old(session, &old).await?,
        new: Side::read(&other.settings, &new.reader, &new.status).await?,
    };
    sides.old.introduce("old");
    sides.new.introduce("new");
    let comparison = sides.compare()?;
    if comparison.old() == 0 && comparison.beyond.is_empty() {
        MigrationStatusLine::of(&sides, &comparison, None, vec![]).print(screen)?;
        say(
            "There is no record in this scope in either etcd, so nothing was compared, and nothing is moved.",
        );
        say(
            "If there should be some: coredeck status says what is known of this cluster, coredeck restore what is saved.",
        );
        return Ok(Exit::Findings);
    }
    if flags.remove_old {
        return remove(session, screen, &sides, comparison, (&new.reader, &flags.consent)).await;
    }
    if comparison.is_copied() {
        return prove(session, &other, screen, (&sides, &comparison), flags);
    }
    MigrationStatusLine::of(&sides, &comparison, None, vec![]).print(screen)?;
    refuse_differing(&comparison, flags.update)?;
    let intent = copying(&old.reader, &sides, &comparison, flags).await?;
    let change_flags = ChangeFlags { ptr: false, consent: flags.consent.clone() };
    say(format_args!(
        "Copying {} to the new etcd:",
        counted(comparison.missing.len() + comparison.differing.len(), "key")
    ));
    let exit = change::make(&other, new, screen, intent, &change_flags).await?;
    if exit != Exit::Done {
        return Ok(exit);
    }
    // The written records are read again: an outcome is no proof.
    let doors = other.for_changes().await?;
    let sides = Sides {
        old: read_old(session, &old).await?,
        new: Side::read(&other.settings, &doors.reader, &doors.status).await?,
    };
    let comparison = sides.compare()?;
    prove(session, &other, screen, (&sides, &comparison), flags)
}

async fn read_old<S: Store>(session: &Session<S>, doors: &Handles<S>) -> Result<Side, CommandError> {
    let mut old = Side::read(&session.settings, &doors.reader, &doors.status).await?;
    old.removed = removed::removed(session, old.cluster, &old.records)?;
    Ok(old)
}

fn other_session<S: Store>(
    session: &Session<S>,
    flags: &MigrateFlags,
    common: &Flags,
) -> Result<Session<Etcd>, CommandError> {
    let elsewhere = SecondEtcd {
        to: flags.to.clone(),
        cacert: flags.to_cacert.clone(),
        cert: flags.to_cert.clone(),
        key: flags.to_key.clone(),
        ..SecondEtcd::default()
    };
    open_other(&session.settings, &elsewhere, common, "the new etcd")
}

fn refuse_differing(comparison: &ScopeComparison, update: bool) -> Result<(), CommandError> {
    if comparison.differing.is_empty() || update {
        return Ok(());
    }
    for differing in comparison.differing.iter().take(MOST_LISTED) {
        say(format_args!("  {} has another value in the new etcd", differing.new.key));
    }
    if comparison.differing.len() > MOST_LISTED {
        say(format_args!("  and {} more", comparison.differing.len() - MOST_LISTED));
    }
    Err(CommandError::new(
        Exit::Conflict,
        format!(
            "{} with another value in the new etcd: nothing is overwritten there",
            counted(comparison.differing.len(), "key")
        ),
        "Look at them; --update takes the old etcd's value for all of these.",
    ))
}

/// Returns the changes that copy the records to the new etcd.
async fn copying(
    old: &impl Reader,
    sides: &Sides,
    comparison: &ScopeComparison,
    flags: &MigrateFlags,
) -> Result<Intent, CommandError> {
    let missing = comparison.missing.iter().map(|(record, _)| record);
    let leased: Vec<&KeyValue> = missing.filter(|record| record.lease.is_some()).collect();
    if !leased.is_empty() && flags.lease.is_none() {
        return Err(CommandError::new(
            Exit::Refused,
            format!(
                "{} with a lease, which somebody keeps alive in the old etcd only",
                counted(leased.len(), "key")
            ),
            "Give --lease new, for a lease of what remains, or --lease permanent; and have whoever writes these \
             records write them to the new etcd.",
        ));
    }
    let mut grants: BTreeMap<LeaseId, LeaseGrant> = BTreeMap::new();
    if flags.lease == Some(LeaseInNew::New) {
        for lease in leased.iter().filter_map(|record| record.lease) {
            if !grants.contains_key(&lease)
                && let Some(left) = old.lease(lease).await?
            {
                grants.insert(lease, LeaseGrant::new(left));
            }
        }
    }
    // A record whose lease has ended since it was read is gone from the old etcd by now, and is not copied.
    let goes = |record: &KeyValue| match record.lease {
        Some(lease) => flags.lease == Some(LeaseInNew::Permanent) || grants.contains_key(&lease),
        None => true,
    };
    let creations =
        comparison.missing.iter().filter(|(record, _)| goes(record)).map(|(record, key)| KeyEdit::Create {
            key: key.clone(),
            value: record.value.clone(),
            lease: record.lease.and_then(|lease| grants.get(&lease)).map(|grant| grant.lease),
        });
    let updates = comparison.differing.iter().map(|differing| KeyEdit::Update {
        key: differing.new.key.clone(),
        before: differing.new.value.clone(),
        value: differing.old.value.clone(),
    });
    Ok(Intent::Bulk {
        listed: None,
        purpose: PlanPurpose::Migrate,
        challenge: Challenge::scope(&sides.new.scope),
        wishes: creations.chain(updates).collect(),
        grants: grants.into_values().collect(),
    })
}

/// Asks both about every name, and prints the next step.
fn prove<S: Store>(
    session: &Session<S>,
    other: &Session<Etcd>,
    screen: &Screen,
    (sides, comparison): (&Sides, &ScopeComparison),
    flags: &MigrateFlags,
) -> Result<Exit, CommandError> {
    let proof = sides.prove(&session.settings);
    let lines = corefile::lines(&session.settings, &other.settings);
    MigrationStatusLine::of(sides, comparison, Some(&proof), lines.clone()).print(screen)?;
    if !comparison.beyond.is_empty() {
        say(format_args!(
            "{} in the new etcd that the old one has not; they are left as they are.",
            counted(comparison.beyond.len(), "key")
        ));
    }
    tell(&proof);
    if !(proof.agrees() && comparison.is_copied()) {
        say("CoreDNS would not answer from the new etcd as it does now. Do not change the Corefile yet.");
        say("Look at the names above in both; run this again to copy what is missing.");
        return Ok(Exit::Findings);
    }
    corefile::say_what_to_change(&session.settings, &lines, &other.settings, &flags.new_etcd());
    Ok(Exit::Done)
}

fn tell(proof: &Proof) {
    for disagreement in proof.told.iter().take(MOST_LISTED) {
        let question = &disagreement.old.question;
        say_safely(format!("  {} {}", question.name, question.kind));
        say_safely(format!("    old: {}", in_words(&disagreement.old)));
        say_safely(format!("    new: {}", in_words(&disagreement.new)));
    }
    let verdict = match proof.differing {
        0 => "all answers are the same".to_owned(),
        1 => "1 answer differs".to_owned(),
        many => format!("{many} answers differ"),
    };
    say(format_args!("{} names were asked in both, {} questions: {verdict}.", proof.names, proof.questions));
    if proof.other_ttl > 0 {
        say(format_args!("{} of them have another TTL.", proof.other_ttl));
    }
}

/// Removes from the old etcd the records that the new one holds.
async fn remove<S: Store + Clone, R: Reader>(
    session: &Session<S>,
    screen: &Screen,
    sides: &Sides,
    comparison: ScopeComparison,
    (new, consent): (&R, &Consent),
) -> Result<Exit, CommandError> {
    if comparison.old() == 0 {
        MigrationStatusLine::of(sides, &comparison, None, vec![]).print(screen)?;
        say(format_args!(
            "The old etcd holds nothing in this scope any more, and the new one {}.",
            counted(comparison.beyond.len(), "key")
        ));
        return Ok(Exit::Done);
    }
    let proof = sides.prove(&session.settings);
    MigrationStatusLine::of(sides, &comparison, Some(&proof), vec![]).print(screen)?;
    if !(comparison.is_copied() && proof.agrees()) {
        tell(&proof);
        return Err(CommandError::new(
            Exit::Refused,
            format!(
                "the new etcd does not agree: {} missing there, {} with another value, {} answers differ",
                counted(comparison.missing.len(), "key"),
                counted(comparison.differing.len(), "key"),
                proof.differing
            ),
            "Run migrate without --remove-old first: it copies what is missing and shows what differs.",
        ));
    }
    tell(&proof);
    corefile::refuse_while_it_names_the_old(&session.settings, &sides.new.endpoints)?;
    let other =
        Unchanged::since(new.clone(), sides.new.scope.range(), sides.new.revision, sides.new.keys()).await?;
    let wishes = comparison.same.into_iter();
    let wishes = wishes.map(|record| KeyEdit::Delete { key: record.key, before: record.value }).collect();
    let intent = Intent::Bulk {
        listed: None,
        purpose: PlanPurpose::Migrate,
        challenge: Challenge::scope(&sides.old.scope),
        wishes,
        grants: vec![],
    };
    let session = Session {
        settings: session.settings.clone(),
        store: OldStore { store: session.store.clone(), other },
        teller: session.teller,
    };
    let doors: Handles<OldStore<S, R>> = session.for_changes().await?;
    say("Removing from the old etcd what the new one holds. The answers below are those");
    say("that CoreDNS would give from the old one.");
    change::make(&session, doors, screen, intent, &ChangeFlags { ptr: false, consent: consent.clone() }).await
}
