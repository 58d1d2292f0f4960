pub(super) mod view;

use super::{KeyHandler, OverlayState};
use crate::{
    app::{
        DeckSession, editing,
        keymap::{Command, KeyContext},
        rules::{TypedFindings, TypedRecord},
        text,
    },
    dns::{Field, KeyContent, Name, RecordDraft, RecordType, Serving, is_numbered},
    index::Index,
    keys::{KeyValue, Scope, ScopedKey, spelling::spell},
    plan::{Intent, OwnRecord, RecordPlace},
};
use crossterm::event::{KeyCode, KeyEvent};
use tui_input::Input;

/// The form in which a record is added or edited. Checked while it is typed.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and none excludes another")]
pub struct Form {
    pub purpose: FormPurpose,
    draft: RecordDraft,
    /// The name that gets a record; only when adding.
    pub name: Input,
    /// The segment below the name, `@` for the name itself; only when adding.
    pub leaf: Input,
    leaf_touched: bool,
    kind_touched: bool,
    texts: Vec<(Field, Input)>,
    /// The record at the name itself moves into a leaf, so that it goes on answering.
    pub move_own: bool,
    own: bool,
    focus: usize,
    /// Reason why there is no review.
    pub complaint: Option<String>,
    /// Findings that it would have, once saved.
    pub typed: TypedFindings,
}

/// Purpose of the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormPurpose {
    Add,
    /// The record as it was when the form was opened.
    Edit(Box<KeyValue>),
}

/// A line of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormField {
    Kind,
    Name,
    Leaf,
    /// Choice whether the record at the name itself moves.
    Own,
    Of(Field),
}

impl Form {
    /// An empty form for one more record of a name.
    #[must_use]
    pub fn add(index: &Index, name: &str) -> Self {
        let kind = Name::parse(name).map_or(RecordType::A, |name| RecordDraft::suggested(&name));
        let mut form = Self {
            purpose: FormPurpose::Add,
            draft: RecordDraft::new(kind),
            name: Input::new(name.to_owned()),
            leaf: Input::default(),
            leaf_touched: false,
            kind_touched: false,
            texts: Vec::new(),
            move_own: true,
            own: false,
            focus: 0,
            complaint: None,
            typed: TypedFindings::default(),
        };
        form.take_texts();
        form.propose(index);
        form
    }

    /// A form with a record's fields. `None` when the record can only be edited as JSON.
    #[must_use]
    pub fn edit(session: &DeckSession, record: &KeyValue) -> Option<Self> {
        let (zones, scope) = (&session.serving.zones, &session.scope);
        let draft = RecordDraft::of_stored(zones, scope, &record.key, &record.value)?;
        let mut form = Self {
            purpose: FormPurpose::Edit(Box::new(record.clone())),
            draft,
            name: Input::default(),
            leaf: Input::default(),
            leaf_touched: true,
            kind_touched: true,
            texts: Vec::new(),
            move_own: false,
            own: false,
            focus: 1,
            complaint: None,
            typed: TypedFindings::default(),
        };
        form.take_texts();
        Some(form)
    }

    /// A form with the fields of a value that is to be stored at a key: an edit of the record there, or a new one.
    /// `None` if the record can only be edited as JSON.
    #[must_use]
    pub fn of_value(index: &Index, session: &DeckSession, key: &ScopedKey, value: &[u8]) -> Option<Self> {
        let (zones, scope) = (&session.serving.zones, &session.scope);
        let draft = RecordDraft::of_stored(zones, scope, key, value)?;
        let mut form = if let Some(stored) = index.get(key.as_bytes()) {
            let purpose = FormPurpose::Edit(Box::new(stored));
            Self { purpose, move_own: false, focus: 1, ..Self::add(index, "") }
        } else {
            let whole = Name::of_key(scope, key);
            let leaf = whole.labels().next().filter(|label| is_numbered(label)).map(<[u8]>::to_vec);
            let (name, leaf) = match leaf.zip(whole.parent()) {
                Some((leaf, name)) if !name.is_root() => (name, spell(&leaf)),
                _ => (whole, "@".to_owned()),
            };
            Self { leaf: Input::new(leaf), ..Self::add(index, &name.to_string()) }
        };
        (form.leaf_touched, form.kind_touched) = (true, true);
        form.draft = draft;
        form.take_texts();
        form.propose(index);
        // A key that no typed name leads to cannot be in this form.
        (form.key(scope).as_ref() == Some(key)).then_some(form)
    }

    /// The lines of the form, from the top.
    #[must_use]
    pub fn fields(&self) -> Vec<FormField> {
        let mut fields = vec![FormField::Kind];
        if self.purpose == FormPurpose::Add {
            fields.extend([FormField::Name, FormField::Leaf]);
            if self.asks_about_own() {
                fields.push(FormField::Own);
            }
        }
        fields.extend(self.texts.iter().map(|(field, _)| FormField::Of(*field)));
        fields
    }

    /// Tells whether a leaf is added to a name that has a record at its own key, which would not answer any more.
    fn asks_about_own(&self) -> bool {
        self.purpose == FormPurpose::Add && self.own && self.leaf.value() != "@"
    }

    /// The line that the cursor is on.
    #[must_use]
    pub fn focused(&self) -> FormField {
        self.fields().get(self.focus).copied().unwrap_or(FormField::Kind)
    }

    /// The type that is being made.
    #[must_use]
    pub fn kind(&self) -> RecordType {
        self.draft.kind()
    }

    /// The input of a line, where it has one.
    #[must_use]
    pub fn input(&self, field: FormField) -> Option<&Input> {
        match field {
            FormField::Name => Some(&self.name),
            FormField::Leaf => Some(&self.leaf),
            FormField::Of(field) => self.texts.iter().find(|(is, _)| *is == field).map(|(_, input)| input),
            FormField::Kind | FormField::Own => None,
        }
    }

    /// Complaint about a line as it is. An empty field that is needed is only complained about at the review.
    #[must_use]
    pub fn trouble(&self, scope: &Scope, field: FormField) -> Option<String> {
        match field {
            FormField::Name => Name::typed(scope, self.name.value()).err().map(|error| error.in_one_line()),
            FormField::Leaf => place_of(self.leaf.value()).err(),
            FormField::Of(field) => self
                .draft
                .trouble(field)
                .filter(|_| !self.draft.text(field).is_empty())
                .map(|error| error.to_string()),
            FormField::Kind | FormField::Own => None,
        }
    }

    /// The key that the record would get, as far as it is known here; etcd decides.
    #[must_use]
    pub fn key(&self, scope: &Scope) -> Option<ScopedKey> {
        if let FormPurpose::Edit(record) = &self.purpose {
            return Some(record.key.clone());
        }
        let name = self.name_key(scope).ok()?;
        match place_of(self.leaf.value()).ok()? {
            RecordPlace::Own => Some(name),
            RecordPlace::Leaf(leaf) => scope.key(&[name.as_bytes(), b"/", &leaf].concat()).ok(),
            RecordPlace::NextLeaf | RecordPlace::OwnIfFree => None,
        }
    }

    pub(in crate::app) fn run(&mut self, index: &Index, command: Option<Command>, event: KeyEvent) {
        self.complaint = None;
        let focused = self.focused();
        match (command, focused) {
            (Some(Command::NextField), _) => self.focus = (self.focus + 1).min(self.fields().len() - 1),
            (Some(Command::PreviousField), _) => self.focus = self.focus.saturating_sub(1),
            (Some(Command::NextChoice), FormField::Kind) => self.turn_kind(1),
            (Some(Command::PreviousChoice), FormField::Kind) => self.turn_kind(RecordType::ALL.len() - 1),
            (Some(Command::NextChoice | Command::PreviousChoice), FormField::Own) => {
                self.move_own = !self.move_own;
            }
            _ => match focused {
                FormField::Kind => self.kind_by_letter(event),
                FormField::Own => self.move_own ^= event.code == KeyCode::Char(' '),
                FormField::Name | FormField::Leaf | FormField::Of(_) => {
                    if let Some(input) = self.input_mut(focused) {
                        text::type_into(input, event);
                    }
                }
            },
        }
        self.typed(index, focused);
    }

    /// Intent that the form stands for, or the reason why there is none. `serving` tells which names are zones.
    pub(in crate::app) fn intent(
        &self,
        scope: &Scope,
        serving: impl FnOnce() -> Serving,
    ) -> Result<Intent, String> {
        let value = self.draft.value().map_err(|error| error.to_string())?;
        let value: Box<[u8]> = value.to_bytes().into();
        if self.kind() == RecordType::Ns {
            let name = match &self.purpose {
                FormPurpose::Add => self.typed_name(scope)?,
                FormPurpose::Edit(base) => Name::of_key(scope, &base.key),
            };
            let servers = serving().servers_of(&name).map_err(|none| none.to_string())?;
            if self.purpose != FormPurpose::Add && servers != name {
                return Err(format!("a name server stands below {servers}: add one there"));
            }
        }
        match &self.purpose {
            FormPurpose::Edit(base) => Ok(Intent::Edit { base: (**base).clone(), value }),
            FormPurpose::Add => {
                let name = self.name_key(scope)?;
                let place =
                    if self.leaf_touched { place_of(self.leaf.value())? } else { self.proposed_place() };
                let own = if self.move_own { OwnRecord::MoveToLeaf } else { OwnRecord::Leave };
                Ok(Intent::Add { name, place, own, value, lease: None })
            }
        }
    }

    /// Key and value that would be stored, as far as they are typed and known here.
    pub(in crate::app) fn entry(&self, scope: &Scope) -> Option<TypedRecord> {
        let value = self.draft.value().ok()?.to_json().into_bytes().into();
        let lease = match &self.purpose {
            FormPurpose::Edit(base) => base.lease,
            FormPurpose::Add => None,
        };
        let moves = if self.asks_about_own() && self.move_own { self.name_key(scope).ok() } else { None };
        Some(TypedRecord { key: self.key(scope)?, content: KeyContent { value, lease }, moves })
    }

    /// Makes the edit start from the value that somebody else has stored meanwhile.
    pub(in crate::app) fn rebase(&mut self, theirs: KeyValue) {
        if let FormPurpose::Edit(base) = &mut self.purpose {
            **base = theirs;
        }
    }

    fn typed(&mut self, index: &Index, field: FormField) {
        match field {
            FormField::Leaf => self.leaf_touched |= self.leaf.value() != self.proposal(index),
            FormField::Name if !self.kind_touched => {
                if let Ok(name) = Name::parse(self.name.value()) {
                    let kind = RecordDraft::suggested(&name);
                    if kind != self.draft.kind() {
                        self.set_kind(kind);
                    }
                }
            }
            FormField::Of(field) => {
                let text =
                    self.texts.iter().find(|(is, _)| *is == field).map(|(_, input)| input.value().to_owned());
                self.draft.type_in(field, text.unwrap_or_default());
            }
            FormField::Kind | FormField::Own | FormField::Name => {}
        }
        self.propose(index);
    }

    fn turn_kind(&mut self, by: usize) {
        let at = RecordType::ALL.iter().position(|kind| *kind == self.draft.kind()).unwrap_or(0);
        if let Some(kind) = RecordType::ALL.iter().cycle().nth(at + by) {
            self.kind_touched = true;
            self.set_kind(*kind);
        }
    }

    fn kind_by_letter(&mut self, event: KeyEvent) {
        let KeyCode::Char(letter) = event.code else { return };
        let at = RecordType::ALL.iter().position(|kind| *kind == self.draft.kind()).unwrap_or(0);
        let next = RecordType::ALL
            .iter()
            .cycle()
            .skip(at + 1)
            .take(RecordType::ALL.len())
            .find(|kind| kind.mnemonic().starts_with(letter.to_ascii_uppercase()));
        if let Some(kind) = next {
            self.kind_touched = true;
            self.set_kind(*kind);
        }
    }

    fn set_kind(&mut self, kind: RecordType) {
        self.draft = self.draft.clone().with_kind(kind);
        self.take_texts();
    }

    fn take_texts(&mut self) {
        self.texts = self.draft.texts().map(|(field, text)| (field, Input::new(text.to_owned()))).collect();
    }

    /// Proposes a leaf for the name, until another one was typed.
    fn propose(&mut self, index: &Index) {
        if self.purpose != FormPurpose::Add {
            return;
        }
        self.own = self.name_key(index.records().scope()).is_ok_and(|name| {
            index.node_at(name.as_bytes()).is_none() && index.get(name.as_bytes()).is_some()
        });
        if !self.leaf_touched {
            self.leaf = Input::new(self.proposal(index));
        }
    }

    fn proposed_place(&self) -> RecordPlace {
        match self.draft.kind() {
            RecordType::Ptr => RecordPlace::Own,
            RecordType::Cname => RecordPlace::OwnIfFree,
            _ => RecordPlace::NextLeaf,
        }
    }

    fn proposal(&self, index: &Index) -> String {
        // PTR queries look at the name's own key and nowhere else.
        if self.draft.kind() == RecordType::Ptr {
            return "@".to_owned();
        }
        let Ok(name) = self.name_key(index.records().scope()) else { return "x1".to_owned() };
        // CNAME queries do so too, if the name has room for an alias of its own.
        let free = !self.own && index.node_at(name.as_bytes()).is_none();
        if self.draft.kind() == RecordType::Cname && free {
            return "@".to_owned();
        }
        let taken = |number: u32| {
            let key = [name.as_bytes(), format!("/x{number}").as_bytes()].concat();
            index.get(&key).is_some() || index.node_at(&key).is_some()
        };
        let mut free = (1..).filter(|number| !taken(*number));
        // The moved record is the older one and gets the first number.
        let skip = usize::from(self.own && self.move_own);
        format!("x{}", free.nth(skip).unwrap_or(1))
    }

    fn name_key(&self, scope: &Scope) -> Result<ScopedKey, String> {
        let wrong = |error: crate::dns::NameError| format!("name: {error}");
        let mut name = self.typed_name(scope)?;
        // CoreDNS looks for a zone's servers there and nowhere else.
        if self.kind() == RecordType::Ns && RecordDraft::suggested(&name) != RecordType::Ns {
            name = Name::parse(&format!("ns.dns.{name}")).map_err(wrong)?;
        }
        name.key(scope).map_err(wrong)
    }

    fn typed_name(&self, scope: &Scope) -> Result<Name, String> {
        Name::typed(scope, self.name.value()).map_err(|error| format!("name: {}", error.in_one_line()))
    }

    fn input_mut(&mut self, field: FormField) -> Option<&mut Input> {
        match field {
            FormField::Name => Some(&mut self.name),
            FormField::Leaf => Some(&mut self.leaf),
            FormField::Of(field) => {
                self.texts.iter_mut().find(|(is, _)| *is == field).map(|(_, input)| input)
            }
            FormField::Kind | FormField::Own => None,
        }
    }
}

/// Reads the place of the record from the leaf's text.
fn place_of(leaf: &str) -> Result<RecordPlace, String> {
    match leaf {
        "" => Ok(RecordPlace::NextLeaf),
        "@" => Ok(RecordPlace::Own),
        leaf => match Name::parse(leaf) {
            Ok(name) if name.labels().len() == 1 && !leaf.contains(['/', '.']) => {
                Ok(RecordPlace::Leaf(name.labels().next().unwrap_or_default().into()))
            }
            _ => Err("a leaf is one label, as x1; @ is the name itself".to_owned()),
        },
    }
}

impl OverlayState for Form {
    fn place(&self) -> KeyContext {
        KeyContext::Form
    }

    fn handler(&self) -> KeyHandler {
        |model, command, key| editing::on_key(model, command, key.event)
    }

    fn is_in_field(&self) -> bool {
        self.input(self.focused()).is_some()
    }

    fn type_text(&mut self, index: &Index, text: &str) {
        self.complaint = None;
        let focused = self.focused();
        if let Some(input) = self.input_mut(focused) {
            text::insert(input, text.chars());
        }
        self.typed(index, focused);
    }

    fn paste(&mut self, index: &Index, pasted: &str) {
        let focused = self.focused();
        let Some(input) = self.input_mut(focused) else { return };
        let whole = text::paste_into(input, pasted);
        self.complaint = (!whole).then(|| "only the first line of the paste was taken".to_owned());
        self.typed(index, focused);
    }
}
