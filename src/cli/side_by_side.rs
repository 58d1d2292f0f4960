//! Command `coredeck plan --from-profile NAME`: the difference between another etcd's scope and this one.
use super::{
    Exit,
    arguments::PlanFlags,
    command_error::CommandError,
    not_as_wanted::NotAsWanted,
    output::{Screen, say, say_safely},
    place::ScopePart,
    plan::print,
    two_etcds::{Side, in_words, open_other},
};
use crate::{
    config::{EtcdNameKind, Flags, SecondEtcd},
    desired::{Comparison, PlanFile, by_key},
    dns::{ChangedSource, KeyContent, Name, RecordSource, Serving, ZoneGuess},
    exchange::{FileRecord, same_value},
    keys::{KeyValue, OutsideScopeError, Scope, ScopedKey},
    migrate::{Proof, Prover, relocated},
    quantity::counted,
    session::{Etcd, Session, Store},
};

/// The most differing answers that are listed.
const MOST_LISTED: usize = 20;

/// Compares another etcd's scope with this one, each at one revision, and prints the changes that would make them
/// equal.
pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &PlanFlags,
    common: &Flags,
) -> Result<Exit, CommandError> {
    let scope = session.scope();
    let place = ScopePart::of(scope, flags.only.as_deref())?;
    let other = other_session(session, flags, common)?;
    let (from_reader, from_status) = other.for_reading().await?;
    let (reader, status) = session.for_looking().await?;
    if from_status.cluster == status.cluster && other.scope() == scope {
        return Err(CommandError::new(
            Exit::Refused,
            format!("both are {scope} of the same cluster, {}", status.cluster),
            "Name another etcd with --from-profile or --from-endpoints.",
        ));
    }
    let from = Side::read(&other.settings, &from_reader, &from_status).await?;
    let here = Side::read(&session.settings, &reader, &status).await?;
    from.introduce("from");
    here.introduce("here");
    if from.records.is_empty() {
        return Err(CommandError::new(
            Exit::Failed,
            format!("there is no record in {} of that etcd, so there is nothing to compare with", from.scope),
            "Look at its prefix: coredeck status says what is known of that cluster.",
        ));
    }
    let wanted = wanted(&from, scope, &place)?;
    let existing: Vec<KeyValue> =
        here.records.iter().filter(|record| place.holds(&record.key)).cloned().collect();
    let inside: Vec<(ScopedKey, &FileRecord)> =
        wanted.iter().map(|(key, record)| (key.clone(), record)).collect();
    let known = here.known();
    let comparison = by_key(&known, scope, &inside, &existing, flags.prune, &same_value);
    let target = place.challenge(scope);
    let answers = SideBySide { session_settings: &session.settings, from: &from, here: &here, place: &place };
    let now = answers.compared(&known);
    let after = answers.compared(&ChangedSource::new(&known, contents_after(&comparison)));
    let plan =
        PlanFile::of_comparison(&comparison, target.as_str(), here.cluster, here.revision, existing.len())
            .with_not_carried(vec![], NotAsWanted::of_two(&now, &after));
    print(screen, &comparison, &plan)?;
    let leased = comparison.creates.iter().filter(|record| record.lease.is_some()).count();
    if leased > 0 {
        say(format_args!(
            "{} under a lease there, which nobody keeps alive here: it ends when that one would.",
            counted(leased, "record")
        ));
    }
    tell(&now, &after);
    Ok(if comparison.is_empty() && now.agrees() { Exit::Done } else { Exit::Findings })
}

fn other_session<S: Store>(
    session: &Session<S>,
    flags: &PlanFlags,
    common: &Flags,
) -> Result<Session<Etcd>, CommandError> {
    let (to, whom) = match (&flags.from_profile, &flags.from_endpoints) {
        (Some(profile), _) => (profile.clone(), EtcdNameKind::Profile),
        (None, endpoints) => (endpoints.clone().unwrap_or_default(), EtcdNameKind::Endpoints),
    };
    let elsewhere = SecondEtcd {
        to,
        whom,
        password: Some("COREDECK_FROM_PASSWORD"),
        cacert: flags.from_cacert.clone(),
        cert: flags.from_cert.clone(),
        key: flags.from_key.clone(),
    };
    open_other(&session.settings, &elsewhere, common, "the other etcd")
}

/// Returns the other etcd's records at their keys of this scope, as far as they are in that part of it.
fn wanted(
    from: &Side,
    scope: &Scope,
    place: &ScopePart,
) -> Result<Vec<(ScopedKey, FileRecord)>, OutsideScopeError> {
    let mut wanted = Vec::new();
    for record in &from.records {
        let key = relocated(&record.key, &from.scope, scope)?;
        if place.holds(&key) {
            let file = FileRecord::of(record, from.left_of(record));
            wanted.push((key.clone(), FileRecord { key: key.as_bytes().into(), ..file }));
        }
    }
    Ok(wanted)
}

/// Returns the contents of each key that the plan changes, once it is made.
fn contents_after(comparison: &Comparison) -> Vec<(Box<[u8]>, Option<KeyContent>)> {
    // Nobody knows how long a new lease will still live when its key is asked about.
    let created = comparison
        .creates
        .iter()
        .map(|record| (record.key.clone(), Some(KeyContent { value: record.value.clone(), lease: None })));
    let updated = comparison.updates.iter().map(|update| {
        let content = KeyContent { value: update.value.clone(), lease: update.before.lease };
        (Box::from(update.before.key.as_bytes()), Some(content))
    });
    let deleted = comparison.deletes.iter().map(|record| (Box::from(record.key.as_bytes()), None));
    created.chain(updated).chain(deleted).collect()
}

/// Both sides, to be asked about every name of the compared part.
struct SideBySide<'a> {
    session_settings: &'a crate::config::Settings,
    from: &'a Side,
    here: &'a Side,
    place: &'a ScopePart,
}

impl SideBySide<'_> {
    /// Asks the other etcd, and this one with the records of `here`, served by this session's settings.
    fn compared(&self, here: &dyn RecordSource) -> Proof {
        let guess = ZoneGuess::of(&self.from.known(), &self.from.scope);
        let of_here = self.session_settings.serving(guess.joined(ZoneGuess::of(here, &self.here.scope)));
        let of_from = Serving { scope: self.from.scope.clone(), ..of_here.clone() };
        let scopes = (&self.from.scope, &self.here.scope);
        let is_meant = |record: &&KeyValue| {
            relocated(&record.key, &self.from.scope, &self.here.scope).is_ok_and(|key| self.place.holds(&key))
        };
        let theirs = self.from.records.iter().filter(is_meant);
        let ours = self.here.records.iter().filter(|record| self.place.holds(&record.key));
        let known = self.from.known();
        let mut prover = Prover::new(theirs, ours, scopes, &of_here.zones);
        if let Some(own) = &self.place.own {
            prover = prover.within(&Name::of_key(&self.here.scope, own));
        }
        while prover.ask(usize::MAX, (&known, &of_from), (here, &of_here)) {}
        prover.proof()
    }
}

/// Reports the answers that differ now, and those that will differ once the plan is made.
fn tell(now: &Proof, after: &Proof) {
    if now.agrees() {
        return say(format_args!("All answers are the same in both, for {}.", counted(now.names, "name")));
    }
    say(format_args!("{} differ now:", counted(now.differing, "answer")));
    list(now);
    if after.agrees() {
        say(format_args!(
            "Once this plan is made, all answers are the same, for {}.",
            counted(after.names, "name")
        ));
    } else {
        say(format_args!("Once this plan is made, {} differ still:", counted(after.differing, "answer")));
        list(after);
    }
}

fn list(proof: &Proof) {
    for told in proof.told.iter().take(MOST_LISTED) {
        let question = &told.old.question;
        say_safely(format!("  {} {}", question.name, question.kind));
        say_safely(format!("    there: {}", in_words(&told.old)));
        say_safely(format!("    here:  {}", in_words(&told.new)));
    }
    if proof.differing > MOST_LISTED {
        say(format_args!("  and {} more", proof.differing - MOST_LISTED));
    }
}
