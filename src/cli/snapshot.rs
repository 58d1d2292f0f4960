use super::{
    Exit,
    arguments::SnapshotFlags,
    output::Screen,
    session::{Session, Store},
    trouble::Trouble,
};

pub(super) async fn run<S: Store>(
    session: &Session<S>,
    _screen: &Screen,
    _flags: &SnapshotFlags,
) -> Result<Exit, Trouble> {
    let _reader = session.reader().await?;
    Err(Trouble::usage("this is not built yet", "Wait for it."))
}
