/// The pane of the selected record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordPane {
    pub view: RecordView,
    /// Lines that are scrolled past.
    pub scroll: u16,
}

/// What the pane shows of the record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordView {
    #[default]
    Fields,
    Json,
}

impl RecordPane {
    pub(super) fn switch_view(&mut self) {
        self.scroll = 0;
        self.view = match self.view {
            RecordView::Fields => RecordView::Json,
            RecordView::Json => RecordView::Fields,
        };
    }
}
