use std::process::ExitCode;

fn main() -> ExitCode {
    coredeck::cli::run(std::env::args_os()).into()
}
