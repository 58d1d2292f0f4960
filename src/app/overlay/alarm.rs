/// What is known of a mass deletion, and the ways on from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlarmView {
    pub scroll: u16,
}
