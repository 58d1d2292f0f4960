mod view;

use super::{KeyHandler, OverlayState};
use crate::{
    app::{editing, keymap::KeyContext, rules::TypedFindings},
    dns::{KeyContent, Service},
    index::Index,
    keys::{KeyValue, ScopedKey},
    plan::Intent,
};
use crossterm::event::KeyEvent;
use ratatui_textarea::{CursorMove, TextArea};

/// The editor of a record's JSON, in the pane.
#[derive(Debug)]
pub struct JsonEditor {
    /// The record as it was when the editor was opened.
    pub base: KeyValue,
    pub area: TextArea<'static>,
    /// Reason why there is no review.
    pub complaint: Option<String>,
    /// Findings that it would have, once saved.
    pub typed: TypedFindings,
}

impl JsonEditor {
    /// An editor with a record's value, or with what was typed for it elsewhere. `None` when the value is no
    /// text.
    #[must_use]
    pub fn new(record: &KeyValue, typed: Option<&str>) -> Option<Self> {
        let text = match typed {
            Some(typed) => typed,
            None => std::str::from_utf8(&record.value).ok()?,
        };
        // A line of the editor cannot hold a control character, and must not: it would reach the terminal.
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            return None;
        }
        let mut area = TextArea::new(text.split('\n').map(str::to_owned).collect());
        area.set_cursor_line_style(ratatui::style::Style::default());
        area.set_wrap_mode(ratatui_textarea::WrapMode::Glyph);
        Some(Self { base: record.clone(), area, complaint: None, typed: TypedFindings::default() })
    }

    /// Puts the cursor at a place; lines and columns are counted from 1.
    pub(in crate::app) fn go_to(&mut self, line: usize, column: usize) {
        let from_zero = |number: usize| u16::try_from(number.saturating_sub(1)).unwrap_or(u16::MAX);
        self.area.move_cursor(CursorMove::Jump(from_zero(line), from_zero(column)));
    }

    /// The text as it stands.
    #[must_use]
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    pub(in crate::app) fn type_key(&mut self, event: KeyEvent) {
        self.complaint = None;
        self.area.input(event);
    }

    /// Key and value that would be stored.
    pub(in crate::app) fn content(&self) -> (ScopedKey, KeyContent) {
        let content = KeyContent { value: self.text().into_bytes().into(), lease: self.base.lease };
        (self.base.key.clone(), content)
    }

    /// Intent that the text stands for, or the reason why there is none.
    pub(in crate::app) fn intent(&self) -> Result<Intent, String> {
        let text = self.text();
        Service::decode(text.as_bytes())
            .map_err(|error| format!("{error}; CoreDNS would answer SERVFAIL"))?;
        Ok(Intent::Edit { base: self.base.clone(), value: text.into_bytes().into() })
    }
}

impl OverlayState for JsonEditor {
    fn place(&self) -> KeyContext {
        KeyContext::Json
    }

    fn handler(&self) -> KeyHandler {
        |model, command, key| editing::on_key(model, command, key.event)
    }

    fn type_text(&mut self, _: &Index, text: &str) {
        self.complaint = None;
        self.area.insert_str(text);
    }

    fn paste(&mut self, _: &Index, pasted: &str) {
        let printable: String = pasted
            .replace("\r\n", "\n")
            .replace('\r', "\n")
            .chars()
            .filter(|c| *c == '\n' || !c.is_control())
            .collect();
        self.area.insert_str(printable);
    }
}
