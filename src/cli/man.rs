use super::{Exit, arguments::command, output::print_lines, trouble::Trouble};

/// Prints the manual page, as roff.
pub(super) fn print() -> Result<(), Trouble> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command())
        .render(&mut page)
        .map_err(|error| Trouble::new(Exit::Failed, error, "Report this as a bug."))?;
    print_lines([String::from_utf8_lossy(&page).trim_end()])
}
