//! Accident by another hand: the missing keys, whether etcd still has them as they were, the saved file, the ways on.
use crate::{
    app::{
        AlarmExtent, AlarmPage, Model, Noticed, Raised, SavedFrom, Saving, WholeRescue, overlay::AlarmView,
    },
    counts::{Held, Holder},
    quantity::{counted, grouped},
    view::{
        Look, banner,
        canvas::Canvas,
        overlay::{Picture, centred, inside, scrolled, short},
        theme::Role,
    },
};
use jiff::Timestamp;
use ratatui::{layout::Rect, text::Line};

/// Number of keys that are listed.
const MOST: usize = 500;

impl Picture for AlarmView {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, model: &Model) {
        // The lines of the way back are paths and commands, which are read best unbroken.
        let width = body.width.min(140);
        let columns = inside(width);
        let page = model.alarm.page();
        let mut lines = Vec::new();
        let said = page.as_ref().map_or_else(
            || vec![(Role::Plain, "Of the keys that were deleted, none is away any more.".to_owned())],
            |page| paragraphs(canvas.look, model, page),
        );
        for (number, (role, paragraph)) in said.into_iter().enumerate() {
            if number > 0 {
                lines.push(Line::default());
            }
            lines.extend(canvas.wrapped(&paragraph, columns, role));
            if let (Role::Strong, Some(WholeRescue::Saved { way_back, .. })) =
                (role, page.map(|page| page.whole))
            {
                // The lines of the way back are copied from here, so they must be exact.
                lines.extend(way_back.iter().flat_map(|line| match line.strip_prefix("     ") {
                    Some(_) => canvas.exact(line, columns, Role::Plain),
                    None if line.is_empty() => vec![Line::default()],
                    None => canvas.wrapped(line, columns, Role::Plain),
                }));
            }
        }
        if let Some(gone) = page.map(|page| page.gone).filter(|gone| !gone.is_empty()) {
            lines.push(Line::default());
            lines.push(Line::from(canvas.span(Role::Strong, "WHAT IS AWAY")));
            for record in gone.range(&gone.scope().range()).take(MOST) {
                lines.extend(canvas.exact(&record.key.spelled(), columns, Role::Plain));
            }
            if let Some(more @ 1..) = gone.len().checked_sub(MOST) {
                lines.push(Line::from(canvas.span(Role::Quiet, format!("and {} more", grouped(more)))));
            }
        }
        let mut last = vec![];
        if self.ending {
            last.push(Line::default());
            let file = page.and_then(|page| file(&page));
            let what = match file {
                Some(file) => format!("End the alarm? x ends it, Esc keeps it. Saved: {file}"),
                None => "End the alarm? x ends it, Esc keeps it. No file was saved.".to_owned(),
            };
            last.extend(canvas.wrapped(&what, columns, Role::Warning));
        }
        let frame = centred(body, width, short(lines.len() + last.len() + 2));
        let title =
            if page.is_some_and(|page| page.over.is_some()) { "The last alarm" } else { "! Mass deletion" };
        let inner = canvas.frame(frame, Role::Trouble, title);
        let room = inner.height.saturating_sub(short(last.len()));
        scrolled(canvas, Rect { height: room, ..inner }, lines, self.scroll);
        canvas.lines(Rect { y: inner.y + room, height: inner.height - room, ..inner }, last);
    }
}

/// File in which keys were saved: that of all of etcd, or else that of the scope.
fn file(page: &AlarmPage<'_>) -> Option<String> {
    match (page.whole, page.raised.map(|raised| &raised.saving)) {
        (WholeRescue::Saved { file, .. }, _) | (_, Some(Saving::Saved { file, .. })) => Some(file.clone()),
        _ => None,
    }
}

fn paragraphs(look: &Look, model: &Model, page: &AlarmPage<'_>) -> Vec<(Role, String)> {
    let mut said = Vec::new();
    if let Some(over) = page.over {
        said.push((Role::Plain, format!("This alarm was over at {}.", moment(look, over, page.heard))));
    }
    match page.back {
        Some(was) => said.extend(back(look, page, was).map(|sentence| (Role::Plain, sentence))),
        None => said.extend(
            page.losses
                .iter()
                .enumerate()
                .map(|(number, noticed)| (Role::Trouble, loss(look, page, noticed, number == 0))),
        ),
    }
    // The way back comes before everything that can wait.
    let is_saved = matches!(page.whole, WholeRescue::Saved { .. });
    said.extend(is_saved.then(|| whole(page)));
    if let Some(raised) = page.raised.filter(|_| page.back.is_none()) {
        let when = ago(raised.at, page.heard);
        let what = banner::what(page.gone.len(), raised);
        said.push((
            Role::Trouble,
            format!("{what}, not from this deck: at {}, {when}.", moment(look, raised.at, page.heard)),
        ));
    }
    said.extend(standing(look, page).filter(|_| page.back.is_none()));
    // Keys that etcd has forgotten cannot be saved from it.
    let is_too_late = page.is_compacted() && *page.whole == WholeRescue::NotAsked;
    said.extend((!is_saved && !is_too_late).then(|| whole(page)));
    said.extend(page.raised.map(scope_saved));
    if page.leased > 0 {
        let all = if page.leased == page.gone.len() { "All" } else { "Some" };
        said.push((
            Role::Warning,
            format!(
                "{all} of them had a lease ({}), which may just have ended: Enter says for which it has, and asks what \
                 they get instead.",
                grouped(page.leased)
            ),
        ));
    }
    if !page.gone.is_empty() && model.session.writable() {
        said.push((
            Role::Plain,
            "Enter plans to create again what is still away; nothing is overwritten.".to_owned(),
        ));
    } else if !page.gone.is_empty() {
        said.push((
            Role::Plain,
            "This session is read-only: bring it back with coredeck restore FILE.".to_owned(),
        ));
    }
    said
}

/// Sentences about all that is back.
fn back<'p>(
    look: &'p Look,
    page: &'p AlarmPage<'_>,
    was: &'p AlarmExtent,
) -> impl Iterator<Item = String> + use<'p> {
    let deleted = was.deleted.map(|(at, keys)| {
        let (keys, at) = (counted(keys, "key"), moment(look, at, page.heard));
        format!(
            "In this scope {keys} had been deleted by somebody else, noticed at {at}. All of that is back."
        )
    });
    let losses = was.losses.iter().map(|loss| {
        let whose = match &loss.whose {
            Holder::Scope(path) | Holder::Tenant(path) => loss.whose.owner().unwrap_or(path),
            Holder::Unnamed { .. } => "Unknown owners",
            Holder::Fleeting => "Keys that come and go",
        };
        let (now, then) = (grouped(loss.now.keys), counted(loss.then.keys, "key"));
        let at = moment(look, loss.now.at, page.heard);
        format!("{whose}: {now} of {then} had been left, counted at {at}. At least nine in ten are back.")
    });
    deleted.into_iter().chain(losses)
}

/// Sentence about a loss: its owner, the number of keys, and the two looks.
fn loss(look: &Look, page: &AlarmPage<'_>, noticed: &Noticed, is_worst: bool) -> String {
    let loss = &noticed.loss;
    let mut text = loss.sentence(page.raised.is_some()) + ".";
    let is_saved = matches!(page.whole, WholeRescue::Saved { .. });
    if is_worst && !is_saved && !page.is_compacted() {
        text += " etcd may forget them at its next compaction (Kubernetes: within 5 minutes).";
    }
    let seen = |held: &Held| {
        format!(
            "{} at {} (revision {})",
            grouped(held.keys),
            moment(look, held.at, page.heard),
            held.revision
        )
    };
    let noticed = ago(loss.noticed, page.heard);
    text + &format!(" Counted: {}, {}; noticed {noticed}.", seen(&loss.then), seen(&loss.now))
}

/// Sentence about whether etcd still has the keys as they were.
fn standing(look: &Look, page: &AlarmPage<'_>) -> Option<(Role, String)> {
    let before = page.revision_before()?;
    let standing = page.standing.filter(|standing| standing.revision == before)?;
    let at = moment(look, standing.at, page.heard);
    Some(if standing.is_there {
        (Role::Plain, format!("etcd still has revision {before}, the one before: looked at {at}."))
    } else {
        (
            Role::Trouble,
            format!(
                "etcd has compacted revision {before}, the one before: what others had cannot be read from etcd any more. \
                 Look for the newest snapshot or backup."
            ),
        )
    })
}

/// State of saving everybody's keys.
fn whole(page: &AlarmPage<'_>) -> (Role, String) {
    match page.whole {
        WholeRescue::NotAsked => {
            let at = page.revision_before().map_or_else(String::new, |at| format!(" at revision {at}"));
            (
                Role::Strong,
                format!(
                    "R saves all of etcd as it was{at} to a file, others' keys too: it reads them, and writes none."
                ),
            )
        }
        WholeRescue::Running { revision, read, of, .. } => {
            let of = of.map_or_else(String::new, |of| format!(" of {}", grouped(of)));
            (
                Role::Warning,
                format!(
                    "All of etcd as it was at revision {revision} is being saved: {} keys{of} read.",
                    grouped(*read)
                ),
            )
        }
        WholeRescue::Saved { file, keys, revision, .. } => (
            Role::Strong,
            format!(
                "All of etcd as it was at revision {revision}, {}, is in {file} (verified). The way back:",
                counted(*keys, "key")
            ),
        ),
        WholeRescue::Failed(told) => {
            (Role::Trouble, format!("ALL OF ETCD IS NOT SAVED: {}. {}", told.what, told.remedy))
        }
    }
}

/// State of saving the scope.
fn scope_saved(raised: &Raised) -> (Role, String) {
    match &raised.saving {
        Saving::Asked(_) => (Role::Warning, "What was there is being saved.".to_owned()),
        Saving::Saved { file, keys, from: SavedFrom::Etcd(revision) } => (
            Role::Plain,
            format!("All {} keys as they were at revision {revision} are in {file}", grouped(*keys)),
        ),
        Saving::Saved { file, keys, from: SavedFrom::Deck(why) } => (
            Role::Warning,
            format!(
                "All {} keys as this deck had seen them are in {file} (etcd could not tell: {why})",
                grouped(*keys)
            ),
        ),
        Saving::Failed(why) => (
            Role::Trouble,
            format!(
                "NOT SAVED: {why}. What is away is in this deck's memory only: bring it back before you quit."
            ),
        ),
    }
}

/// A time of day; of another day with its date.
fn moment(look: &Look, at: Timestamp, heard: Timestamp) -> String {
    let [at, heard] = [at, heard].map(|at| at.to_zoned(look.zone.clone()));
    let form = if at.date() == heard.date() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
    at.strftime(form).to_string()
}

/// Time between then and the deck's last news.
fn ago(at: Timestamp, heard: Timestamp) -> String {
    let minutes = heard.duration_since(at).as_mins();
    match minutes {
        ..1 => "less than a minute ago".to_owned(),
        1..120 => format!("{minutes} min ago"),
        120..2880 => format!("{} h ago", minutes / 60),
        _ => format!("{} days ago", minutes / 1440),
    }
}
