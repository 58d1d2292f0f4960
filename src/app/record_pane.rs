/// The pane of the selected record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordPane {
    pub view: RecordView,
    /// Number of lines that are scrolled past.
    pub scroll: u16,
}

/// View of the record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordView {
    #[default]
    Fields,
    Json,
    /// Answers of `CoreDNS` for its name.
    Answers,
    /// Findings about it.
    Findings,
    /// Its history, as far as etcd still knows.
    History,
}

impl RecordPane {
    pub(super) fn show_fields(&mut self) {
        self.scroll = 0;
        self.view = RecordView::Fields;
    }

    pub(super) fn switch_view(&mut self) {
        self.scroll = 0;
        self.view = match self.view {
            RecordView::Fields => RecordView::Json,
            RecordView::Json => RecordView::Answers,
            RecordView::Answers => RecordView::Findings,
            RecordView::Findings => RecordView::History,
            RecordView::History => RecordView::Fields,
        };
    }
}
