/// Place that keys of the keyboard go to. Computed from the model, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyContext {
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
    Saved,
    Contact,
    Profiles,
    Explained,
    Palette,
    Help,
    Notice,
    Working,
}

impl KeyContext {
    /// Every place, for checks over the table.
    pub const ALL: [Self; 25] = [
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
        Self::Saved,
        Self::Contact,
        Self::Profiles,
        Self::Explained,
        Self::Palette,
        Self::Help,
        Self::Notice,
        Self::Working,
    ];

    /// Tells whether plain characters are text here.
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

    /// Its heading on the help page.
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
            Self::Saved => "in the list of what is saved",
            Self::Contact => "when a cluster is met",
            Self::Profiles => "in the list of profiles",
            Self::Explained => "when an etcdctl line is explained",
            Self::Palette => "in the palette",
            Self::Help => "on this page",
            Self::Notice => "in a message",
            Self::Working => "while a change is made",
        }
    }
}
