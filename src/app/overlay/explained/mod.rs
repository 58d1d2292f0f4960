mod view;

use super::{Form, KeyHandler, Overlay, OverlayState, change};
use crate::{
    app::{
        Effect, Key, Model, Pane, RequestId, TerminalTask, WorkerTask,
        keymap::{Command, KeyContext, May},
    },
    etcdctl::{Danger, Equivalent, Explanation, Hits, SuggestedLine},
    index::NodeId,
    plan::Intent,
};

/// Page that explains etcdctl lines. Nothing that is here can run one.
#[derive(Debug)]
pub struct Explained {
    /// All lines of the text, in its order.
    pub lines: Vec<ExplainedLine>,
    /// The line that key presses are about.
    pub cursor: usize,
    /// The first row of the page that is in sight; `None` stands for the first row of the chosen line.
    pub scroll: Option<u16>,
    request: RequestId,
}

/// One etcdctl command of the text.
#[derive(Debug)]
pub struct ExplainedLine {
    pub explanation: Explanation,
    pub hits: Hits,
    /// Endpoints of another cluster that the line names. Its keys are counted in the one that is shown here.
    pub elsewhere: Option<String>,
}

impl ExplainedLine {
    /// Tells whether its keys are being counted.
    #[must_use]
    pub fn is_counted_now(&self) -> bool {
        self.explanation.span.is_some() && self.hits == Hits::Uncounted
    }
}

impl Explained {
    /// Command that was probably meant by the chosen line.
    #[must_use]
    pub fn meant(&self) -> Option<&SuggestedLine> {
        self.lines.get(self.cursor)?.explanation.meant.as_ref()
    }

    /// The change of this program that stands for the chosen line.
    #[must_use]
    pub fn equivalent(&self) -> Option<&Equivalent> {
        self.meant().and_then(SuggestedLine::equivalent)
    }

    fn is_counting(&self) -> bool {
        self.lines.iter().any(ExplainedLine::is_counted_now)
    }

    fn choose(&mut self, line: usize) {
        self.cursor = line;
        self.scroll = None;
    }
}

/// Opens the change that stands for a pasted line: the delete dialog, or the form filled in. Opens the page instead for
/// several lines, for one that can take away more than it says, and if nothing may be changed.
pub(in crate::app) fn open_pasted(model: &mut Model, explanations: Vec<Explanation>) -> Vec<Effect> {
    let reached = model.session.etcdctl.as_ref().map_or(&[][..], |connection| &connection.endpoints);
    let plain = match &explanations[..] {
        [only] if only.verdict != Danger::Dangerous && named_elsewhere(only, reached).is_none() => {
            only.meant.as_ref().and_then(SuggestedLine::equivalent).cloned()
        }
        _ => None,
    };
    match plain.filter(|_| model.may() == May::Change) {
        Some(equivalent) => begin(model, equivalent).unwrap_or_else(|| open(model, explanations)),
        None => open(model, explanations),
    }
}

/// Opens the change that stands for a line; it is made once somebody agrees. `None` if no form can show it.
fn begin(model: &mut Model, equivalent: Equivalent) -> Option<Vec<Effect>> {
    match equivalent {
        Equivalent::Delete { key, recursive } => {
            let records = model.index.records();
            let is_alone = records.contains(key.as_bytes());
            let below = records.count(&model.session.scope.below_key(&key));
            // A name without a record at its own key stands for the records below it.
            let intent = if recursive || (!is_alone && below > 0) {
                Intent::DeleteSubtree { name: key }
            } else {
                Intent::Delete { key }
            };
            let effects = change::open(model, intent);
            model.say("the etcdctl line was not run: this is what it means, and is agreed to by typing");
            Some(effects)
        }
        Equivalent::Put { key, value } => {
            let form = Form::of_value(&model.index, &model.session, &key, &value)?;
            model.overlays.push(Overlay::Form(Box::new(form)));
            model.say("the etcdctl line was not run: this is its value; Enter shows what it would change");
            Some(vec![])
        }
    }
}

/// Opens the page at the worst of the lines, and has their keys counted.
pub(in crate::app) fn open(model: &mut Model, mut explanations: Vec<Explanation>) -> Vec<Effect> {
    for meant in explanations.iter_mut().filter_map(|explanation| explanation.meant.as_mut()) {
        meant.reach_by(&model.session.given);
    }
    let request = model.request();
    let reached = model.session.etcdctl.as_ref().map_or(&[][..], |connection| &connection.endpoints);
    let line = |explanation: Explanation| {
        let elsewhere = named_elsewhere(&explanation, reached);
        ExplainedLine { explanation, hits: Hits::Uncounted, elsewhere }
    };
    let lines: Vec<ExplainedLine> = explanations.iter().cloned().map(line).collect();
    let worst = lines.iter().map(|line| line.explanation.verdict).max();
    let cursor = lines.iter().position(|line| Some(line.explanation.verdict) == worst).unwrap_or_default();
    let scroll = Some(0).filter(|_| cursor == 0);
    let page = Explained { lines, cursor, scroll, request };
    let counts = page.is_counting();
    model.overlays.push(Overlay::Explained(page));
    if counts { vec![Effect::Worker(WorkerTask::Count(request, explanations))] } else { vec![] }
}

/// The endpoints of a line, where the session reaches none of them by these names.
fn named_elsewhere(explanation: &Explanation, reached: &[String]) -> Option<String> {
    let bare = |endpoint: &str| {
        let endpoint = endpoint.trim().split_once("://").map_or(endpoint, |(_, address)| address);
        endpoint.trim().trim_end_matches('/').to_owned()
    };
    let named = explanation.destination.as_ref()?.endpoints.as_ref()?;
    let is_here = |endpoint: &str| reached.iter().any(|reached| bare(reached) == bare(endpoint));
    (!named.split(',').any(is_here)).then(|| named.clone())
}

pub(in crate::app) fn on_counted(model: &mut Model, request: RequestId, number: usize, hits: Hits) {
    let open = model.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Explained(page) if page.request == request => Some(page),
        _ => None,
    });
    if let Some(line) = open.and_then(|page| page.lines.get_mut(number)) {
        line.hits = hits;
    }
}

fn on_key(model: &mut Model, command: Option<Command>, key: Key) -> Vec<Effect> {
    let Some(Overlay::Explained(page)) = model.overlays.last_mut() else { return vec![] };
    // In a terminal that does not mark pastes, the first line end has opened this page, and the rest comes as keys.
    let is_act = matches!(
        command,
        Some(
            Command::Back
                | Command::Accept
                | Command::CopyMeant
                | Command::DeleteRecord
                | Command::EditForm
                | Command::NextMatch
                | Command::PreviousMatch
        )
    );
    if is_act && key.in_burst {
        model.complain("only the first line is explained: what came with it as keys was left alone");
        return vec![];
    }
    let last = page.lines.len().saturating_sub(1);
    match command {
        Some(Command::Back) => close(model),
        Some(Command::DeleteRecord | Command::EditForm) => in_its_place(model),
        Some(Command::Accept) => go_there(model),
        Some(Command::CopyMeant) => copy(model),
        Some(Command::NextMatch) => {
            page.choose(if page.cursor < last { page.cursor + 1 } else { 0 });
            vec![]
        }
        Some(Command::PreviousMatch) => {
            page.choose(page.cursor.checked_sub(1).unwrap_or(last));
            vec![]
        }
        command => {
            let mut scroll = page.scroll.unwrap_or_default();
            super::scroll(&mut scroll, command);
            page.scroll = page.scroll.map(|_| scroll);
            vec![]
        }
    }
}

/// Opens the change that stands for the chosen line.
fn in_its_place(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Explained(page)) = model.overlays.last() else { return vec![] };
    let Some(equivalent) = page.equivalent().cloned() else {
        model.say("no one change of the scope was meant by this line");
        return vec![];
    };
    let mut effects = close(model);
    match begin(model, equivalent) {
        Some(begun) => effects.extend(begun),
        None => model
            .complain("its value is no record whose fields could be shown: add it with a, and edit its JSON"),
    }
    effects
}

fn close(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Explained(page)) = model.overlays.pop() else { return vec![] };
    if page.is_counting() { vec![Effect::Worker(WorkerTask::CountNoMore)] } else { vec![] }
}

/// Shows the key that was probably meant, so that it can be looked at before anything is done to it.
fn go_there(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Explained(page)) = model.overlays.last() else { return vec![] };
    let Some(start) = page.meant().map(|meant| meant.span.start.clone()) else {
        model.say("no name or key of the scope was meant by this line");
        return vec![];
    };
    let mut effects = close(model);
    let name = start.strip_suffix(b"/").unwrap_or(&start);
    if let Ok(key) = model.session.scope.key(name) {
        effects.extend(model.go_to(key));
    } else {
        // The scope itself is meant.
        model.tree.reveal(&model.index, NodeId::ROOT);
        model.focus = Pane::Tree;
    }
    effects
}

fn copy(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Explained(page)) = model.overlays.last() else { return vec![] };
    let Some(meant) = page.meant() else {
        model.say("nothing else was probably meant by this line: nothing was copied");
        return vec![];
    };
    let Some(line) = meant.line() else {
        model.say("this is no line that could be pasted as it stands: nothing was copied; Enter goes there");
        return vec![];
    };
    vec![Effect::Terminal(TerminalTask::Copy { what: "command", told: line.clone(), text: line })]
}

impl OverlayState for Explained {
    fn place(&self) -> KeyContext {
        KeyContext::Explained
    }

    fn handler(&self) -> KeyHandler {
        on_key
    }

    fn has_use_for(&self, command: Command) -> bool {
        match command {
            Command::CopyMeant => self.meant().is_some_and(|meant| meant.line().is_some()),
            Command::Accept => self.meant().is_some(),
            Command::DeleteRecord => matches!(self.equivalent(), Some(Equivalent::Delete { .. })),
            Command::EditForm => matches!(self.equivalent(), Some(Equivalent::Put { .. })),
            Command::NextMatch => self.lines.len() > 1,
            _ => true,
        }
    }

    fn scrolled_to(&mut self, line: u16) {
        self.scroll = Some(line);
    }
}
