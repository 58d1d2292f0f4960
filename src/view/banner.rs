//! The line below the header: a mass deletion as long as nobody has seen to it, that etcd went back to older data as long
//! as nobody has looked at it, or that others live in the same etcd.
use super::{Look, canvas::Canvas, text, theme::Role};
use crate::{
    app::{Model, Raised, Saving, WentBack},
    quantity::grouped,
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
    if let Some(raised) = &model.alarm.raised {
        // That this is not the present has to be in sight whatever happens.
        let then = model
            .then
            .as_ref()
            .map_or_else(String::new, |then| format!("AS OF REVISION {}; ", then.revision));
        let room = usize::from(row.width).saturating_sub(2 + then.len());
        let said = then + &alarm(model, raised, room);
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

/// As much as there is room for of the news that etcd has gone back.
fn went_back(look: &Look, WentBack { from, to, at }: &WentBack, room: usize) -> String {
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
pub(super) fn what(model: &Model, raised: &Raised) -> String {
    let keys = match model.alarm.keys() {
        1 => "1 key was deleted".to_owned(),
        keys => format!("{} keys were deleted", grouped(keys)),
    };
    if raised.unseen {
        format!("{keys} from revision {} on, while nothing was watched", raised.first)
    } else {
        format!("{keys} at revision {} by somebody else", raised.first)
    }
}

/// As much as there is room for; what to press is never cut.
fn alarm(model: &Model, raised: &Raised, room: usize) -> String {
    let what = what(model, raised);
    let saved = match &raised.saving {
        Saving::Asked(_) => "being saved".to_owned(),
        // Its directory is told by what ! shows.
        Saving::Saved { file, .. } => format!("saved to {}", file.rsplit('/').next().unwrap_or(file)),
        Saving::Failed(_) => "NOT SAVED".to_owned(),
    };
    let short = match &raised.saving {
        Saving::Saved { .. } => "saved",
        Saving::Asked(_) => "being saved",
        Saving::Failed(_) => "NOT SAVED",
    };
    let keys = grouped(model.alarm.keys());
    [
        format!("{what}; {saved}; ! brings them back"),
        format!("{what}; {short}; ! brings them back"),
        format!("{keys} keys deleted at revision {}; {short}; press !", raised.first),
        format!("{keys} keys deleted; {short}; press !"),
    ]
    .into_iter()
    .find(|said| text::width(said) <= room)
    .unwrap_or_else(|| format!("{keys} deleted: press !"))
}
