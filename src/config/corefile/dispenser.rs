//! Dispenser of the words of one directive (coredns/caddy 1.1.4, caddyfile/dispenser.go).
use super::{CorefilePlace, token::CorefileToken};

/// Words of a directive, with the place of the current one.
#[derive(Debug)]
pub(super) struct Dispenser<'t> {
    tokens: &'t [CorefileToken],
    at: usize,
    depth: usize,
}

impl<'t> Dispenser<'t> {
    /// Begins at the directive's name.
    pub(super) fn new(tokens: &'t [CorefileToken]) -> Self {
        Self { tokens, at: 0, depth: 0 }
    }

    pub(super) fn text(&self) -> &'t str {
        self.tokens.get(self.at).map_or("", |token| &token.text)
    }

    pub(super) fn place(&self) -> CorefilePlace {
        self.tokens.get(self.at).map_or_else(CorefilePlace::default, CorefileToken::place)
    }

    fn next(&mut self) -> bool {
        let there = self.at + 1 < self.tokens.len();
        self.at += usize::from(there);
        there
    }

    /// Returns the next word of the same line.
    pub(super) fn argument(&mut self) -> Option<&'t str> {
        let (here, next) = (self.tokens.get(self.at)?, self.tokens.get(self.at + 1)?);
        here.shares_line_with(next).then(|| self.at += 1)?;
        Some(&next.text)
    }

    /// Returns the rest of the line, up to an opening brace.
    pub(super) fn arguments(&mut self) -> Vec<&'t str> {
        let mut arguments = Vec::new();
        while let Some(argument) = self.argument() {
            if argument == "{" {
                self.at -= 1;
                break;
            }
            arguments.push(argument);
        }
        arguments
    }

    /// Goes to the next word of the block that begins on this line; `false` at its end.
    pub(super) fn in_block(&mut self) -> bool {
        if self.depth > 0 {
            if !self.next() {
                return false;
            }
            match self.text() {
                // A block stands inside the block.
                "{" => self.at -= 1,
                "}" => {
                    self.depth -= 1;
                    return false;
                }
                _ => return true,
            }
        }
        match self.argument() {
            Some("{") => {}
            Some(_) => {
                self.at -= 1;
                return false;
            }
            None => return false,
        }
        if !self.next() || self.text() == "}" {
            return false;
        }
        self.depth += 1;
        true
    }
}
