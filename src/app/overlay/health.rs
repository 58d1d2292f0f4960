/// The page of the cluster's health. Its text is in the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HealthPage {
    pub scroll: u16,
}
