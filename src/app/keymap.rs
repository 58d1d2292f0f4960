//! The one table of commands. Dispatch, the footer, the help page, the palette and README's key list read it.
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a person can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    Down,
    Up,
    Left,
    Right,
    First,
    Last,
    HalfPageDown,
    HalfPageUp,
    Open,
    NextPane,
    PreviousPane,
    Find,
    NextMatch,
    PreviousMatch,
    SwitchView,
    Answers,
    Findings,
    FilterSeverity,
    Verify,
    Health,
    Fix,
    WithPtr,
    CopyKey,
    CopyValue,
    Add,
    EditForm,
    EditJson,
    EditExternally,
    DeleteRecord,
    DeleteSubtree,
    Journal,
    Undo,
    History,
    PutBack,
    PutNameBack,
    AsOf,
    Prune,
    Finish,
    Mark,
    MarkRange,
    MarkMatches,
    UnmarkAll,
    Bulk,
    Alarm,
    BringBack,
    Dismiss,
    ReadAgain,
    Palette,
    Help,
    Back,
    Quit,
    Backup,
    Cluster,
    Profiles,
    Suspend,
    Redraw,
    NextField,
    PreviousField,
    PreviousChoice,
    NextChoice,
    Accept,
    Review,
    Save,
    KeepTheirs,
    SaveOverTheirs,
    EditAgain,
    ScrollDown,
    ScrollUp,
}

/// Where the keys of the keyboard go. Computed from the model, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    Tree,
    Records,
    Record,
    Finding,
    Alarm,
    Form,
    Bulk,
    Json,
    Review,
    Confirm,
    Conflict,
    Findings,
    Journal,
    Entry,
    History,
    TakeBack,
    BrokenOff,
    Contact,
    Profiles,
    Palette,
    Help,
    Notice,
    Working,
}

impl Place {
    /// Every place, for checks over the table.
    pub const ALL: [Self; 23] = [
        Self::Tree,
        Self::Records,
        Self::Record,
        Self::Finding,
        Self::Alarm,
        Self::Form,
        Self::Bulk,
        Self::Json,
        Self::Review,
        Self::Confirm,
        Self::Conflict,
        Self::Findings,
        Self::Journal,
        Self::Entry,
        Self::History,
        Self::TakeBack,
        Self::BrokenOff,
        Self::Contact,
        Self::Profiles,
        Self::Palette,
        Self::Help,
        Self::Notice,
        Self::Working,
    ];

    /// Whether plain characters are text here.
    #[must_use]
    pub fn takes_text(self) -> bool {
        matches!(
            self,
            Self::Finding
                | Self::Form
                | Self::Bulk
                | Self::Json
                | Self::Confirm
                | Self::Contact
                | Self::Palette
        )
    }

    /// What the help page calls it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Tree => "in the tree of names",
            Self::Records => "in the records of a name",
            Self::Record => "in the record",
            Self::Finding => "while finding",
            Self::Alarm => "after a mass deletion",
            Self::Form => "in the form",
            Self::Bulk => "in the form for many records",
            Self::Json => "in the JSON editor",
            Self::Review => "before saving",
            Self::Confirm => "before a change that is typed for",
            Self::Conflict => "when somebody else was faster",
            Self::Findings => "in the list of findings",
            Self::Journal => "in the journal",
            Self::Entry => "in an entry of the journal",
            Self::History => "in a history",
            Self::TakeBack => "before something is taken back",
            Self::BrokenOff => "when a change was broken off",
            Self::Contact => "when a cluster is met",
            Self::Profiles => "in the list of profiles",
            Self::Palette => "in the palette",
            Self::Help => "on this page",
            Self::Notice => "in a message",
            Self::Working => "while a change is made",
        }
    }
}

/// Whether a command changes etcd. A read-only session neither runs nor offers what writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Reads,
    Writes,
    /// Plans to put something back, from a picture of an old revision.
    PutsBack,
}

/// What can be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// The session is read-only.
    Look,
    /// An old revision is shown: it can be looked at, and put back.
    PutBack,
    Change,
}

impl Access {
    /// Whether a command with this access is offered.
    #[must_use]
    pub fn offered(self, may: May) -> bool {
        match self {
            Self::Reads => true,
            Self::Writes => may == May::Change,
            Self::PutsBack => may == May::PutBack,
        }
    }
}

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyPress(pub KeyModifiers, pub KeyCode);

/// One row of the table.
#[derive(Debug)]
pub struct Binding {
    pub command: Command,
    pub places: &'static [Place],
    pub access: Access,
    pub keys: &'static [KeyPress],
    /// For the footer, one or two words; empty for what every reader knows.
    pub hint: &'static str,
    /// For the help page.
    pub help: &'static str,
}

const fn ch(c: char) -> KeyPress {
    KeyPress(KeyModifiers::NONE, KeyCode::Char(c))
}
const fn ctrl(c: char) -> KeyPress {
    KeyPress(KeyModifiers::CONTROL, KeyCode::Char(c))
}
const fn key(code: KeyCode) -> KeyPress {
    KeyPress(KeyModifiers::NONE, code)
}

const PANES: &[Place] = &[Place::Tree, Place::Records, Place::Record];
const MARKED: &[Place] = &[Place::Tree, Place::Records];
const RECORDS: &[Place] = &[Place::Records, Place::Record];
const FINDING: &[Place] = &[Place::Finding];
const FORMS: &[Place] = &[Place::Form, Place::Bulk];
const FIELDS: &[Place] = &[Place::Form, Place::Bulk, Place::Confirm];
const REVIEW: &[Place] = &[Place::Review];
const LIST: &[Place] = &[Place::Findings];
/// Lists of what was.
const PASTS: &[Place] = &[Place::Journal, Place::History];
const READ_PASTS: &[Place] = &[Place::Entry, Place::TakeBack, Place::BrokenOff];
const PROFILES: &[Place] = &[Place::Profiles];
const CONFLICT: &[Place] = &[Place::Conflict];
const SCROLLED: &[Place] = &[
    Place::Alarm,
    Place::Review,
    Place::Confirm,
    Place::Conflict,
    Place::Entry,
    Place::TakeBack,
    Place::BrokenOff,
    Place::Contact,
    Place::Help,
    Place::Notice,
];
const OVERLAYS: &[Place] = &[
    Place::Finding,
    Place::Alarm,
    Place::Form,
    Place::Bulk,
    Place::Json,
    Place::Review,
    Place::Confirm,
    Place::Conflict,
    Place::Findings,
    Place::Journal,
    Place::Entry,
    Place::History,
    Place::TakeBack,
    Place::BrokenOff,
    Place::Contact,
    Place::Profiles,
    Place::Palette,
    Place::Help,
    Place::Notice,
];

use Access::{PutsBack, Reads, Writes};
use Command as C;
use KeyCode as K;

/// The table. The order is the order of the footer and of the help page.
#[rustfmt::skip]
pub const BINDINGS: &[Binding] = &[
    Binding { command: C::Open,           places: PANES,    access: Reads,  keys: &[key(K::Enter)],                 hint: "open",     help: "open the name, or the record" },
    Binding { command: C::Down,           places: PANES,    access: Reads,  keys: &[ch('j'), key(K::Down)],         hint: "",         help: "down" },
    Binding { command: C::Up,             places: PANES,    access: Reads,  keys: &[ch('k'), key(K::Up)],           hint: "",         help: "up" },
    Binding { command: C::Left,           places: PANES,    access: Reads,  keys: &[ch('h'), key(K::Left)],         hint: "",         help: "fold, or back to the pane on the left" },
    Binding { command: C::Right,          places: PANES,    access: Reads,  keys: &[ch('l'), key(K::Right)],        hint: "",         help: "unfold, or on to the pane on the right" },
    Binding { command: C::First,          places: PANES,    access: Reads,  keys: &[ch('g'), key(K::Home)],         hint: "",         help: "first" },
    Binding { command: C::Last,           places: PANES,    access: Reads,  keys: &[ch('G'), key(K::End)],          hint: "",         help: "last" },
    Binding { command: C::HalfPageDown,   places: PANES,    access: Reads,  keys: &[ctrl('d'), key(K::PageDown)],   hint: "",         help: "half a page down" },
    Binding { command: C::HalfPageUp,     places: PANES,    access: Reads,  keys: &[ctrl('u'), key(K::PageUp)],     hint: "",         help: "half a page up" },
    Binding { command: C::NextPane,       places: PANES,    access: Reads,  keys: &[key(K::Tab)],                   hint: "pane",     help: "next pane" },
    Binding { command: C::PreviousPane,   places: PANES,    access: Reads,  keys: &[key(K::BackTab)],               hint: "",         help: "previous pane" },
    Binding { command: C::Add,            places: PANES,    access: Writes, keys: &[ch('a')],                       hint: "add",      help: "add a record to the name" },
    Binding { command: C::EditForm,       places: RECORDS,  access: Writes, keys: &[ch('e')],                       hint: "edit",     help: "edit the record in a form" },
    Binding { command: C::EditJson,       places: RECORDS,  access: Writes, keys: &[ch('i')],                       hint: "JSON",     help: "edit the record's JSON" },
    Binding { command: C::EditExternally, places: RECORDS,  access: Writes, keys: &[ch('E')],                       hint: "",         help: "edit the record's JSON in $EDITOR" },
    Binding { command: C::DeleteRecord,   places: RECORDS,  access: Writes, keys: &[ch('d')],                       hint: "delete",   help: "delete the record, after its key was typed" },
    Binding { command: C::DeleteSubtree,  places: PANES,    access: Writes, keys: &[ch('D')],                       hint: "delete name", help: "delete the name and all below it, after its key was typed" },
    Binding { command: C::Mark,           places: PANES,    access: Writes, keys: &[ch(' ')],                       hint: "mark",     help: "mark the name or the record for a bulk change, or unmark it" },
    Binding { command: C::MarkRange,      places: MARKED,   access: Writes, keys: &[ch('v')],                       hint: "",         help: "begin a range of marks here; again at its other end" },
    Binding { command: C::MarkMatches,    places: PANES,    access: Writes, keys: &[ch('*')],                       hint: "",         help: "mark all matches of the search" },
    Binding { command: C::UnmarkAll,      places: PANES,    access: Writes, keys: &[ch('U')],                       hint: "",         help: "unmark all" },
    Binding { command: C::Bulk,           places: PANES,    access: Writes, keys: &[ch('b')],                       hint: "bulk",     help: "change all that is marked: set TTL, replace a host, move, copy, delete" },
    Binding { command: C::Alarm,          places: PANES,    access: Reads,  keys: &[ch('!')],                       hint: "",         help: "show the mass deletion that was seen, and the way back" },
    Binding { command: C::Journal,        places: PANES,    access: Reads,  keys: &[ch('u')],                       hint: "journal",  help: "undo: the journal of what was changed, newest first; u there takes it back" },
    Binding { command: C::History,        places: PANES,    access: Reads,  keys: &[ch('H')],                       hint: "",         help: "history: what the record, or the name, was at every revision that etcd still has" },
    Binding { command: C::PutBack,        places: PANES,    access: PutsBack, keys: &[ch('p')],                     hint: "put this back", help: "in a picture of an old revision (:at REV): put the record, or the name, back to it" },
    Binding { command: C::Find,           places: PANES,    access: Reads,  keys: &[ch('/')],                       hint: "find",     help: "find in names, keys and values; an address finds its names" },
    Binding { command: C::NextMatch,      places: PANES,    access: Reads,  keys: &[ch('n')],                       hint: "",         help: "next match" },
    Binding { command: C::PreviousMatch,  places: PANES,    access: Reads,  keys: &[ch('N')],                       hint: "",         help: "previous match" },
    Binding { command: C::Answers,        places: PANES,    access: Reads,  keys: &[ch('c')],                       hint: "answers",  help: "show what CoreDNS answers for the name now, and why" },
    Binding { command: C::Findings,       places: PANES,    access: Reads,  keys: &[ch('f')],                       hint: "findings", help: "lint: list what is wrong with the records" },
    Binding { command: C::Verify,         places: PANES,    access: Reads,  keys: &[ch('V')],                       hint: "",         help: "verify: ask the live CoreDNS servers for the name, and compare" },
    Binding { command: C::Health,         places: PANES,    access: Reads,  keys: &[ch('s')],                       hint: "",         help: "status: the members of the cluster, its leader and its alarms, and how many failures it can take" },
    Binding { command: C::Fix,            places: RECORDS,  access: Writes, keys: &[ch('x')],                       hint: "",         help: "fix what was found at the record, after it was shown" },
    Binding { command: C::SwitchView,     places: RECORDS,  access: Reads,  keys: &[ch('o')],                       hint: "view",     help: "show the record's fields, its JSON, the answers, the findings, its history" },
    Binding { command: C::CopyKey,        places: PANES,    access: Reads,  keys: &[ch('y')],                       hint: "",         help: "copy the key (OSC 52, through tmux and screen)" },
    Binding { command: C::CopyValue,      places: RECORDS,  access: Reads,  keys: &[ch('Y')],                       hint: "",         help: "copy the value" },
    Binding { command: C::ReadAgain,      places: PANES,    access: Reads,  keys: &[ch('r')],                       hint: "",         help: "read everything again from etcd" },
    Binding { command: C::Palette,        places: PANES,    access: Reads,  keys: &[ch(':')],                       hint: "",         help: "type a command: go NAME, answer NAME, at REV, rm KEY, or any of these" },
    Binding { command: C::Accept,         places: FINDING,  access: Reads,  keys: &[key(K::Enter)],                 hint: "go there", help: "go to the match" },
    Binding { command: C::Down,           places: FINDING,  access: Reads,  keys: &[key(K::Down)],                  hint: "",         help: "next match" },
    Binding { command: C::Up,             places: FINDING,  access: Reads,  keys: &[key(K::Up)],                    hint: "",         help: "previous match" },
    Binding { command: C::HalfPageDown,   places: FINDING,  access: Reads,  keys: &[key(K::PageDown)],              hint: "",         help: "ten matches on" },
    Binding { command: C::HalfPageUp,     places: FINDING,  access: Reads,  keys: &[key(K::PageUp)],                hint: "",         help: "ten matches back" },
    Binding { command: C::MarkMatches,    places: FINDING,  access: Writes, keys: &[ctrl('t')],                     hint: "mark all", help: "mark all matches" },
    Binding { command: C::NextField,      places: FIELDS,   access: Writes, keys: &[key(K::Tab)],                   hint: "next field", help: "next field" },
    Binding { command: C::PreviousField,  places: FIELDS,   access: Writes, keys: &[key(K::BackTab)],               hint: "",         help: "previous field" },
    Binding { command: C::NextField,      places: FORMS, access: Writes, keys: &[key(K::Down)],            hint: "",         help: "next field" },
    Binding { command: C::PreviousField,  places: FORMS, access: Writes, keys: &[key(K::Up)],              hint: "",         help: "previous field" },
    Binding { command: C::PreviousChoice, places: FORMS, access: Writes, keys: &[key(K::Left)],            hint: "",         help: "previous choice, or left in the text" },
    Binding { command: C::NextChoice,     places: FORMS, access: Writes, keys: &[key(K::Right)],           hint: "",         help: "next choice, or right in the text" },
    Binding { command: C::Review,         places: FORMS, access: Writes, keys: &[key(K::Enter)],           hint: "review",   help: "show what would change" },
    Binding { command: C::Review,         places: &[Place::Json], access: Writes, keys: &[ctrl('o'), key(K::F(2))], hint: "review",   help: "show what would change" },
    Binding { command: C::BringBack,      places: &[Place::Alarm], access: Writes, keys: &[key(K::Enter)],          hint: "bring back", help: "plan to create again what is still away" },
    Binding { command: C::Dismiss,        places: &[Place::Alarm], access: Reads, keys: &[ch('x')],                 hint: "end alarm", help: "end the alarm; the file stays" },
    Binding { command: C::Save,           places: REVIEW,   access: Writes, keys: &[ch('y')],                       hint: "save",     help: "make this change" },
    Binding { command: C::WithPtr,        places: REVIEW,   access: Writes, keys: &[ch('p'), ctrl('t')],            hint: "",         help: "with the PTR record, or without" },
    Binding { command: C::WithPtr,        places: &[Place::Confirm], access: Writes, keys: &[ctrl('t')],             hint: "",         help: "with the PTR record, or without" },
    Binding { command: C::SaveOverTheirs, places: CONFLICT, access: Writes, keys: &[ch('s')],                       hint: "yours over theirs", help: "show what your value over theirs would change" },
    Binding { command: C::EditAgain,      places: CONFLICT, access: Writes, keys: &[ch('e')],                       hint: "edit yours", help: "back to what you typed" },
    Binding { command: C::KeepTheirs,     places: CONFLICT, access: Writes, keys: &[ch('t')],                       hint: "keep theirs", help: "drop what you typed" },
    Binding { command: C::Accept,         places: &[Place::Confirm], access: Writes, keys: &[key(K::Enter)],         hint: "confirm",  help: "make the change, once the text is exact" },
    Binding { command: C::Accept,         places: LIST,     access: Reads,  keys: &[key(K::Enter)],                 hint: "go there", help: "go to the key" },
    Binding { command: C::Down,           places: LIST,     access: Reads,  keys: &[ch('j'), key(K::Down)],         hint: "",         help: "next finding" },
    Binding { command: C::Up,             places: LIST,     access: Reads,  keys: &[ch('k'), key(K::Up)],           hint: "",         help: "previous finding" },
    Binding { command: C::HalfPageDown,   places: LIST,     access: Reads,  keys: &[ctrl('d'), key(K::PageDown)],   hint: "",         help: "ten findings on" },
    Binding { command: C::HalfPageUp,     places: LIST,     access: Reads,  keys: &[ctrl('u'), key(K::PageUp)],     hint: "",         help: "ten findings back" },
    Binding { command: C::First,          places: LIST,     access: Reads,  keys: &[ch('g'), key(K::Home)],         hint: "",         help: "the worst" },
    Binding { command: C::Last,           places: LIST,     access: Reads,  keys: &[ch('G'), key(K::End)],          hint: "",         help: "the last" },
    Binding { command: C::FilterSeverity, places: LIST,     access: Reads,  keys: &[ch('s')],                       hint: "severity", help: "show all, no information, or errors alone" },
    Binding { command: C::Fix,            places: LIST,     access: Writes, keys: &[ch('x')],                       hint: "fix",      help: "plan the fix, which is shown before anything is done" },
    Binding { command: C::Back,           places: LIST,     access: Reads,  keys: &[ch('q')],                       hint: "",         help: "close" },
    Binding { command: C::Open,           places: &[Place::Journal], access: Reads, keys: &[key(K::Enter)],         hint: "show",     help: "show the entry, with before and after" },
    Binding { command: C::Undo,           places: &[Place::Journal, Place::Entry], access: Writes, keys: &[ch('u')], hint: "undo",    help: "plan to take it back, which is shown before anything is done" },
    Binding { command: C::Finish,         places: &[Place::BrokenOff], access: Writes, keys: &[ch('f')],            hint: "finish",   help: "plan what is left of it, which is shown before anything is done" },
    Binding { command: C::Undo,           places: &[Place::BrokenOff], access: Writes, keys: &[ch('u')],            hint: "undo",     help: "plan to take back what was made of it" },
    Binding { command: C::NextMatch,      places: &[Place::BrokenOff], access: Reads, keys: &[ch('n')],             hint: "next", help: "the next one" },
    Binding { command: C::PutBack,        places: &[Place::History], access: Writes, keys: &[ch('p')],              hint: "put this back", help: "plan to put the key back to this version" },
    Binding { command: C::PutNameBack,    places: &[Place::History], access: Writes, keys: &[ch('P')],              hint: "put all back", help: "plan to put everything in this history back to this revision" },
    Binding { command: C::AsOf,           places: &[Place::History], access: Reads, keys: &[key(K::Enter)],         hint: "see all then", help: "show the whole tree as of this revision" },
    Binding { command: C::Down,           places: PASTS,    access: Reads,  keys: &[ch('j'), key(K::Down)],         hint: "",         help: "older" },
    Binding { command: C::Up,             places: PASTS,    access: Reads,  keys: &[ch('k'), key(K::Up)],           hint: "",         help: "newer" },
    Binding { command: C::HalfPageDown,   places: PASTS,    access: Reads,  keys: &[ctrl('d'), key(K::PageDown)],   hint: "",         help: "ten older" },
    Binding { command: C::HalfPageUp,     places: PASTS,    access: Reads,  keys: &[ctrl('u'), key(K::PageUp)],     hint: "",         help: "ten newer" },
    Binding { command: C::First,          places: PASTS,    access: Reads,  keys: &[ch('g'), key(K::Home)],         hint: "",         help: "the newest" },
    Binding { command: C::Last,           places: PASTS,    access: Reads,  keys: &[ch('G'), key(K::End)],          hint: "",         help: "the oldest" },
    Binding { command: C::Accept,         places: &[Place::TakeBack], access: Writes, keys: &[key(K::Enter)],       hint: "show the plan", help: "plan it, which is shown before anything is done" },
    Binding { command: C::NextChoice,     places: &[Place::TakeBack], access: Writes, keys: &[ch('l')],             hint: "lease",    help: "another choice for keys whose lease is gone; digits are the seconds of a new one" },
    Binding { command: C::Prune,          places: &[Place::TakeBack], access: Writes, keys: &[ch('d')],             hint: "rest", help: "also delete what was not there then, or leave it" },
    Binding { command: C::ScrollDown,     places: READ_PASTS, access: Reads, keys: &[ch('j')],                      hint: "",         help: "scroll down" },
    Binding { command: C::ScrollUp,       places: READ_PASTS, access: Reads, keys: &[ch('k')],                      hint: "",         help: "scroll up" },
    Binding { command: C::First,          places: READ_PASTS, access: Reads, keys: &[ch('g'), key(K::Home)],        hint: "",         help: "to the top" },
    Binding { command: C::Last,           places: READ_PASTS, access: Reads, keys: &[ch('G'), key(K::End)],         hint: "",         help: "to the end" },
    Binding { command: C::Back,           places: &[Place::Journal, Place::Entry, Place::History, Place::TakeBack, Place::BrokenOff], access: Reads, keys: &[ch('q')], hint: "", help: "close" },
    Binding { command: C::Accept,         places: &[Place::Contact], access: Reads, keys: &[key(K::Enter)],         hint: "pin",      help: "this is the cluster that is meant" },
    Binding { command: C::Open,           places: PROFILES, access: Reads,  keys: &[key(K::Enter)],                 hint: "connect",  help: "open the deck of this profile" },
    Binding { command: C::Down,           places: PROFILES, access: Reads,  keys: &[ch('j'), key(K::Down)],         hint: "",         help: "next profile" },
    Binding { command: C::Up,             places: PROFILES, access: Reads,  keys: &[ch('k'), key(K::Up)],           hint: "",         help: "previous profile" },
    Binding { command: C::First,          places: PROFILES, access: Reads,  keys: &[ch('g'), key(K::Home)],         hint: "",         help: "the first" },
    Binding { command: C::Last,           places: PROFILES, access: Reads,  keys: &[ch('G'), key(K::End)],          hint: "",         help: "the last" },
    Binding { command: C::Back,           places: PROFILES, access: Reads,  keys: &[ch('q')],                       hint: "",         help: "close" },
    Binding { command: C::Accept,         places: &[Place::Palette], access: Reads, keys: &[key(K::Enter)],         hint: "do it",    help: "run the command" },
    Binding { command: C::NextField,      places: &[Place::Palette], access: Reads, keys: &[key(K::Tab)],           hint: "complete", help: "complete the command" },
    Binding { command: C::Down,           places: &[Place::Palette], access: Reads, keys: &[key(K::Down)],          hint: "",         help: "next command" },
    Binding { command: C::Up,             places: &[Place::Palette], access: Reads, keys: &[key(K::Up)],            hint: "",         help: "previous command" },
    Binding { command: C::ScrollDown,     places: SCROLLED, access: Reads,  keys: &[key(K::Down)],                  hint: "",         help: "scroll down" },
    Binding { command: C::ScrollUp,       places: SCROLLED, access: Reads,  keys: &[key(K::Up)],                    hint: "",         help: "scroll up" },
    Binding { command: C::HalfPageDown,   places: SCROLLED, access: Reads,  keys: &[key(K::PageDown)],              hint: "",         help: "scroll down ten lines" },
    Binding { command: C::HalfPageUp,     places: SCROLLED, access: Reads,  keys: &[key(K::PageUp)],                hint: "",         help: "scroll up ten lines" },
    Binding { command: C::First,          places: &[Place::Help], access: Reads, keys: &[ch('g'), key(K::Home)],    hint: "",         help: "to the top" },
    Binding { command: C::Last,           places: &[Place::Help], access: Reads, keys: &[ch('G'), key(K::End)],     hint: "",         help: "to the end" },
    Binding { command: C::First,          places: &[Place::Confirm], access: Reads, keys: &[KeyPress(KeyModifiers::CONTROL, K::Home)], hint: "", help: "the first key" },
    Binding { command: C::Last,           places: &[Place::Confirm], access: Reads, keys: &[KeyPress(KeyModifiers::CONTROL, K::End)],  hint: "", help: "the last key" },
    Binding { command: C::Back,           places: OVERLAYS, access: Reads,  keys: &[key(K::Esc), ctrl('c')],        hint: "back",     help: "back; nothing is changed" },
    Binding { command: C::Back,           places: PANES,    access: Reads,  keys: &[key(K::Esc), ctrl('c')],        hint: "",         help: "back to the tree" },
    Binding { command: C::Help,           places: PANES,    access: Reads,  keys: &[ch('?'), key(K::F(1))],         hint: "help",     help: "this page" },
    Binding { command: C::Help,           places: OVERLAYS, access: Reads,  keys: &[key(K::F(1))],                  hint: "",         help: "the page of all keys" },
    Binding { command: C::Back,           places: &[Place::Help, Place::Notice], access: Reads, keys: &[ch('q'), key(K::Enter)], hint: "", help: "close" },
    Binding { command: C::Quit,           places: PANES,    access: Reads,  keys: &[ch('q')],                       hint: "quit",     help: "quit" },
    Binding { command: C::Suspend,        places: &Place::ALL, access: Reads, keys: &[ctrl('z')],                   hint: "",         help: "suspend; fg brings the deck back" },
    Binding { command: C::Redraw,         places: &Place::ALL, access: Reads, keys: &[ctrl('l')],                   hint: "",         help: "draw the whole screen again" },
];

/// The bindings that work in a place, as far as something may be done now. Dispatch, footer and help share this
/// filter, so they cannot disagree.
pub fn active(place: Place, may: May) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |binding| binding.places.contains(&place) && binding.access.offered(may))
}

/// The command of a key in a place.
#[must_use]
pub fn resolve(place: Place, may: May, event: KeyEvent) -> Option<Command> {
    // Terminals report a capital with or without the shift key; the letter says it all.
    let pressed = match event.code {
        KeyCode::Char(_) | KeyCode::BackTab => KeyPress(event.modifiers - KeyModifiers::SHIFT, event.code),
        code => KeyPress(event.modifiers, code),
    };
    active(place, may).find(|binding| binding.keys.contains(&pressed)).map(|binding| binding.command)
}

impl std::fmt::Display for KeyPress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.contains(KeyModifiers::CONTROL) {
            f.write_str("Ctrl-")?;
        }
        match self.1 {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::BackTab => f.write_str("Shift-Tab"),
            KeyCode::PageDown => f.write_str("PgDn"),
            KeyCode::PageUp => f.write_str("PgUp"),
            // crossterm's own names are the usual ones.
            code => write!(f, "{code}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn no_key_has_two_meanings_in_one_place() {
        for (place, may) in
            Place::ALL.into_iter().flat_map(|place| [(place, May::Change), (place, May::PutBack)])
        {
            let mut seen = HashMap::new();
            for binding in active(place, may) {
                for key in binding.keys {
                    let twice = seen.insert(*key, binding.command);
                    assert_eq!(twice, None, "{key} means two things {}", place.title());
                }
            }
        }
    }

    #[test]
    fn a_read_only_session_has_no_key_that_writes() {
        for place in Place::ALL {
            assert!(active(place, May::Look).all(|binding| binding.access == Access::Reads));
            assert!(active(place, May::PutBack).all(|binding| binding.access != Access::Writes));
        }
        let d = KeyEvent::new(KeyCode::Char('d'), KeyModifiers::NONE);
        assert_eq!(resolve(Place::Records, May::Change, d), Some(Command::DeleteRecord));
        assert_eq!(resolve(Place::Records, May::PutBack, d), None);
        assert_eq!(resolve(Place::Records, May::Look, d), None);
    }

    #[test]
    fn keys_that_terminals_and_multiplexers_need_are_never_bound() {
        for binding in BINDINGS {
            for KeyPress(modifiers, code) in binding.keys {
                let taken = ['a', 'b', 's', 'q', 'h', 'i', 'j', 'm', 'k'].map(KeyCode::Char).contains(code);
                assert!(!(modifiers.contains(KeyModifiers::CONTROL) && taken), "{:?}", binding.command);
            }
        }
    }

    #[test]
    fn where_characters_are_text_no_plain_character_is_bound() {
        for place in Place::ALL.into_iter().filter(|place| place.takes_text()) {
            for KeyPress(modifiers, code) in active(place, May::Change).flat_map(|binding| binding.keys) {
                let plain = matches!(code, KeyCode::Char(_)) && modifiers.is_empty();
                assert!(!plain, "{code} {}", place.title());
            }
        }
    }

    #[test]
    fn every_place_but_one_has_a_way_back() {
        for place in Place::ALL.into_iter().filter(|place| *place != Place::Working) {
            let escape = KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE);
            assert_eq!(resolve(place, May::Look, escape), Some(Command::Back), "{}", place.title());
        }
    }
}
