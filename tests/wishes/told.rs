//! Told differences, by the question that each is about.

use coredeck::{
    dns::{Name, QueryType},
    exchange::NotCarried,
};
use std::{collections::HashSet, fmt};

#[derive(Default)]
pub struct Told {
    /// The questions about a line of the file that is left out.
    lines: HashSet<(String, String)>,
    /// The questions whose answer differs from the file.
    answers: HashSet<(String, String)>,
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all: Vec<String> =
            self.lines.iter().chain(&self.answers).map(|(name, kind)| format!("{name} {kind}")).collect();
        all.sort();
        f.write_str(&all.join(", "))
    }
}

impl Told {
    pub fn of<'l>(left: impl Iterator<Item = &'l NotCarried>) -> Self {
        let mut told = Self::default();
        for left in left {
            match left {
                NotCarried::Line { name, kind, .. } => {
                    told.lines.insert((name.clone(), kind.clone()));
                }
                NotCarried::AliasInLeaf { name, .. } => {
                    told.lines.insert((name.to_string(), "CNAME".to_owned()));
                }
                NotCarried::Altered { name, kind, .. } | NotCarried::AlsoAnswered { name, kind, .. } => {
                    told.answers.insert((name.to_string(), kind.to_string()));
                }
                NotCarried::Besides { asked, .. } => {
                    let asked = asked.iter().map(|(name, kind)| (name.to_string(), kind.to_string()));
                    told.answers.extend(asked);
                }
                _ => {}
            }
        }
        told
    }

    /// Tells whether anything is reported about the question.
    pub fn has(&self, name: &Name, kind: QueryType) -> bool {
        self.lines.contains(&(name.to_string(), kind.to_string())) || self.says(name, kind)
    }

    /// Tells whether its answer is reported.
    pub fn says(&self, name: &Name, kind: QueryType) -> bool {
        self.answers.contains(&(name.to_string(), kind.to_string()))
    }
}
