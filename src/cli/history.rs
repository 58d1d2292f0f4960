use super::{
    Exit,
    arguments::HistoryFlags,
    output::Screen,
    session::{Session, Store},
    trouble::Trouble,
};

pub(super) async fn run<S: Store>(
    session: &Session<S>,
    _screen: &Screen,
    _flags: &HistoryFlags,
) -> Result<Exit, Trouble> {
    let _reader = session.reader().await?;
    Err(Trouble::usage("this is not built yet", "Wait for it."))
}
