/// Page about a mass deletion, with the ways on from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlarmView {
    pub scroll: u16,
    /// The question whether to end the alarm is open.
    pub ending: bool,
}
