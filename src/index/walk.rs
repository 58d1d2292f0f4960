//! Walk over a large scope in pieces, which leaves room for other clients. Plans only; reads nothing.
//!
//! etcd counts the whole rest of a range for every page of it (97 ns per key), so small pages over a wide range are
//! quadratic, and large pages keep writers waiting. So after a small first page, which brings the first frame and
//! the total, a large scope is read in ranges that end where a prefix of the last key read ends. The prefix gets
//! shorter while pieces hold few keys. If a piece holds too many, its last keys show which prefix tells them apart.
//! A range's known count is kept, so that a range that is too wide costs its price only once.

use super::chunk::shared;
use crate::keys::{Interval, KeyRange};

/// Keys of the first page.
const FIRST: u64 = 1000;
/// Most keys of a scope that is read in one go after the first page. A larger one is sooner complete in pieces,
/// because one is taken in while the next is read.
const SMALL: u64 = 20_000;
/// Most keys of any other piece; up to four times as many where pieces turn out far too wide all the same, since
/// etcd then counts the same range for more keys.
const GUARD: u64 = 50_000;
/// Fewest keys of a piece; one with fewer is too narrow.
const NARROW: u64 = 4000;
/// Number of the last keys of a page that show how keys differ there.
const TAIL: usize = 2000;
/// Pieces that are read at the same time: one is sent while another is taken in.
pub const IN_FLIGHT: usize = 2;
/// Number of empty pieces in a row after which the supposed count of a gap no longer holds.
const DOUBT: u32 = 12;

/// The plan of one walk over a range.
#[derive(Clone, Debug)]
pub struct RangeWalk<R = KeyRange> {
    /// Parts that no piece covers yet, in the order in which they are wanted.
    gaps: Vec<Gap<R>>,
    in_flight: usize,
    begun: bool,
    small: bool,
    /// Length in bytes of the prefix at whose end a piece ends.
    depth: Option<usize>,
    /// Narrow pieces in a row, and the number of them after which the prefix gets shorter: it grows each time that
    /// a piece turned out far too wide, because names may be nested so that each step up holds nearly everything.
    narrow: u32,
    patience: u32,
    guard: u64,
    /// Most keys of any piece, where values are large.
    most: u64,
    next_gap: u64,
}

/// A part of the range that no piece covers yet.
#[derive(Clone, Debug)]
struct Gap<R> {
    id: u64,
    range: R,
    /// Most keys that lie in it, as etcd said; `None` when nothing is known.
    count: Option<u64>,
    /// Number of empty pieces in a row that were cut from here.
    empty: u32,
    /// The last key read before it, which its keys may look like.
    like: Box<[u8]>,
}

/// One read: a range and the most keys to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<R = KeyRange> {
    pub range: R,
    pub limit: i64,
    gap: u64,
    /// The prefix length that its end came from; `None` when it covers its whole gap.
    depth: Option<usize>,
}

/// The answer to a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PieceAnswer<'a> {
    returned: usize,
    /// A key a little before the last one, and the last one.
    tail: Option<(&'a [u8], &'a [u8])>,
    total: u64,
    more: bool,
}

impl<'a> PieceAnswer<'a> {
    /// Takes the keys that came, in order; etcd's count of the piece's whole range; and whether etcd said that
    /// there are more than came.
    #[must_use]
    pub fn new<K>(keys: &'a [K], bytes: impl Fn(&'a K) -> &'a [u8], total: u64, more: bool) -> Self {
        let tail = keys.get(keys.len().saturating_sub(TAIL)..).unwrap_or_default();
        Self {
            returned: keys.len(),
            tail: tail.first().zip(tail.last()).map(|(near, last)| (bytes(near), bytes(last))),
            total,
            more,
        }
    }
}

impl<R: Interval> RangeWalk<R> {
    /// Plans a walk over `range`. The first answer brings the total.
    #[must_use]
    pub fn new(range: R) -> Self {
        let gap = Gap { id: 0, range, count: None, empty: 0, like: [].into() };
        Self {
            gaps: vec![gap],
            in_flight: 0,
            begun: false,
            small: false,
            depth: None,
            narrow: 0,
            patience: 1,
            guard: GUARD,
            most: u64::MAX,
            next_gap: 1,
        }
    }

    /// Returns the next piece to read; `None` when nothing can be planned before an answer to a piece in flight, or
    /// at all.
    #[expect(clippy::should_implement_trait, reason = "None is not the end")]
    pub fn next(&mut self) -> Option<Piece<R>> {
        self.gaps.retain(|gap| !gap.range.is_empty());
        if self.in_flight >= IN_FLIGHT || (self.in_flight > 0 && !self.begun) {
            return None;
        }
        let gap = self.gaps.first_mut()?;
        let (limit, cut) = if self.begun {
            let whole = if self.small { SMALL } else { self.guard }.min(self.most);
            let fits = gap.count.is_some_and(|count| count <= whole);
            (whole, if fits { None } else { cut(gap, self.depth) })
        } else {
            (FIRST, None)
        };
        self.in_flight += 1;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        if let Some((end, depth)) = cut {
            let range = gap.range.between(gap.range.start(), &end);
            gap.range = gap.range.between(&end, gap.range.end());
            return Some(Piece { range, limit, gap: gap.id, depth: Some(depth) });
        }
        let gap = self.gaps.remove(0);
        Some(Piece { range: gap.range, limit, gap: gap.id, depth: None })
    }

    /// Notes the answer to a piece.
    pub fn took(&mut self, piece: &Piece<R>, answer: PieceAnswer<'_>) {
        let PieceAnswer { returned, tail, total, more } = answer;
        self.in_flight = self.in_flight.saturating_sub(1);
        if !self.begun {
            self.begun = true;
            self.small = total <= SMALL;
        }
        if let Some(gap) = self.gaps.iter_mut().find(|gap| gap.id == piece.gap) {
            gap.count = gap.count.map(|count| count.saturating_sub(total));
            gap.empty = if total == 0 { gap.empty + 1 } else { 0 };
            if let Some((_, last)) = tail {
                gap.like = last.into();
            }
        }
        if let Some((near, last)) = tail.filter(|_| more) {
            self.depth = Some(shared(near, last) + 1);
            self.narrow = 0;
            if piece.limit >= GUARD.cast_signed() && total > 2 * self.guard {
                self.patience = (self.patience * 8).min(512);
                self.guard = (self.guard * 2).min(4 * GUARD);
            }
            let after = [last, b"\0"].concat();
            let range = piece.range.between(&after, piece.range.end());
            self.put_first(range, Some(total.saturating_sub(returned as u64)));
        } else if let Some(depth) = piece.depth.filter(|_| 0 < total && total < NARROW) {
            self.narrow += 1;
            if self.narrow >= self.patience {
                self.depth = Some(depth.saturating_sub(1).max(1));
                self.narrow = 0;
            }
        } else if total >= NARROW {
            self.narrow = 0;
            self.patience = (self.patience / 2).max(1);
            self.guard = (self.guard / 2).max(GUARD);
        }
    }

    /// Plans a piece again that was not read.
    pub fn lost(&mut self, piece: &Piece<R>) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.put_first(piece.range.clone(), None);
    }

    /// Limits the keys of all later pieces to this number, at least 1.
    pub fn at_most(&mut self, keys: u64) {
        self.most = keys.max(1);
    }

    /// Reads this part first, as far as no piece covers it yet.
    pub fn prefer(&mut self, part: &R) {
        if !self.begun {
            return;
        }
        for mut gap in std::mem::take(&mut self.gaps) {
            let inside = gap.range.between(part.start(), part.end());
            if inside.is_empty() {
                self.gaps.push(gap);
                continue;
            }
            let behind = gap.range.between(inside.end(), gap.range.end());
            gap.range = gap.range.between(gap.range.start(), inside.start());
            if !gap.range.is_empty() || !behind.is_empty() {
                gap.count = None;
            }
            let count = gap.count;
            let id = self.new_id();
            let like = gap.like.clone();
            self.gaps.push(gap);
            self.gaps.push(Gap { id, range: behind, count, empty: 0, like });
            self.put_first(inside, count);
        }
    }

    /// Tells whether everything has been read.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.in_flight == 0 && self.gaps.iter().all(|gap| gap.range.is_empty())
    }

    fn put_first(&mut self, range: R, count: Option<u64>) {
        let id = self.new_id();
        self.gaps.insert(0, Gap { id, range, count, empty: 0, like: [].into() });
    }

    fn new_id(&mut self) -> u64 {
        self.next_gap += 1;
        self.next_gap
    }
}

/// Finds the end for a piece that begins where the gap does, and the length of the prefix that gave it. `None` for
/// the gap's own end.
fn cut<R: Interval>(gap: &Gap<R>, depth: Option<usize>) -> Option<(Vec<u8>, usize)> {
    let start = gap.range.start();
    let mut depth = depth.unwrap_or(start.len()).saturating_sub(rise(gap.empty)).max(1);
    // A gap that starts where a prefix ended is too short to be cut as finely as the parts before it; the lowest
    // key that looks like the last one read makes it longer.
    let like = gap.like.iter().skip(start.len()).map(|byte| lowest_like(*byte));
    let base: Vec<u8> = start.iter().copied().chain(like).collect();
    let end =
        |depth: usize| behind(base.get(..depth)?).filter(|end| **end > *start && gap.range.contains(end));
    depth = depth.min(base.len());
    if let Some(end) = end(depth) {
        return Some((end, depth));
    }
    // Too short a prefix. A gap that is known to be too large is never asked for whole.
    let known = gap.count.is_some() && gap.empty < DOUBT;
    (depth..=base.len()).filter(|_| known).find_map(|depth| Some((end(depth)?, depth)))
}

/// Returns the number of bytes that the prefix loses after empty pieces. One step up leads from the end of one name
/// to the next, which is looked at closely again; a long emptiness is crossed in ever larger steps.
fn rise(empty: u32) -> usize {
    match empty {
        0 | 2 => 0,
        1 | 3 => 1,
        more => 1 << (more - 3).min(20),
    }
}

/// Returns the lowest byte of the digits or letters that a byte is one of.
fn lowest_like(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => b'0',
        b'a'..=b'z' => b'a',
        b'A'..=b'Z' => b'A',
        other => other,
    }
}

/// Returns the first key behind all that start with `prefix`; `None` when there is none.
fn behind(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}
