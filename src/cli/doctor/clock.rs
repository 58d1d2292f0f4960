//! Clock of this machine compared with etcd's.
use super::check::Check;
use crate::{failure::Failure, store::etcd::VersionPage};
use jiff::SignedDuration;

/// The least difference that is shown, in seconds, because HTTP's dates have whole seconds.
const SHOWN_FROM: i64 = 2;
/// The least difference that is wrong. It is more than drift: certificates begin and end at wrong times, and logs
/// cannot be compared.
const WRONG_FROM: i64 = 300;

pub(super) fn check(page: Result<&VersionPage, &Failure>) -> Check {
    let remedy = "Compare date on both machines; time is not kept by NTP on one of them.";
    match page {
        Err(failure) => not_compared(&failure.to_string()),
        Ok(VersionPage { ahead: None, .. }) => not_compared("etcd's answer has no date"),
        Ok(VersionPage { ahead: Some(ahead), .. }) => {
            let seconds = ahead.abs().as_secs();
            let value = difference(*ahead);
            match seconds {
                ..SHOWN_FROM => Check::ok("clock", value).briefly("clock right"),
                SHOWN_FROM..WRONG_FROM => Check::warning("clock", value, remedy),
                _ => Check::error("clock", value, remedy),
            }
        }
    }
}

fn not_compared(why: &str) -> Check {
    let remedy = "Compare date on both machines by hand.";
    Check::warning("clock", format!("it could not be compared: {why}"), remedy)
}

fn difference(ahead: SignedDuration) -> String {
    match ahead.as_secs() {
        seconds if seconds.abs() < SHOWN_FROM => "the same as here".to_owned(),
        seconds if seconds > 0 => format!("{seconds} s ahead of here"),
        seconds => format!("{} s behind here", seconds.abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::check::CheckLevel;

    #[test]
    fn a_clock_is_judged_by_how_far_it_is_off() {
        for (seconds, level, said) in [
            (0, CheckLevel::Ok, "the same as here"),
            (-1, CheckLevel::Ok, "the same as here"),
            (3, CheckLevel::Warning, "3 s ahead of here"),
            (-299, CheckLevel::Warning, "299 s behind here"),
            (-86_400, CheckLevel::Error, "86400 s behind here"),
        ] {
            let ahead = Some(SignedDuration::from_secs(seconds));
            let page = VersionPage { version: None, ahead, certificate: None, tls: true };
            let check = check(Ok(&page));
            assert_eq!((check.level, check.value.as_str()), (level, said));
            assert_eq!(check.remedy.is_some(), level != CheckLevel::Ok);
        }
    }

    #[test]
    fn what_could_not_be_compared_is_not_said_to_be_right() {
        let page = VersionPage { version: None, ahead: None, certificate: None, tls: false };
        assert_eq!(check(Ok(&page)).level, CheckLevel::Warning);
    }
}
