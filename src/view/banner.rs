//! Line below the header: an accident as long as nobody has seen to it, that etcd went back to older data as long as
//! nobody has looked at it, or that others have keys in the same etcd.
use super::{Look, canvas::Canvas, text, theme::Role};
use crate::{
    app::{AlarmPage, Model, Raised, RevisionWentBack, Saving, Sighting, WholeRescue, keymap::KeyContext},
    quantity::{counted, grouped},
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

pub(super) fn draw(canvas: &mut Canvas<'_>, row: Rect, model: &Model) {
    if row.is_empty() {
        return;
    }
    let line = |role: Role, said: Span<'static>| Line::from(vec![canvas.span(role, "! "), said]);
    if let Some(page) = model.alarm.page().filter(|page| page.over.is_none()) {
        // The words that this is not the present have to be in sight in any case.
        let then = model
            .then
            .as_ref()
            .map_or_else(String::new, |then| format!("AS OF REVISION {}; ", then.revision));
        // If both are news, the reason comes first.
        let then = if model.went_back.is_some() { then + "etcd went back; " } else { then };
        let room = usize::from(row.width).saturating_sub(2 + then.len());
        let said = then + &alarm(model, &page, room);
        let line = line(Role::Trouble, canvas.foreign(Role::Trouble, said));
        canvas.line(row, line);
    } else if let Some(back) = &model.went_back {
        let room = usize::from(row.width).saturating_sub(2);
        let line = line(Role::Trouble, canvas.foreign(Role::Trouble, went_back(canvas.look, back, room)));
        canvas.line(row, line);
    } else if let Some(banner) = model.banner() {
        let line = line(Role::Warning, canvas.foreign(Role::Standing, banner));
        canvas.line(row, line);
    }
}

/// Draws the same on a screen that is too small for a deck: as much about an accident as has room, and its mark in any
/// case. Returns false if there is none.
pub(super) fn draw_little(canvas: &mut Canvas<'_>, screen: Rect, model: &Model) -> bool {
    let said = if let Some(page) = model.alarm.page().filter(|page| page.over.is_none()) {
        let lost = page.losses.first().map(|noticed| &noticed.loss);
        let gone = lost.map_or(page.gone.len() as u64, |loss| loss.then.keys.saturating_sub(loss.now.keys));
        let mut forms = forms(&page, "");
        forms.push(format!("{} gone", counted(gone, "key")));
        forms.push(format!("{} gone", grouped(gone)));
        forms
    } else if model.went_back.is_some() {
        vec!["etcd went back".to_owned()]
    } else {
        return false;
    };
    let room = usize::from(screen.width).saturating_sub(2);
    let said = said
        .into_iter()
        .chain(["ALARM".to_owned()])
        .find(|said| text::width(said) <= room)
        .unwrap_or_default();
    // Without a word the mark has no blank behind it either.
    let mark = if said.is_empty() { "!" } else { "! " };
    let line = vec![canvas.span(Role::Trouble, mark), canvas.foreign(Role::Trouble, said)];
    canvas.line(screen, Line::from(line));
    true
}

/// Returns as much as there is room for of the news that etcd has gone back.
fn went_back(look: &Look, RevisionWentBack { from, to, at }: &RevisionWentBack, room: usize) -> String {
    let at = look.time(*at);
    let (how, short) = match to {
        Some(to) => (
            format!("its revision went back from {from} to {to}"),
            format!("revision {from} went back to {to}"),
        ),
        None => {
            (format!("its revision {from} is another one now"), format!("revision {from} is another now"))
        }
    };
    [
        format!("etcd was restored or lost data: {how} at {at}; ! says more"),
        format!("etcd was restored or lost data: {how} at {at}; press !"),
        format!("etcd was restored or lost data: {how}; press !"),
        format!("etcd was restored or lost data: {short}; press !"),
        format!("etcd lost data: {short}; press !"),
        "etcd was restored or lost data: press !".to_owned(),
    ]
    .into_iter()
    .find(|said| text::width(said) <= room)
    .unwrap_or_else(|| "etcd went back: !".to_owned())
}

/// `368 keys were deleted at revision 8842 by somebody else`.
pub(crate) fn what(keys: usize, raised: &Raised) -> String {
    let done = if raised.sighting == Sighting::OlderCopy { "gone" } else { "deleted" };
    let keys = match keys {
        1 => format!("1 key was {done}"),
        keys => format!("{} keys were {done}", grouped(keys)),
    };
    match raised.sighting {
        Sighting::Watched => format!("{keys} at revision {} by somebody else", raised.first),
        Sighting::Reread => format!("{keys} from revision {} on, while nothing was watched", raised.first),
        Sighting::OlderCopy => format!("{keys} when etcd went back to older data"),
    }
}

/// The same where there is less room.
fn in_short(keys: usize, raised: &Raised) -> String {
    let keys = counted(keys as u64, "key");
    match raised.sighting {
        Sighting::Watched => format!("{keys} deleted at revision {}", raised.first),
        Sighting::Reread => format!("{keys} deleted from revision {} on", raised.first),
        Sighting::OlderCopy => format!("{keys} gone: etcd went back"),
    }
}

/// Keys that lead to the page from here.
fn press(model: &Model) -> &'static str {
    let place = model.place();
    if matches!(place, KeyContext::Alarm | KeyContext::Working) {
        ""
    } else if place.takes_text() {
        "; Esc, then !"
    } else {
        "; press !"
    }
}

/// Sentence about an accident, as long as there is room; the keys to press are never cut.
fn alarm(model: &Model, page: &AlarmPage<'_>, room: usize) -> String {
    let mut forms = forms(page, press(model));
    let last = forms.pop().unwrap_or_default();
    forms.into_iter().find(|said| text::width(said) <= room).unwrap_or(last)
}

/// Forms of the sentence about an accident, from the longest on.
fn forms(page: &AlarmPage<'_>, press: &str) -> Vec<String> {
    let saved = page.raised.map(|raised| match &raised.saving {
        Saving::Asked(_) => ("being saved".to_owned(), "being saved"),
        // Its directory is told by what ! shows.
        Saving::Saved { file, .. } => {
            (format!("saved to {}", file.rsplit('/').next().unwrap_or(file)), "saved")
        }
        Saving::Failed(_) => ("NOT SAVED".to_owned(), "NOT SAVED"),
    });
    let keys = page.gone.len();
    let mut forms = Vec::new();
    if let Some(worst) = page.losses.first().map(|noticed| &noticed.loss) {
        let whole = match page.whole {
            WholeRescue::NotAsked => "not saved yet",
            WholeRescue::Running { .. } => "being saved",
            WholeRescue::Saved { .. } => "saved",
            WholeRescue::Failed(_) => "NOT SAVED",
        };
        let sentence = worst.sentence(page.raised.is_some());
        if let Some(raised) = page.raised {
            forms.push(format!("{sentence}, {whole}; {}{press}", what(keys, raised)));
        }
        let (now, then) = (grouped(worst.now.keys), grouped(worst.then.keys));
        let who = worst.whose.owner().unwrap_or("others");
        forms.extend([
            format!("{sentence}, {whole}{press}"),
            format!("{who}: {now} of {then} keys left, {whole}{press}"),
            format!("{who}: {now} of {then} keys left{press}"),
            format!("{now} of {then} left{press}"),
        ]);
    } else if let (Some(raised), Some((saved, short))) = (page.raised, saved) {
        let what = what(keys, raised);
        let brings = if press == "; press !" { "; ! brings them back" } else { press };
        forms.extend([
            format!("{what}; {saved}{brings}"),
            format!("{what}; {short}{brings}"),
            format!("{}; {short}{press}", in_short(keys, raised)),
            format!("{} keys deleted; {short}{press}", grouped(keys)),
            format!("{} deleted{press}", grouped(keys)),
        ]);
    }
    forms
}
