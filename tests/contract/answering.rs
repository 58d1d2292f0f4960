use crate::rig::Rig;
use coredeck::{
    dns::{AnswerOutcome, Name, QueryType, Question, Serving, answer},
    ops::{has_top, settle},
};

fn addresses(answer: &coredeck::dns::Answer) -> Vec<String> {
    answer.answer.iter().map(|record| record.data.to_string()).collect()
}

pub async fn a_question_is_answered_from_what_is_stored(rig: &impl Rig) {
    rig.put("org/example/www/x1", r#"{"host":"192.0.2.1"}"#).await;
    rig.put("org/example/alias", r#"{"host":"www.example.org"}"#).await;
    let last = rig.put("org/examples/x1", r#"{"host":"192.0.2.9"}"#).await;
    let serving = Serving::new(rig.scope().clone(), vec![Name::parse("example.org").unwrap()]);
    let question = Question::new("alias.example.org", QueryType::A).unwrap();
    let settled =
        settle(rig.reader(), rig.scope(), |known| answer(known, &serving, &question)).await.unwrap();
    assert_eq!(settled.value.outcome, AnswerOutcome::NoError);
    assert_eq!(addresses(&settled.value), ["www.example.org.", "192.0.2.1"]);
    assert_eq!(settled.revision, Some(last));
    let whole = Question::new("example.org", QueryType::A).unwrap();
    let settled = settle(rig.reader(), rig.scope(), |known| answer(known, &serving, &whole)).await.unwrap();
    assert!(!addresses(&settled.value).contains(&"192.0.2.9".to_owned()), "nothing from beside the zone");
}

pub async fn a_top_level_name_is_there_when_something_is_at_or_below_it(rig: &impl Rig) {
    rig.put("org/example/x1", "{}").await;
    rig.put("lonely", "{}").await;
    for (label, wanted) in [("org", true), ("lonely", true), ("or", false), ("orga", false)] {
        assert_eq!(has_top(rig.reader(), rig.scope(), label.as_bytes()).await, Ok(wanted), "{label}");
    }
}
