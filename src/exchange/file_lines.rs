//! Lines of several files that are read as one.
use std::fmt;

/// The files, and the number at which the lines of each begin among all: each line belongs to one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileLines {
    /// Names with the number of lines before each.
    files: Vec<(String, usize)>,
    count: usize,
}

/// Place of a line as a person looks for it.
#[derive(Clone, Copy, Debug)]
pub struct LinePlace<'l> {
    /// The file, where there are several. May hold anything: show it escaped.
    pub file: Option<&'l str>,
    /// Counted from 1.
    pub line: usize,
}

impl FileLines {
    /// Counts the lines of one file.
    #[must_use]
    pub fn of(name: &str, text: &[u8]) -> Self {
        // The text behind the last end of a line is a line as well.
        let count = 1 + memchr::memchr_iter(b'\n', text).count();
        Self { files: vec![(name.to_owned(), 0)], count }
    }

    /// Puts others behind these. Returns the number by which their lines move.
    pub fn append(&mut self, others: Self) -> usize {
        let before = self.count;
        self.files.extend(others.files.into_iter().map(|(name, begins)| (name, begins + before)));
        self.count += others.count;
        before
    }

    /// Returns the place of the line with this number among all.
    #[must_use]
    pub fn place(&self, line: usize) -> LinePlace<'_> {
        match &self.files[..] {
            [] | [_] => LinePlace { file: None, line },
            several => {
                let own = several.iter().rev().find(|(_, begins)| *begins < line);
                let (file, begins) = own.map_or((None, 0), |(name, begins)| (Some(name.as_str()), *begins));
                LinePlace { file, line: line - begins }
            }
        }
    }
}

impl fmt::Display for LinePlace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.file {
            Some(file) => write!(f, "{file}, line {}", self.line),
            None => write!(f, "line {}", self.line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_named_with_its_file_where_there_are_several() {
        let mut lines = FileLines::of("a.zone", b"1\n2\n");
        assert_eq!(lines.place(2).to_string(), "line 2");
        assert_eq!(lines.append(FileLines::of("b.zone", b"1\n2")), 3);
        assert_eq!(lines.append(FileLines::of("c.zone", b"1")), 5);
        let places = [1, 3, 4, 5, 6].map(|line| lines.place(line).to_string());
        assert_eq!(
            places,
            ["a.zone, line 1", "a.zone, line 3", "b.zone, line 1", "b.zone, line 2", "c.zone, line 1"]
        );
    }
}
