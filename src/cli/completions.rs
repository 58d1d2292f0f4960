use super::{arguments::command, command_error::CommandError, output::print_lines};
use clap_complete::Shell;

/// Prints the completions for `shell`.
pub(super) fn print(shell: Shell) -> Result<(), CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(), "coredeck", &mut script);
    print_lines([String::from_utf8_lossy(&script).trim_end()])
}
