use super::{
    Exit, known,
    output::{Screen, print_lines},
    reach,
    session::{Session, Store},
    target::Target,
    trouble::Trouble,
};
use crate::{
    dns::Name,
    index::{Batch, Index, NodeId},
    keys::{Revision, Scope, ScopedKey, spelling::spell},
    store::{Lister, Reader},
};
use serde::Serialize;

#[derive(Serialize)]
struct NodeLine {
    name: String,
    key: String,
    /// At the name's own key and at its leaves.
    records: usize,
    /// All keys strictly below.
    below: usize,
}

/// Prints the names that have something below them, in DNS order; a name that was asked for in any case.
pub(super) async fn print<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    name: Option<&str>,
    at: Option<i64>,
) -> Result<Exit, Trouble> {
    let scope = session.scope();
    let (own, below) = Target::readable(scope, name)?;
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
        // A record with nothing below it is no node of the tree, and has its name all the same.
        let Some(own) = own.filter(|_| !index.is_empty()) else {
            let what = format!("there is nothing at or below {}", name.unwrap_or("."));
            return Err(Trouble::new(Exit::Failed, what, "Look for it with search."));
        };
        let line = alone(scope, &own);
        print_lines([drawn(&line, "", &line.name, screen)])?;
        return Ok(Exit::Done);
    };
    let mut lines = Vec::new();
    // A stack of its own: a key may have thousands of segments.
    let mut waiting = vec![(root, Vec::new())];
    while let Some((id, edges)) = waiting.pop() {
        let Some(node) = index.tree().node(id) else { continue };
        let line = describe(scope, &index, id);
        let label = if id == root { line.name.clone() } else { label_of(node.segment) };
        lines.push(drawn(&line, &branch(&edges, screen.ascii), &label, screen));
        for k in (0..node.children).rev() {
            if let Some(child) = index.tree().child(id, k) {
                let last = k + 1 == node.children;
                waiting.push((child, edges.iter().copied().chain([last]).collect::<Vec<bool>>()));
            }
        }
    }
    print_lines(lines)?;
    Ok(Exit::Done)
}

/// A line of the tree, in the form that was asked for.
fn drawn(line: &NodeLine, branch: &str, label: &str, screen: &Screen) -> String {
    if screen.is_json() {
        // Strings and numbers always serialise.
        return serde_json::to_string(line).unwrap_or_default();
    }
    format!("{branch}{label}  {}", screen.style.dim(counts(line.below, line.records)))
}

/// A name with a record at its own key, and nothing below it.
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

/// One label, in the same escapes as in a name.
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

/// The lines that lead to a node; `edges` says of each level whether it is the last of its parent.
fn branch(edges: &[bool], ascii: bool) -> String {
    let [down, none, tee, end] =
        if ascii { ["|  ", "   ", "|- ", "`- "] } else { ["│  ", "   ", "├─ ", "└─ "] };
    let Some((last, above)) = edges.split_last() else { return String::new() };
    let mut branch: String = above.iter().map(|last| if *last { none } else { down }).collect();
    branch.push_str(if *last { end } else { tee });
    branch
}
