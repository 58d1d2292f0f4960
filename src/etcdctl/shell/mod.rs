//! Syntax of a pasted text, as bash reads it: a tree of commands, the words of each, and the scripts that stand in
//! those words. Nothing is expanded, because this module knows no variable, file or directory: parts that only a
//! shell could know are marked as unknown.

mod ansi_c;
mod expansion;
mod frames;
mod lexer;
mod parser;
mod script;
mod unclosed;
mod word;

pub use script::{Function, Redirect, Script, SimpleCommand, Stdin, script};
pub use unclosed::UnclosedError;
pub(in crate::etcdctl) use word::name_before_equals;
pub use word::{ExpansionKind, ShellWord, Variable, WordPart};
