use super::{Exit, arguments::command, command_error::CommandError, output::print_lines};

/// Prints the manual page of the program, or of one of its commands, as roff.
pub(super) fn print(of: Option<&str>) -> Result<(), CommandError> {
    let mut page = command();
    if let Some(name) = of {
        page.build();
        page = page.find_subcommand(name).cloned().ok_or_else(|| {
            CommandError::usage(format!("there is no command {name}"), "coredeck --help names them all.")
        })?;
    }
    let mut roff = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut roff)
        .map_err(|error| CommandError::new(Exit::Failed, error, "Report this as a bug."))?;
    print_lines([String::from_utf8_lossy(&roff).trim_end()])
}
