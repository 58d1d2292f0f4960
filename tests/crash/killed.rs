//! Run of the program until it is killed.
use crate::cli::Home;
use std::os::unix::process::ExitStatusExt as _;

/// SIGKILL's number.
const KILL: i32 = 9;

/// Runs the program until it is killed at `point`; returns its output.
pub fn killed(home: &Home, arguments: &[&str], point: &str) -> String {
    let mut command = home.command(arguments);
    command.env("COREDECK_TEST_STOP_AT", point);
    let output = command.output().unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.signal(), Some(KILL), "{point} was not reached: {said}");
    said
}
