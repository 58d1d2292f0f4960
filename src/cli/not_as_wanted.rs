//! Answers that will not be as they are wanted, as `-o json` has them.
use super::output::safe;
use crate::{
    desired::DifferingAnswer,
    dns::Answer,
    exchange::{FileLines, NotCarried},
    migrate::Proof,
};
use serde::Serialize;

/// Sentences, and the answers that some of them are about. The names of the fields are stable.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct NotAsWanted {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) not_carried: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) answers: Vec<DifferingAnswer>,
}

fn all_safe(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| safe(text)).collect()
}

impl NotAsWanted {
    /// Takes the lines of files that are not carried.
    pub(super) fn of(left: &[NotCarried], files: &FileLines) -> Self {
        let sentences = left.iter().map(|left| safe(&left.in_files(files).to_string()));
        let answers = left.iter().filter_map(|left| {
            let NotCarried::Altered { line, name, kind, wanted, served, .. } = left else { return None };
            let place = (*line > 0).then(|| files.place(*line));
            Some(DifferingAnswer {
                name: safe(&name.to_string()),
                r#type: kind.to_string(),
                file: place.and_then(|place| place.file).map(safe),
                line: place.map(|place| place.line),
                wanted: all_safe(wanted),
                now: None,
                after: all_safe(served),
            })
        });
        Self { not_carried: sentences.collect(), answers: answers.collect() }
    }

    /// Returns the differing answers of two etcds, the wanted one first: those of now, and those after the plan. Of
    /// very many, only the first.
    pub(super) fn of_two(now: &Proof, after: &Proof) -> Vec<DifferingAnswer> {
        let mut answers: Vec<DifferingAnswer> = vec![];
        for told in &now.told {
            let later = after.told.iter().find(|later| later.old.question == told.old.question);
            let there_is_more = later.is_none() && after.told.len() < after.differing;
            if there_is_more {
                continue;
            }
            answers.push(differing(&told.old, Some(&told.new), later.map_or(&told.old, |later| &later.new)));
        }
        for later in &after.told {
            if !now.told.iter().any(|told| told.old.question == later.old.question) {
                answers.push(differing(&later.old, None, &later.new));
            }
        }
        answers
    }
}

fn differing(wanted: &Answer, now: Option<&Answer>, after: &Answer) -> DifferingAnswer {
    DifferingAnswer {
        name: safe(&wanted.question.name.to_string()),
        r#type: wanted.question.kind.to_string(),
        file: None,
        line: None,
        wanted: records(wanted),
        now: now.map(records),
        after: records(after),
    }
}

/// Returns the records of an answer, or its code if it has none.
fn records(answer: &Answer) -> Vec<String> {
    if answer.answer.is_empty() {
        let nothing = match answer.outcome.rcode() {
            Some(rcode) => rcode.to_string(),
            None => "no reply".to_owned(),
        };
        return vec![nothing];
    }
    answer.answer.iter().map(|rr| safe(&format!("{} {} {}", rr.ttl, rr.kind, rr.data))).collect()
}
