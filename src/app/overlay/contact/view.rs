//! Question which cluster this is: met for the first time, or another one than was known by its name.
use crate::{
    app::{Model, overlay::FirstContact},
    quantity::counted,
    store::{Neighbour, NeighbourKeys},
    view::{
        canvas::Canvas,
        overlay::{Picture, centred, complaint, dialog_width, inside, scrolled, short},
        text::shown,
        theme::Role,
    },
};
use ratatui::{layout::Rect, text::Line};

impl Picture for FirstContact {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, model: &Model) {
        let width = dialog_width(body, 76);
        let columns = inside(width);
        let status = &model.session.status;
        let before = self.meeting.before.as_ref();
        let (role, title, said) = match before {
            None => (
                Role::Accent,
                "First contact",
                format!(
                    "This cluster has not been met under this name before. With a label it is known from now on, and another \
                     cluster by the same name can only be looked at. Enter without a label takes {}.",
                    status.address()
                ),
            ),
            Some(_) => (
                Role::Trouble,
                "! Another cluster",
                "This is not the cluster that was known by this name, and so it can only be looked at. It may have been \
                 rebuilt, or this name may lead somewhere else now."
                    .to_owned(),
            ),
        };
        let mut lines = canvas.wrapped(&said, columns, Role::Plain);
        lines.push(Line::default());
        let mut fact = |label: &str, value: &str| {
            let wrapped =
                canvas.wrapped(&shown(value, canvas.look), columns.saturating_sub(10).max(8), Role::Plain);
            for (number, mut line) in wrapped.into_iter().enumerate() {
                line.spans.insert(
                    0,
                    canvas.span(Role::Quiet, format!("{:<10}", if number == 0 { label } else { "" })),
                );
                lines.push(line);
            }
        };
        fact("cluster", &self.cluster.to_string());
        if let Some(before) = before {
            let since =
                before.since.to_zoned(canvas.look.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
            fact("known was", &format!("{} ({}), since {since}", before.cluster, before.label));
        }
        fact("name", &self.meeting.name.replace(',', ", "));
        if self.meeting.name != status.endpoint {
            fact("endpoint", &status.endpoint);
        }
        fact("etcd", status.version.as_deref().unwrap_or("its version is not told to this credential"));
        let members = match &model.health {
            Some(health) if health.listed => health.members.len().to_string(),
            Some(_) => "not told to this credential".to_owned(),
            None => "being asked".to_owned(),
        };
        fact("members", &members);
        fact("tenants", &tenants(model.session.neighbours.as_deref()));
        if let Some(power) = model.session.power_alarm(usize::MAX) {
            fact("power", &power);
        }
        let ask = match before {
            None => "Label: ".to_owned(),
            Some(_) => format!("To accept it, type {}: ", self.digits()),
        };
        let last = self.note.as_ref().map(|note| complaint(canvas, note, columns)).unwrap_or_default();
        let below = short(last.len() + 2);
        let frame = centred(body, width, short(lines.len()) + below + 2);
        let inner = canvas.frame(frame, role, title);
        let room = inner.height.saturating_sub(below);
        scrolled(canvas, Rect { height: room, ..inner }, lines, self.scroll);
        let row = Rect { y: inner.y + room + 1, height: 1.min(inner.height), ..inner };
        let wide = short(ask.len());
        canvas.line(row, canvas.span(Role::Strong, ask));
        let field = Rect { x: row.x + wide, width: row.width.saturating_sub(wide), ..row };
        canvas.input(field, &self.input, Role::Plain, true);
        let from = inner.y + room + 2;
        canvas.lines(Rect { y: from, height: (inner.y + inner.height).saturating_sub(from), ..inner }, last);
    }
}

/// The owners of the keys beside the scope.
fn tenants(neighbours: Option<&[Neighbour]>) -> String {
    let Some(neighbours) = neighbours else { return "being counted".to_owned() };
    let told = neighbours.iter().filter_map(|neighbour| match neighbour.keys {
        NeighbourKeys::Counted(keys @ 1..) => {
            Some(format!("{} ({})", neighbour.tenant.owner, counted(keys, "key")))
        }
        NeighbourKeys::Counted(0) | NeighbourKeys::Denied | NeighbourKeys::Failed(_) => None,
    });
    let told = told.collect::<Vec<_>>().join(", ");
    let is = |what: fn(&NeighbourKeys) -> bool| neighbours.iter().any(|neighbour| what(&neighbour.keys));
    if !told.is_empty() {
        told
    } else if is(|keys| matches!(keys, NeighbourKeys::Failed(_))) {
        "could not be counted".to_owned()
    } else if is(|keys| *keys == NeighbourKeys::Denied) {
        "not shown to this credential".to_owned()
    } else {
        format!("no key of the {} that are known by name", neighbours.len())
    }
}
