//! Release of etcd, with the faults that are known of it.
use super::check::Check;
use crate::{health::Release, quantity::counted};
use std::collections::BTreeSet;

/// Makes a check for each release among these versions. A version that is not etcd's gets none.
pub(super) fn checks<'a>(versions: impl Iterator<Item = &'a str>) -> Vec<Check> {
    let releases: BTreeSet<Release> = versions.filter_map(Release::parse).collect();
    releases.into_iter().map(check).collect()
}

fn check(release: Release) -> Check {
    let faults = release.faults();
    let Some(mended) = release.mended() else {
        return Check::ok(
            "release",
            format!("etcd {release}: none of the faults that this program knows of"),
        );
    };
    let told = faults
        .iter()
        .filter_map(|fault| Some(format!("{} (mended in {})", fault.what, fault.mended_for(release)?)));
    let told = told.collect::<Vec<_>>().join("; ");
    let remedy = format!("Have etcd upgraded to {mended} or later, unless who packaged it has mended that.");
    let number = faults.len();
    Check::warning("release", format!("etcd {release} is known for this: {told}"), remedy)
        .briefly_in_any_case(format!("etcd {release} has {}", counted(number, "known fault")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::check::CheckLevel;

    #[test]
    fn a_release_with_a_known_fault_is_a_warning_that_names_it_and_where_it_is_mended() {
        let [bad, good] = &checks(["3.5.1", "3.7.3", "3.5.1", "not_decided"].into_iter())[..] else {
            panic!("one for each release");
        };
        assert_eq!((bad.level, good.level), (CheckLevel::Warning, CheckLevel::Ok));
        assert!(bad.value.contains("a crash under load") && bad.value.contains("mended in 3.5.3"), "{bad:?}");
        assert!(bad.remedy.as_ref().unwrap().contains("3.5.28 or later"), "{bad:?}");
    }
}
