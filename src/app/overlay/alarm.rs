/// What is known of a mass deletion, and the ways on from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlarmView {
    pub scroll: u16,
    /// Somebody is asked whether the alarm is to be ended.
    pub ending: bool,
}
