use super::keymap::Command;
use crate::{
    dns::{self, Hidden, Name, Record, external_dns},
    index::{Index, NodeId, Window},
    keys::{KeyValue, spelling},
};

/// Number of rows that are held at once. A name with more leaves is shown in windows of this size.
const WINDOW: usize = 1_000;

/// The table of the records of the selected name: its own, and the keys directly below it.
#[derive(Debug, Default)]
pub struct RecordsPane {
    /// The zones that are served, which the types depend on; none if nobody has named any.
    zones: Vec<Name>,
    node: Option<NodeId>,
    pub rows: Vec<RecordRow>,
    pub cursor: usize,
    /// The first row on the screen.
    pub top: usize,
    /// The name has more records before the rows, or behind them.
    pub before: bool,
    pub after: bool,
    /// Number of records directly below the name, shown or not.
    pub total: usize,
    /// The rows are those of the index as it is.
    current: bool,
    height: usize,
    /// A key to put the cursor on.
    want: Option<Box<[u8]>>,
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct RecordRow {
    pub record: KeyValue,
    pub read: Record,
    /// The last segment of the key, spelled; `@` for the record at the name itself.
    pub leaf: String,
    /// Parts that `CoreDNS` ignores, because the name has keys below it.
    pub hidden: Option<Hidden>,
    /// Number of leaves of this type that the name has, if this row is the first of them. A key that is a host of its
    /// own is one of one.
    pub first_of: Option<usize>,
    /// Place and number among the records of one type of the name, if they are several.
    pub set: Option<(usize, usize)>,
    /// Management by external-dns; looked up once the row is on the screen.
    pub managed: RowManager,
}

/// Management of a record by external-dns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RowManager {
    #[default]
    NotLookedUp,
    No,
    By(external_dns::ExternalDnsClaim),
}

impl RecordRow {
    /// Tells whether it is one of the leaves that a name has for its records, and no host of its own.
    #[must_use]
    pub fn is_leaf(&self) -> bool {
        is_numbered(&self.leaf)
    }
}

impl RecordsPane {
    /// An empty table of a scope that is served for these zones, if anybody has named them.
    #[must_use]
    pub fn new(zones: Vec<Name>) -> Self {
        Self { zones, ..Self::default() }
    }

    /// The row under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&RecordRow> {
        self.rows.get(self.cursor)
    }

    pub(super) fn run(&mut self, index: &Index, command: Command) {
        let last = self.rows.len().saturating_sub(1);
        let half = (self.height / 2).max(1);
        match command {
            Command::Down | Command::HalfPageDown if self.cursor == last && self.after => {
                self.page(index, true);
            }
            Command::Up | Command::HalfPageUp if self.cursor == 0 && self.before => self.page(index, false),
            Command::Down => self.cursor += 1,
            Command::Up => self.cursor = self.cursor.saturating_sub(1),
            Command::HalfPageDown => self.cursor += half,
            Command::HalfPageUp => self.cursor = self.cursor.saturating_sub(half),
            Command::First if self.before => self.read(index, &Anchor::First),
            Command::Last if self.after => self.read(index, &Anchor::Last),
            Command::First => self.cursor = 0,
            Command::Last => self.cursor = last,
            _ => {}
        }
        self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
    }

    /// Shows a name's records, with the cursor on a key.
    pub(super) fn show(&mut self, index: &Index, node: NodeId, key: Option<&[u8]>) {
        self.node = Some(node);
        self.want = key.map(Box::from);
        self.read(index, &key.map_or(Anchor::First, |key| Anchor::Around(key.into())));
    }

    /// Notes that the index was changed: the rows have to be read again.
    pub(super) fn forget(&mut self) {
        self.current = false;
    }

    pub(super) fn settle(&mut self, index: &Index, node: NodeId, height: usize) {
        if height > 0 {
            self.height = height;
        }
        if self.node != Some(node) {
            self.show(index, node, None);
        } else if !self.current {
            // The cursor stays on its key while others come and go.
            let key = self.selected().map(|row| row.record.key.as_bytes().into());
            self.want = self.want.take().or_else(|| key.clone());
            let anchor = if self.before { key.map_or(Anchor::First, Anchor::Around) } else { Anchor::First };
            self.read(index, &anchor);
        }
        self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
        self.top = self.top.clamp(self.cursor.saturating_sub(self.height.saturating_sub(1)), self.cursor);
        self.top = self.top.min(self.rows.len().saturating_sub(self.height));
        self.look_up(index);
    }

    /// Looks up the facts that are only needed for rows in sight.
    fn look_up(&mut self, index: &Index) {
        let (records, scope) = (index.records(), index.records().scope());
        let seen = self.rows.iter_mut().skip(self.top).take(self.height);
        for row in seen.filter(|row| row.managed == RowManager::NotLookedUp) {
            let (key, value) = (row.record.key.as_bytes(), &row.record.value);
            row.managed =
                external_dns::managed(records, scope, key, value).map_or(RowManager::No, RowManager::By);
        }
    }

    fn page(&mut self, index: &Index, forward: bool) {
        let Some(key) = self.selected().map(|row| row.record.key.as_bytes().into()) else { return };
        self.want = Some(Box::clone(&key));
        self.read(index, &Anchor::Around(key));
        let step = if forward { self.cursor + 1 } else { self.cursor.saturating_sub(1) };
        self.cursor = step;
    }

    fn read(&mut self, index: &Index, anchor: &Anchor) {
        self.current = true;
        let Some(table) = self.node.and_then(|node| index.table(node)) else {
            self.rows.clear();
            return;
        };
        self.total = table.len();
        let own = table.own();
        let window = match anchor {
            Anchor::First => table.first(WINDOW),
            Anchor::Last => table.last(WINDOW),
            Anchor::Around(key) => {
                let mut behind = table.from(key, WINDOW / 2);
                let before = table.before(key, WINDOW / 2);
                behind.rows.splice(0..0, before.rows);
                Window { before: before.before, ..behind }
            }
        };
        (self.before, self.after) = (window.before, window.after);
        let has_below = self.node.and_then(|node| index.tree().node(node)).is_some_and(|node| node.below > 0);
        let scope = index.records().scope();
        let row = |record: KeyValue, own: bool| RecordRow {
            read: Record::read(&self.zones, scope, &record.key, &record.value),
            leaf: if own { "@".to_owned() } else { leaf_of(&record) },
            hidden: if own && has_below {
                Hidden::of_stored(&self.zones, scope, &record.key, &record.value)
            } else {
                None
            },
            first_of: None,
            set: None,
            managed: RowManager::NotLookedUp,
            record,
        };
        self.rows = own.filter(|_| !window.before).into_iter().map(|record| row(record, true)).collect();
        self.rows.extend(window.rows.into_iter().map(|record| row(record, false)));
        // A table that is there as a whole is sorted by rrset; a part of one stays in key order.
        if !self.before && !self.after {
            self.group(has_below);
        }
        let want = self.want.take();
        if let Some(at) =
            want.and_then(|key| self.rows.iter().position(|row| *row.record.key.as_bytes() == *key))
        {
            self.cursor = at;
        } else {
            match anchor {
                Anchor::First | Anchor::Around(_) => {
                    self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
                }
                Anchor::Last => self.cursor = self.rows.len().saturating_sub(1),
            }
        }
    }

    /// The record at the name itself first, then the name's leaves by type, then the hosts below it by name.
    fn group(&mut self, has_below: bool) {
        let set = |row: &RecordRow| {
            let is_own = row.leaf == "@";
            // No question gets both the name's own value and those below it.
            (is_own || is_numbered(&row.leaf)).then_some((is_own && has_below, row.read.kind))
        };
        self.rows.sort_by(|a, b| {
            let rank =
                |row: &RecordRow| (row.leaf != "@", set(row).is_none(), set(row).map(|(_, kind)| kind));
            rank(a).cmp(&rank(b)).then_with(|| a.record.key.cmp(&b.record.key))
        });
        let sets: Vec<_> = self.rows.iter().map(set).collect();
        let mut last = None;
        let (mut number, mut of) = (0, 0);
        for (row, set) in self.rows.iter_mut().zip(&sets) {
            row.first_of = match set {
                None => Some(1),
                Some(_) if last == *set => None,
                Some(_) => Some(sets.iter().filter(|other| *other == set).count()),
            };
            row.set = match set {
                Some(_) => {
                    (number, of) = row.first_of.map_or((number + 1, of), |of| (1, of));
                    (of > 1).then_some((number, of))
                }
                None => None,
            };
            last = *set;
        }
    }
}

enum Anchor {
    First,
    Last,
    Around(Box<[u8]>),
}

fn leaf_of(record: &KeyValue) -> String {
    let segment = record.key.as_bytes().rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    if segment.is_empty() { "(empty)".to_owned() } else { spelling::spell(segment) }
}

/// Tells whether a leaf is one of several of a name, and no host.
pub(super) fn is_numbered(leaf: &str) -> bool {
    dns::is_numbered(leaf.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dns::RecordType,
        index::Batch,
        keys::{Revision, Scope},
    };

    /// The rows of a name below `/coredns`, served for these zones.
    fn rows(zones: &[&str], name: &str, records: &[(&str, &str)]) -> Vec<RecordRow> {
        let scope = Scope::parse("/coredns").unwrap();
        let record = |(key, value): &(&str, &str)| KeyValue {
            key: scope.spelled_key(&format!("/coredns{key}")).unwrap(),
            value: value.as_bytes().into(),
            create_revision: Revision(1),
            mod_revision: Revision(1),
            version: 1,
            lease: None,
        };
        let mut index = Index::new(scope.clone());
        index.absorb(Batch::encode(&scope, records.iter().map(record).collect()));
        index.listed();
        let node = index.node_at(format!("/coredns{name}").as_bytes()).unwrap();
        let mut pane = RecordsPane::new(zones.iter().map(|zone| Name::parse(zone).unwrap()).collect());
        pane.settle(&index, node, 10);
        pane.rows
    }

    #[test]
    fn a_server_of_no_zone_is_the_address_that_coredns_serves() {
        let records = [("/org/example/sub/dns/ns/a", r#"{"host":"192.0.2.1"}"#)];
        let kind = |zones: &[&str]| rows(zones, "/org/example/sub/dns/ns", &records)[0].read.kind;
        assert_eq!(kind(&["example.org"]), RecordType::A);
        assert_eq!(kind(&["example.org", "sub.example.org"]), RecordType::Ns);
        assert_eq!(kind(&[]), RecordType::Ns);
    }

    #[test]
    fn what_keys_below_a_name_hide_is_said_of_its_own_value_alone() {
        let hidden = |zones: &[&str], value: &str| {
            let records = [("/org/example/www", value), ("/org/example/www/x1", r#"{"host":"192.0.2.2"}"#)];
            let rows = rows(zones, "/org/example/www", &records);
            assert_eq!((&*rows[0].leaf, rows[1].hidden), ("@", None));
            assert_eq!((rows[0].first_of, rows[1].first_of), (Some(1), Some(1)), "no question gets both");
            rows[0].hidden
        };
        assert_eq!(hidden(&["example.org"], r#"{"host":"192.0.2.1"}"#), Some(Hidden::Wholly));
        assert_eq!(hidden(&[], r#"{"host":"a.test"}"#), Some(Hidden::ButForAliases));
        assert_eq!(hidden(&["example.org"], "{"), Some(Hidden::Wholly));
        assert_eq!(hidden(&["example.org"], "{}"), None);
        assert_eq!(hidden(&["example.com"], r#"{"host":"192.0.2.1"}"#), None, "nobody serves it anyway");
    }
}
