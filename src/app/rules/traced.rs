use crate::{
    dns::{LeaseLeft, Mentions, RecordSource, Visit},
    keys::LeaseId,
};
use std::{
    cell::RefCell,
    collections::BTreeSet,
    ops::ControlFlow,
    sync::atomic::{AtomicBool, Ordering},
};

/// Number of reads beyond which a question counts as one about everything.
const MOST: usize = 4_096;

/// A source that notes the reads, so that a change can be told to concern the answer or not. Once it is stopped it
/// holds nothing any more, and the answer is worth nothing.
#[derive(Debug)]
pub struct Traced<'s, S: ?Sized> {
    source: &'s S,
    stop: &'s AtomicBool,
    reads: RefCell<Reads>,
}

/// A search that notes the texts that it is asked for.
#[derive(Debug)]
pub struct TracedSearch<M> {
    search: M,
    texts: RefCell<BTreeSet<Box<[u8]>>>,
}

impl<M> TracedSearch<M> {
    /// `search`, with notes.
    #[must_use]
    pub fn new(search: M) -> Self {
        Self { search, texts: RefCell::default() }
    }
}

impl<M: Mentions> Mentions for TracedSearch<M> {
    fn mentioning(&self, text: &str, limit: usize) -> Vec<Box<[u8]>> {
        self.texts.borrow_mut().insert(text.to_ascii_lowercase().into_bytes().into());
        self.search.mentioning(text, limit)
    }

    fn is_complete(&self) -> bool {
        self.search.is_complete()
    }
}

/// Reads that an answer depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    keys: BTreeSet<Box<[u8]>>,
    /// Each ends with a slash.
    prefixes: BTreeSet<Box<[u8]>>,
    /// Leases that were needed, and whose time nobody knew.
    pub leases: BTreeSet<LeaseId>,
    /// Texts that all values were searched for, in lower case.
    texts: BTreeSet<Box<[u8]>>,
    /// So many reads that any change may concern them.
    everything: bool,
}

impl<'s, S: RecordSource + ?Sized> Traced<'s, S> {
    /// A source that reads `source` until `stop` is set.
    #[must_use]
    pub fn new(source: &'s S, stop: &'s AtomicBool) -> Self {
        Self { source, stop, reads: RefCell::default() }
    }

    /// The noted reads; `None` if it was stopped meanwhile.
    #[must_use]
    pub fn finish(self) -> Option<Reads> {
        (!self.stop.load(Ordering::Relaxed)).then(|| self.reads.into_inner())
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl Reads {
    /// Tells whether a change of this key may change the answer.
    #[must_use]
    pub fn concern(&self, key: &[u8]) -> bool {
        self.everything
            || self.keys.contains(key)
            || key
                .iter()
                .enumerate()
                .filter(|(_, byte)| **byte == b'/')
                .any(|(at, _)| key.get(..=at).is_some_and(|prefix| self.prefixes.contains(prefix)))
    }

    /// Tells whether all values were searched for something.
    #[must_use]
    pub fn searches(&self) -> bool {
        !self.texts.is_empty()
    }

    /// Tells whether a value that was put may change the answer: it holds a text that was searched for.
    #[must_use]
    pub fn mention(&self, value: &[u8]) -> bool {
        let value = value.to_ascii_lowercase();
        self.texts.iter().any(|text| memchr::memmem::find(&value, text).is_some())
    }

    /// The same reads, with the texts that were searched for.
    #[must_use]
    pub fn and_mentions<M>(mut self, noted: TracedSearch<M>) -> Self {
        self.texts = noted.texts.into_inner();
        self
    }

    fn shorten(&mut self) {
        if self.keys.len() + self.prefixes.len() > MOST {
            self.everything = true;
        }
        if self.everything {
            self.keys.clear();
            self.prefixes.clear();
        }
    }

    fn note(&mut self, at: &[u8], below: bool) {
        if self.everything {
            return;
        }
        let noted = if below { &mut self.prefixes } else { &mut self.keys };
        if !noted.contains(at) {
            noted.insert(at.into());
            self.shorten();
        }
    }
}

impl<S: RecordSource + ?Sized> RecordSource for Traced<'_, S> {
    fn at(&self, key: &[u8], visit: Visit<'_>) {
        if !self.stopped() {
            self.reads.borrow_mut().note(key, false);
            self.source.at(key, visit);
        }
    }

    fn below(&self, prefix: &[u8], visit: Visit<'_>) {
        if !self.stopped() {
            self.reads.borrow_mut().note(prefix, true);
            self.source.below(prefix, &mut |record| {
                if self.stopped() { ControlFlow::Break(()) } else { visit(record) }
            });
        }
    }

    fn lease_left(&self, lease: LeaseId) -> LeaseLeft {
        let left = self.source.lease_left(lease);
        if left == LeaseLeft::Unknown {
            self.reads.borrow_mut().leases.insert(lease);
        }
        left
    }

    fn count_below(&self, prefix: &[u8]) -> usize {
        if self.stopped() {
            return 0;
        }
        self.reads.borrow_mut().note(prefix, true);
        self.source.count_below(prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{KeyContent, ReadPart};

    fn source() -> ReadPart {
        let content = KeyContent { value: (*b"{}").into(), lease: LeaseId::new(7) };
        ReadPart::everything([((*b"/c/io/x1").into(), content)])
    }

    #[test]
    fn only_what_was_read_concerns_an_answer() {
        let (source, stop) = (source(), AtomicBool::new(false));
        let traced = Traced::new(&source, &stop);
        traced.below(b"/c/io/", &mut |_| ControlFlow::Continue(()));
        traced.at(b"/c/org", &mut |_| ControlFlow::Continue(()));
        assert_eq!(traced.lease_left(LeaseId::new(7).unwrap()), LeaseLeft::Unknown);
        let reads = traced.finish().unwrap();
        assert_eq!(reads.leases.len(), 1);
        for (key, concerns) in
            [("/c/io/x2", true), ("/c/io/a/b", true), ("/c/io", false), ("/c/org", true), ("/c/org/x", false)]
        {
            assert_eq!(reads.concern(key.as_bytes()), concerns, "{key}");
        }
    }

    #[test]
    fn a_question_that_is_stopped_has_no_answer() {
        let (source, stop) = (source(), AtomicBool::new(false));
        let traced = Traced::new(&source, &stop);
        stop.store(true, Ordering::Relaxed);
        let mut visited = 0;
        traced.below(b"/c/io/", &mut |_| {
            visited += 1;
            ControlFlow::Continue(())
        });
        assert_eq!((visited, traced.finish()), (0, None));
    }

    #[test]
    fn whoever_reads_very_much_is_concerned_by_everything() {
        let (source, stop) = (source(), AtomicBool::new(false));
        let traced = Traced::new(&source, &stop);
        for n in 0..=MOST {
            traced.at(format!("/c/{n}").as_bytes(), &mut |_| ControlFlow::Continue(()));
        }
        assert!(traced.finish().unwrap().concern(b"/c/elsewhere"));
    }
}
