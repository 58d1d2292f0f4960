use super::{SettingSource, UnknownWord};
use crate::{keys::ScopeError, remedy::Remedy};
use std::path::PathBuf;

/// Reason why the settings make no session. Nothing was sent anywhere. No message holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("{variable} is not UTF-8")]
    NotUnicode { variable: &'static str },
    #[error("{what} is empty (from {from})")]
    Empty { what: &'static str, from: SettingSource },
    #[error("{what} {text:?} (from {from}) cannot be used: {reason}")]
    BadValue { what: &'static str, text: String, from: SettingSource, reason: String },
    #[error("{error} (from {from})")]
    Scope { error: ScopeError, from: SettingSource },
    #[error("{option} is not offered: {why}")]
    NotOffered { option: &'static str, why: &'static str, remedy: &'static str },
    #[error("a password stands in {place}, where others can read it")]
    PasswordInTheOpen { place: String },
    #[error("--cert and --key belong together: {given} is given (from {from}), and {missing} is not")]
    HalfAPair { given: &'static str, missing: &'static str, from: SettingSource },
    #[error("{} cannot be read: {reason}", .file.display())]
    FileUnreadable { file: PathBuf, reason: String },
    #[error("{} is not taken: {why}, and so what this program speaks to and may change", .file.display())]
    FileOfOthers { file: PathBuf, why: String, remedy: String },
    #[error("there is no file {}", .file.display())]
    NoSuchFile { file: PathBuf, option: &'static str },
    #[error("{}, line {line}: {reason}", .file.display())]
    FileWrong { file: PathBuf, line: usize, reason: String },
    #[error("there is no profile {name:?} in {}{}{}", .file.display(), only(.known), beside(.unknown))]
    NoSuchProfile { name: String, file: PathBuf, known: Vec<String>, unknown: Vec<UnknownWord> },
    #[error("etcd's user {user} has no password here, and there is no terminal to ask for it")]
    NoPassword { user: String },
    #[error("{what} cannot be read by this user: {}: {reason}", .path.display())]
    Closed { what: String, path: PathBuf, reason: String },
    #[error("there is no place for the state of this program: HOME is not set, or is /")]
    NoStateDirectory,
    #[error("the state of this program is not kept there: {0}")]
    StateIsLink(String),
}

fn only(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(", only {}", names.join(", ")) }
}

/// Returns the unknown words that may be the missing profile.
fn beside(unknown: &[UnknownWord]) -> String {
    [String::new()].into_iter().chain(unknown.iter().map(ToString::to_string)).collect::<Vec<_>>().join("; ")
}

impl Remedy for ConfigError {
    fn remedy(&self) -> String {
        match self {
            Self::NotUnicode { variable } => format!("Set {variable} to printable text, or unset it."),
            Self::Empty { from, .. } => match from {
                SettingSource::Flag(name) => format!("Give {name} a value, or leave it away."),
                SettingSource::Env(_)
                | SettingSource::Profile { .. }
                | SettingSource::Corefile { .. }
                | SettingSource::Found(_)
                | SettingSource::FirstContact { .. }
                | SettingSource::Default => "Give it a value.".to_owned(),
            },
            Self::BadValue { from, .. } => match from {
                SettingSource::Default => "Give another value.".to_owned(),
                SettingSource::Corefile { .. } | SettingSource::Found(_) => format!("Correct {from}, or give the value by its option."),
                SettingSource::Flag(_) | SettingSource::Env(_) | SettingSource::Profile { .. } => format!("Correct {from}."),
                SettingSource::FirstContact { file, .. } => format!("Move {} away.", file.display()),
            },
            Self::Scope { error, .. } => error.remedy(),
            Self::NotOffered { remedy, .. } => (*remedy).to_owned(),
            Self::PasswordInTheOpen { .. } => {
                "Change that password, then give the name alone, and the password by ETCDCTL_PASSWORD or at the \
                 prompt."
                    .to_owned()
            }
            Self::HalfAPair { missing, .. } => format!("Give {missing} as well."),
            Self::FileUnreadable { .. } => "Make it readable for yourself, or move it away.".to_owned(),
            Self::NoSuchFile { option, .. } => {
                format!("Give {option} a file that exists, or \"none\" to do without.")
            }
            Self::FileWrong { .. } => "Correct that line: each setting is NAME = \"TEXT\", below [profile.NAME].".to_owned(),
            Self::NoSuchProfile { unknown, .. } if !unknown.is_empty() => {
                unknown.iter().map(UnknownWord::remedy).collect::<Vec<_>>().join(" ")
            }
            Self::NoSuchProfile { file, name, .. } => {
                format!("Give a profile that exists, or write [profile.{name}] into {}.", file.display())
            }
            Self::NoPassword { .. } => "Set ETCDCTL_PASSWORD, or run it in a terminal.".to_owned(),
            Self::Closed { .. } => {
                "Run it with sudo, or name the etcd that you mean: --endpoints, or --profile.".to_owned()
            }
            Self::NoStateDirectory => "Set HOME or XDG_STATE_HOME.".to_owned(),
            Self::FileOfOthers { remedy, .. } => remedy.clone(),
            Self::StateIsLink(_) => {
                "Set XDG_STATE_HOME to where the directory itself shall be, or put a directory in the place of the link."
                    .to_owned()
            }
        }
    }
}
