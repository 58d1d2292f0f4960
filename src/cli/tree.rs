use super::{
    Exit,
    command_error::CommandError,
    cut::print_text,
    known,
    output::{Screen, print_lines},
    reach,
    target::TargetArgument,
};
use crate::{
    dns::Name,
    index::{Batch, Index, NodeId},
    keys::{Revision, Scope, ScopedKey, spelling::spell},
    ops::Lister,
    quantity::grouped,
    session::{Session, Store},
    store::Reader,
};
use serde::Serialize;

/// The most levels that are drawn as branches. A name has 127 labels at most (RFC 1035, section 2.3.4), and a key may
/// have thousands of segments.
const DEEPEST: usize = 127;

#[derive(Serialize)]
struct NodeLine {
    name: String,
    key: String,
    /// The number of records at the name's own key and at its leaves.
    records: usize,
    /// The number of all keys strictly below.
    below: usize,
}

/// Prints the names that have something below them, in DNS order; the requested name in any case.
pub(super) async fn print<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    name: Option<&str>,
    at: Option<i64>,
) -> Result<Exit, CommandError> {
    let scope = session.scope();
    let (own, below) = TargetArgument::readable(scope, name)?;
    let (reader, status) = session.for_looking().await?;
    let mut index = Index::new(scope.clone());
    if let Some(at) = at {
        let found = reach::state_at(session, &reader, (own.as_ref(), Some(&below)), Revision(at)).await?;
        index.absorb(Batch::encode(scope, found));
    } else {
        if let Some(own) = &own {
            let found = reader.read(std::slice::from_ref(own), None).await?.records;
            index.absorb(Batch::encode(scope, found));
        }
        let mut lister = Lister::new(reader.clone(), below);
        while let Some(listing) = lister.next().await {
            index.absorb(Batch::encode(scope, listing?.records));
        }
    }
    index.listed();
    if index.is_empty() && at.is_none() {
        known::hint(session, &reader, status.cluster).await;
    }
    let root = match &own {
        None => Some(NodeId::ROOT),
        Some(key) => index.node_at(key.as_bytes()),
    };
    let Some(root) = root else {
        // A record with nothing below it is no node of the tree, but its name is printed.
        let Some(own) = own.filter(|_| !index.is_empty()) else {
            let what = format!("there is nothing at or below {}", name.unwrap_or("."));
            return Err(CommandError::new(Exit::Failed, what, "Look for it with search."));
        };
        let line = alone(scope, &own);
        if screen.is_json() {
            print_lines([json(&line)])?;
        } else {
            print_text([drawn("", &line.name, (line.below, line.records), screen)], screen.ascii)?;
        }
        return Ok(Exit::Done);
    };
    // The lines are printed one by one: a key may have thousands of segments, and each of its names is as long.
    if screen.is_json() {
        print_lines(walk(&index, root).map(|step| json(&describe(scope, &index, step.node))))?;
    } else {
        print_text(walk(&index, root).filter_map(|step| row(scope, &index, &step, screen)), screen.ascii)?;
    }
    Ok(Exit::Done)
}

/// Node with its place in the tree.
struct TreeStep {
    node: NodeId,
    /// For each level from the top, whether it is the last of its parent; no more levels than are drawn.
    edges: Vec<bool>,
    /// The depth, 0 for the requested node.
    depth: usize,
}

/// Returns the nodes at and below one, parents first, in DNS order.
fn walk(index: &Index, root: NodeId) -> impl Iterator<Item = TreeStep> {
    // The walk has a stack of its own, because a key may have thousands of segments.
    let mut waiting = vec![(root, 0_usize, true)];
    let mut edges: Vec<bool> = Vec::new();
    std::iter::from_fn(move || {
        let (node, depth, last) = waiting.pop()?;
        edges.truncate(depth.saturating_sub(1));
        if (1..=DEEPEST).contains(&depth) {
            edges.push(last);
        }
        let children = index.tree().node(node).map_or(0, |node| node.children);
        for k in (0..children).rev() {
            if let Some(child) = index.tree().child(node, k) {
                waiting.push((child, depth + 1, k + 1 == children));
            }
        }
        Some(TreeStep { node, edges: edges.clone(), depth })
    })
}

/// Returns a node as a line of text.
fn row(scope: &Scope, index: &Index, step: &TreeStep, screen: &Screen) -> Option<String> {
    let node = index.tree().node(step.node)?;
    let records = node.leaves + usize::from(node.own);
    let label = if step.depth == 0 { describe(scope, index, step.node).name } else { label_of(node.segment) };
    let deep = step.depth > DEEPEST;
    let deep = if deep { format!("({} levels down) ", grouped(step.depth)) } else { String::new() };
    let before = branch(&step.edges, screen.ascii) + &deep;
    Some(drawn(&before, &label, (node.below, records), screen))
}

fn json(line: &NodeLine) -> String {
    // Strings and numbers always serialise.
    serde_json::to_string(line).unwrap_or_default()
}

fn drawn(branch: &str, label: &str, (below, records): (usize, usize), screen: &Screen) -> String {
    format!("{branch}{label}  {}", screen.style.dim(counts(below, records)))
}

/// Returns the line of a name with a record at its own key, and nothing below it.
fn alone(scope: &Scope, own: &ScopedKey) -> NodeLine {
    NodeLine { name: Name::of_key(scope, own).to_string(), key: own.spelled(), records: 1, below: 0 }
}

fn describe(scope: &Scope, index: &Index, id: NodeId) -> NodeLine {
    let node = index.tree().node(id);
    let key = index.key_of(id).unwrap_or_default();
    let name = scope.key(&key).map_or_else(|_| ".".to_owned(), |key| Name::of_key(scope, &key).to_string());
    let (records, below) = node.map_or((0, 0), |node| (node.leaves + usize::from(node.own), node.below));
    NodeLine { name, key: spell(&key), records, below }
}

/// Returns one label, in the same escapes as in a name.
fn label_of(segment: &[u8]) -> String {
    if segment.is_empty() { "(empty label)".to_owned() } else { spell(segment) }
}

fn counts(below: usize, records: usize) -> String {
    match (records, below) {
        (1, 0 | 1) => "1 record".to_owned(),
        (records, below) if records >= below => format!("{records} records"),
        (0, below) => format!("{below} below"),
        (1, below) => format!("1 record, {below} below"),
        (records, below) => format!("{records} records, {below} below"),
    }
}

/// Returns the lines that lead to a node; `edges` tells for each level whether it is the last of its parent.
fn branch(edges: &[bool], ascii: bool) -> String {
    let [down, none, tee, end] =
        if ascii { ["|  ", "   ", "|- ", "`- "] } else { ["│  ", "   ", "├─ ", "└─ "] };
    let Some((last, above)) = edges.split_last() else { return String::new() };
    let mut branch: String = above.iter().map(|last| if *last { none } else { down }).collect();
    branch.push_str(if *last { end } else { tee });
    branch
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Output, keys::KeyValue};

    #[test]
    fn a_key_of_thousands_of_segments_is_a_tree_whose_lines_stay_short() {
        const LEVELS: usize = 3_000;
        let scope = Scope::parse("/coredns").unwrap();
        let key = scope.key(format!("/coredns{}", "/a".repeat(LEVELS)).as_bytes()).unwrap();
        let record = KeyValue {
            key,
            value: (*b"{}").into(),
            create_revision: Revision(1),
            mod_revision: Revision(1),
            version: 1,
            lease: None,
        };
        let mut index = Index::new(scope.clone());
        index.absorb(Batch::encode(&scope, vec![record]));
        index.listed();
        let style = crate::cli::style::Style::plain();
        let screen = Screen { form: Output::Table, style, style_of_messages: style, ascii: false };
        let lines: Vec<String> =
            walk(&index, NodeId::ROOT).filter_map(|step| row(&scope, &index, &step, &screen)).collect();
        assert_eq!(lines.len(), LEVELS);
        assert!(lines.iter().all(|line| line.chars().count() < DEEPEST * 3 + 60), "{:?}", lines.last());
        assert_eq!(lines.get(1).unwrap(), "└─ a  1 below");
        assert!(lines.last().unwrap().ends_with("(2,999 levels down) a  1 record"), "{:?}", lines.last());
    }
}
