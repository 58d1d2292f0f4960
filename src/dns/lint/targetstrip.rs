//! Targets that targetstrip keeps apart: the host of an SRV or MX record is a name without records, right below the
//! target that clients get. So the addresses of the target do not get into the answers of the name that has the record.
use super::{own_record::is_target, scene::Scene};
use crate::dns::{Class, Name, QueryType, Question, Service, answer};

/// Tells whether a record keeps its target apart: the host has no address, and the host without the labels of its
/// targetstrip has one.
pub(super) fn is_kept_apart(scene: &Scene<'_>, service: &Service) -> bool {
    let strip = service.target_strip.and_then(|strip| usize::try_from(strip).ok()).unwrap_or(0);
    let host = service.host.trim_end_matches('.');
    let Some((dot, _)) = strip.checked_sub(1).and_then(|more| host.match_indices('.').nth(more)) else {
        return false;
    };
    is_target(service)
        && service.class() == Class::Alias
        && host.get(dot + 1..).is_some_and(|served| has_an_address(scene, served))
        && !has_an_address(scene, host)
}

/// Tells whether a name is served with an address.
pub(super) fn has_an_address(scene: &Scene<'_>, host: &str) -> bool {
    let Ok(name) = Name::parse(host) else { return false };
    let has = |kind| !answer(scene.source, scene.serving, &Question::of(&name, kind)).answer.is_empty();
    has(QueryType::A) || has(QueryType::AAAA)
}
