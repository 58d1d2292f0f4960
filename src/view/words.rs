//! Styles of changes in answers, for the pane and the dialogs.
use super::theme::Role;
use crate::dns::Weight;

/// The style of a change, beside its sign.
pub(crate) fn weight(weight: Weight) -> Role {
    match weight {
        Weight::Broken | Weight::Gone => Role::Trouble,
        Weight::Fewer => Role::Warning,
        Weight::Other => Role::Plain,
        Weight::Mended => Role::Added,
    }
}
