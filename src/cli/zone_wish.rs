//! Zone wish: the answers that zone files or hosts files want, compared with the stored records.
use super::{
    command_error::CommandError, export::known, output::say_safely, place::ScopePart, records_file::tops,
};
use crate::{
    desired::{Comparison, Treatment, WantedRecords, by_rrset},
    dns::{Name, Serving, ZONES_ARE_GUESSED},
    exchange::{FileLines, NotCarried, Speech, ZoneRecord},
    ops::lease_times,
    session::{Session, Store},
    store::Listing,
};

/// Answers of names, at any keys.
#[derive(Debug)]
pub(super) struct ZoneWish {
    /// The zones of the files; none for files that have only single names.
    pub(super) zones: Vec<Name>,
    pub(super) records: Vec<ZoneRecord>,
    /// The lines of the files that are not carried.
    pub(super) not_carried: Vec<NotCarried>,
    /// The kind of records that such files can hold.
    pub(super) speech: Speech,
    pub(super) lines: FileLines,
}

impl ZoneWish {
    /// Adds another file.
    pub(super) fn append(&mut self, more: Self) {
        let by = self.lines.append(more.lines);
        self.zones.extend(more.zones);
        let further = |record: ZoneRecord| ZoneRecord { line: record.line + by, ..record };
        self.records.extend(more.records.into_iter().map(further));
        self.not_carried.extend(more.not_carried.into_iter().map(|left| left.further(by)));
    }

    /// Returns the number of lines that cannot be read.
    pub(super) fn broken(&self) -> usize {
        self.not_carried.iter().filter(|left| matches!(left, NotCarried::Broken { .. })).count()
    }
}

/// Result of the comparison.
#[derive(Debug)]
pub(super) struct ComparedZone {
    pub(super) comparison: Comparison,
    pub(super) not_carried: Vec<NotCarried>,
    /// All records of the scope.
    pub(super) found: Listing,
}

/// Reads the scope and compares.
///
/// # Errors
/// The store's failure of a read, or a zone that is not served.
pub(super) async fn judge<S: Store>(
    session: &Session<S>,
    reader: &S::Reader,
    wish: &ZoneWish,
    how: Treatment,
) -> Result<ComparedZone, CommandError> {
    let scope = session.scope();
    let all = ScopePart { own: None, below: scope.range() };
    let found = all.read(reader, scope, None).await?;
    let leases = lease_times(reader, found.records.iter().filter_map(|record| record.lease).collect()).await;
    let known = known(&found, &leases);
    let tops = tops(scope, found.records.iter().map(|record| record.key.as_bytes()));
    let mut serving = session.settings.serving(&tops);
    if session.settings.has_no_zones() {
        say_safely(format!("coredeck: {ZONES_ARE_GUESSED}"));
        // The file is better than a guess; names that have no records yet are in no zone so far.
        let named = wish.records.iter().filter_map(|record| record.owner.top_level());
        let more: Vec<Name> = wish.zones.iter().cloned().chain(named).collect();
        for zone in more {
            if !serving.zones.contains(&zone) {
                serving.zones.push(zone);
            }
        }
    }
    let zones = if wish.zones.is_empty() {
        serving.zones.clone()
    } else {
        wish.zones.iter().map(|zone| served(&serving, zone)).collect::<Result<_, _>>()?
    };
    let wanted = WantedRecords { records: &wish.records, zones: &zones, how, speech: wish.speech };
    let (comparison, altered) = by_rrset(&known, &serving, &found.records, wanted);
    let not_carried = wish.not_carried.iter().cloned().chain(altered).collect();
    Ok(ComparedZone { comparison, not_carried, found })
}

/// Returns the zone, if `CoreDNS` serves it: only then it finds the zone's own records at their keys.
fn served(serving: &Serving, zone: &Name) -> Result<Name, CommandError> {
    if serving.zones.contains(zone) {
        return Ok(zone.clone());
    }
    let zones: Vec<String> = serving.zones.iter().map(ToString::to_string).collect();
    Err(CommandError::usage(
        format!("the file is of the zone {zone}, and CoreDNS serves {}", zones.join(", ")),
        format!("Give --zones {zone} if that is what it serves."),
    ))
}
