//! Parser from words to commands.
use super::{
    Function, Redirect, Script, ShellWord, SimpleCommand, Stdin, UnclosedError,
    frames::{Frame, FrameKind, Reserved, reserved},
    lexer::{Lexer, ShellToken},
};
use std::ops::Range;

/// Here-document that has been announced.
#[derive(Debug)]
struct Announced {
    end: Vec<u8>,
    /// Its end was quoted: nothing in it is expanded.
    literal: bool,
    without_tabs: bool,
    /// The number of the command that it stands behind.
    command: usize,
    /// The number of the first command that reads it: it may be for a whole group.
    first: usize,
}

/// Sign before a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CommandSign {
    None,
    /// `&&` or `||`: the shell may skip the command.
    Condition,
    /// A pipe: a line end behind it does not end the command.
    Pipe,
}

#[derive(Debug)]
pub(super) struct ShellParser<'t> {
    pub(super) lexer: Lexer<'t>,
    pub(super) script: Script,
    frames: Vec<Frame>,
    /// True if the script ends with a bracket that nothing in it has opened.
    in_brackets: bool,
    pub(super) is_closed: bool,
    command: SimpleCommand,
    /// The number of the first command of the pipeline that is read.
    pipeline: usize,
    /// The sign before the command.
    sign: CommandSign,
    /// The number of the first command in the group that was just closed.
    closed: Option<usize>,
    /// The name of the function whose body comes next.
    function: Option<Vec<u8>>,
    announced: Vec<Announced>,
}

impl<'t> ShellParser<'t> {
    pub(super) fn new(lexer: Lexer<'t>, in_brackets: bool) -> Self {
        Self {
            lexer,
            script: Script::default(),
            frames: Vec::new(),
            in_brackets,
            is_closed: false,
            command: SimpleCommand::default(),
            pipeline: 0,
            sign: CommandSign::None,
            closed: None,
            function: None,
            announced: Vec::new(),
        }
    }

    pub(super) fn finish(mut self, text: &[u8]) -> Script {
        // A function that is never closed goes on to the end of the text.
        while let Some(frame) = self.frames.pop() {
            self.close(frame);
        }
        let mut script = self.script;
        script.text = text.to_vec();
        script.goes_on = self.lexer.goes_on;
        script.trivia.append(&mut self.lexer.comments);
        // The others keep their numbers, because functions name them.
        script.functions.retain(|function| function.body.end <= script.commands.len());
        script
    }

    fn is_empty(&self) -> bool {
        self.command.at.is_empty()
    }

    /// Reads to the end of a line and the here-documents behind it; returns true if there is more.
    pub(super) fn statement_line(&mut self) -> Result<bool, UnclosedError> {
        let first = self.script.commands.len();
        loop {
            self.lexer.skip_blanks(false);
            let from = self.lexer.at;
            if self.frames.last().is_some_and(|frame| frame.before_pattern) {
                self.pattern()?;
                continue;
            }
            if self.command.words.is_empty() && self.lexer.rest().starts_with(b"((") && self.arithmetic() {
                continue;
            }
            let token = self.lexer.next()?;
            let at = from..self.lexer.at;
            match token {
                Some(ShellToken::Word(word)) => self.word(word, at)?,
                Some(ShellToken::Redirect(sign)) => self.redirect(sign, from)?,
                Some(ShellToken::Operator(")")) if self.in_brackets && !self.has(FrameKind::Bracket) => {
                    self.push();
                    self.is_closed = true;
                    self.end_line(first)?;
                    return Ok(false);
                }
                Some(ShellToken::Operator(sign)) => self.operator(sign, at),
                Some(ShellToken::Newline) => {
                    if self.sign == CommandSign::Pipe && self.is_empty() {
                        self.documents()?;
                    } else {
                        self.push();
                        self.sign = CommandSign::None;
                    }
                    self.script.trivia.push(at);
                    self.end_line(first)?;
                    return Ok(true);
                }
                None => {
                    self.push();
                    self.end_line(first)?;
                    return Ok(false);
                }
            }
        }
    }

    fn end_line(&mut self, first: usize) -> Result<(), UnclosedError> {
        self.documents()?;
        let below = self.lexer.at;
        for command in self.script.commands.iter_mut().skip(first) {
            command.below = below;
        }
        Ok(())
    }

    fn has(&self, kind: FrameKind) -> bool {
        self.frames.iter().any(|frame| frame.kind == kind)
    }

    /// Ends the command.
    fn push(&mut self) {
        let is_empty = self.is_empty();
        let mut command = std::mem::take(&mut self.command);
        if !is_empty {
            command.is_conditional |= !self.frames.is_empty() || self.sign == CommandSign::Condition;
            self.script.commands.push(command);
        }
        self.begin();
        if self.sign == CommandSign::Pipe {
            self.sign = CommandSign::None;
        }
        self.closed = None;
        self.pipeline = self.script.commands.len();
    }

    /// Begins a command, which reads the input of the group that it stands in.
    fn begin(&mut self) {
        if let Some(frame) = self.frames.last() {
            self.command.stdin = frame.stdin.clone();
            self.command.upstream = frame.upstream;
        }
    }

    fn operator(&mut self, sign: &'static str, at: Range<usize>) {
        self.script.trivia.push(at);
        match sign {
            "|" | "|&" => {
                let pipeline = self.pipeline;
                self.command.is_conditional = true;
                self.push();
                self.pipeline = pipeline;
                self.command.stdin = Stdin::Unknown;
                self.command.upstream = Some(pipeline);
                self.command.is_conditional = true;
                self.sign = CommandSign::Pipe;
            }
            "(" if self.is_empty() => self.open(FrameKind::Bracket),
            ")" => {
                self.push();
                self.close_last(FrameKind::Bracket);
            }
            _ => {
                self.command.is_conditional |= sign == "&";
                self.push();
                self.sign =
                    if matches!(sign, "&&" | "||") { CommandSign::Condition } else { CommandSign::None };
                if matches!(sign, ";;" | ";&" | ";;&") {
                    self.before_pattern(true);
                }
            }
        }
    }

    fn open(&mut self, kind: FrameKind) {
        let function = self.function.take();
        let (stdin, upstream) = (self.command.stdin.clone(), self.command.upstream);
        let first = self.script.commands.len();
        let pipeline = self.pipeline;
        self.frames.push(Frame { kind, first, stdin, pipeline, upstream, function, before_pattern: false });
        if self.sign == CommandSign::Pipe {
            self.sign = CommandSign::None;
        }
    }

    fn close_last(&mut self, kind: FrameKind) {
        let Some(place) = self.frames.iter().rposition(|frame| frame.kind == kind) else { return };
        let mut first = None;
        for frame in self.frames.split_off(place).into_iter().rev() {
            first = Some(frame.first);
            self.pipeline = frame.pipeline;
            self.close(frame);
        }
        self.closed = first;
        self.command = SimpleCommand::default();
        self.begin();
    }

    fn close(&mut self, frame: Frame) {
        if let Some(name) = frame.function {
            self.script.functions.push(Function { name, body: frame.first..self.script.commands.len() });
        }
    }

    fn word(&mut self, word: ShellWord, at: Range<usize>) -> Result<(), UnclosedError> {
        let is_bare = !word.quoted && word.unknown.is_none();
        let begins = self.command.words.is_empty() && is_bare;
        match reserved(&word.bytes).filter(|_| begins) {
            Some(Reserved::Opens(kind)) => {
                self.script.trivia.push(at);
                self.open(kind);
            }
            Some(Reserved::Heads(kind)) => {
                self.open(kind);
                self.take(word, at);
                self.lexer.skip_blanks(false);
                if self.lexer.rest().starts_with(b"((") {
                    self.arithmetic();
                }
            }
            Some(Reserved::Closes(kind)) => {
                self.script.trivia.push(at);
                self.close_last(kind);
            }
            Some(Reserved::Between) => {
                self.script.trivia.push(at);
                self.command.is_conditional = true;
            }
            Some(Reserved::Function) => {
                self.lexer.skip_blanks(false);
                if let Some(ShellToken::Word(name)) = self.lexer.next()? {
                    self.lexer.takes_brackets();
                    self.function = Some(name.bytes);
                }
                self.script.trivia.push(at.start..self.lexer.at);
                self.function_body();
            }
            None if begins && word.assigns.is_none() && self.lexer.takes_brackets() => {
                self.script.trivia.push(at.start..self.lexer.at);
                self.function = Some(word.bytes);
                self.function_body();
            }
            None if begins && word.is("[[") => {
                self.take(word, at);
                self.condition()?;
            }
            None => self.take(word, at),
        }
        Ok(())
    }

    /// Moves to the beginning of a function's body.
    fn function_body(&mut self) {
        let from = self.lexer.at;
        self.lexer.skip_blanks(true);
        self.script.trivia.push(from..self.lexer.at);
    }

    fn take(&mut self, word: ShellWord, at: Range<usize>) {
        self.command.words.push(word);
        self.command.at.push(at);
        if self.sign == CommandSign::Pipe {
            self.sign = CommandSign::None;
        }
        // `case WORD in` is complete.
        let is_head = self.command.words.first().is_some_and(|word| word.is("case") && !word.quoted);
        if is_head && self.command.words.len() == 3 {
            self.push();
            self.before_pattern(true);
        }
    }

    /// Reads `[[ ... ]]`, in which signs are no operators.
    fn condition(&mut self) -> Result<(), UnclosedError> {
        let missing = UnclosedError::Condition;
        loop {
            self.lexer.skip_blanks(true);
            let from = self.lexer.at;
            let word = match self.lexer.next()?.ok_or(missing)? {
                ShellToken::Word(word) => word,
                ShellToken::Operator(sign) | ShellToken::Redirect(sign) => ShellWord::read(sign.as_bytes()),
                ShellToken::Newline => continue,
            };
            let is_last = word.is("]]");
            self.take(word, from..self.lexer.at);
            if is_last {
                return Ok(());
            }
        }
    }

    /// Reads `((...))`; returns false if it is none, and then takes nothing.
    fn arithmetic(&mut self) -> bool {
        let from = self.lexer.at;
        let Some(parts) = self.lexer.arithmetic(b"((", b"))") else { return false };
        let written = self.script_text(from);
        let word = ShellWord { bytes: written, quoted: true, parts, ..ShellWord::default() };
        if self.command.words.is_empty() {
            self.take(ShellWord { quoted: true, ..ShellWord::read(b"((") }, from..from);
        }
        self.take(word, from..self.lexer.at);
        true
    }

    fn script_text(&self, from: usize) -> Vec<u8> {
        self.lexer.text().get(from..self.lexer.at).unwrap_or_default().to_vec()
    }

    /// Reads `a|b)`, where a branch of `case` may begin.
    fn pattern(&mut self) -> Result<(), UnclosedError> {
        self.before_pattern(false);
        self.lexer.skip_blanks(true);
        let from = self.lexer.at;
        let rest = self.lexer.rest();
        let ends = rest.starts_with(b"esac") && rest.get(4).is_none_or(|byte| b" \t\n;)&|".contains(byte));
        if ends || rest.is_empty() {
            return Ok(());
        }
        let mut words = vec![ShellWord { quoted: true, ..ShellWord::read(b"case") }];
        loop {
            match self.lexer.next()?.ok_or(UnclosedError::Pattern)? {
                ShellToken::Word(word) => words.push(word),
                ShellToken::Operator(")") => break,
                ShellToken::Operator("(" | "|") | ShellToken::Newline => {}
                ShellToken::Operator(_) | ShellToken::Redirect(_) => {
                    return Err(UnclosedError::Pattern);
                }
            }
        }
        self.command.words = words;
        self.command.at.push(from..self.lexer.at);
        self.push();
        Ok(())
    }

    fn before_pattern(&mut self, whether: bool) {
        if let Some(frame) = self.frames.last_mut().filter(|frame| frame.kind == FrameKind::Case) {
            frame.before_pattern = whether;
        }
    }

    fn redirect(&mut self, sign: &'static str, from: usize) -> Result<(), UnclosedError> {
        let Some(ShellToken::Word(target)) = self.lexer.next()? else {
            return Err(UnclosedError::File);
        };
        self.command.at.push(from..self.lexer.at);
        let number = self.script.commands.len();
        // Behind a group, a redirection is for all commands in it.
        let first = self.closed.filter(|_| self.command.words.is_empty()).unwrap_or(number);
        match sign {
            "<<" | "<<-" => {
                self.announced.push(Announced {
                    end: target.bytes,
                    literal: target.quoted,
                    without_tabs: sign == "<<-",
                    command: number,
                    first,
                });
                return Ok(());
            }
            "<<<" if target.unknown.is_none() => {
                let text = [target.bytes.as_slice(), b"\n"].concat();
                self.reads(Stdin::Text(text), first);
            }
            "<" if target.is("/dev/null") => self.reads(Stdin::Text(Vec::new()), first),
            "<" | "<&" | "<>" | "<<<" => self.reads(Stdin::Unknown, first),
            _ => {}
        }
        self.command.redirects.push(Redirect { sign, target });
        Ok(())
    }

    /// Gives an input to the command that is read, and to those of the group before it.
    fn reads(&mut self, stdin: Stdin, first: usize) {
        for command in self.script.commands.iter_mut().skip(first) {
            if command.stdin == Stdin::Inherited {
                command.stdin = stdin.clone();
            }
        }
        self.command.stdin = stdin;
    }

    fn documents(&mut self) -> Result<(), UnclosedError> {
        for document in std::mem::take(&mut self.announced) {
            self.document(&document)?;
        }
        Ok(())
    }

    fn document(&mut self, document: &Announced) -> Result<(), UnclosedError> {
        let from = self.lexer.at;
        let mut text = Vec::new();
        loop {
            let line = self.lexer.line().ok_or(UnclosedError::Document)?;
            let tabs = line.iter().take_while(|byte| document.without_tabs && **byte == b'\t').count();
            let line = line.get(tabs..).unwrap_or_default();
            if line == document.end {
                break;
            }
            text.extend_from_slice(line);
            text.push(b'\n');
        }
        let expands = !document.literal && text.iter().any(|byte| matches!(byte, b'$' | b'`' | b'\\'));
        let target = if expands { self.lexer.document(&text)? } else { ShellWord::read(&text) };
        let stdin = if expands { Stdin::Expanded(text) } else { Stdin::Text(text) };
        let at = from..self.lexer.at;
        let commands = &mut self.script.commands;
        let whose = if document.command < commands.len() {
            commands.get_mut(document.command)
        } else {
            Some(&mut self.command)
        };
        if let Some(command) = whose {
            command.stdin = stdin.clone();
            command.at.push(at);
            command.redirects.push(Redirect { sign: "<<", target });
        }
        for command in self.script.commands.iter_mut().take(document.command).skip(document.first) {
            if command.stdin == Stdin::Inherited {
                command.stdin = stdin.clone();
            }
        }
        Ok(())
    }
}
