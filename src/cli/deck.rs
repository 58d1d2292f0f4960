//! `coredeck [NAME]`.
use super::{
    Exit,
    output::Screen,
    session::{Session, Store},
    target::Target,
    trouble::Trouble,
};

/// Opens the deck, at a name if one is given.
pub(super) async fn open<S: Store>(
    session: Session<S>,
    _screen: &Screen,
    name: Option<&str>,
) -> Result<Exit, Trouble> {
    let _at = name.map(|name| Target::readable(session.scope(), Some(name))).transpose()?;
    // CALL SITE: crate::runtime::run(...) takes the session from here.
    let _opened = session.for_changes().await?;
    Err(Trouble::new(Exit::Failed, "this build has no deck yet", "Use tree, get, search, set and rm."))
}
