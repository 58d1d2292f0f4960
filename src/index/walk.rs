//! How to read a large scope in pieces without standing in other clients' way. Plans only; reads nothing.
//!
//! etcd counts the whole rest of a range for every page of it (97 ns per key), so small pages over a wide range
//! are quadratic, and large pages keep writers waiting. So after a small first page, which brings the first frame
//! and the total, a large scope is read in ranges that end where a prefix of the last key read ends. The prefix
//! gets shorter while pieces hold few keys. A piece that holds too many shows by its first and last key which
//! prefix tells its keys apart. What is known of a range's count is kept, so the price of a range that is too
//! wide is paid once.

use super::chunk::shared;
use crate::keys::KeyRange;

/// Keys of the first page.
const FIRST: u64 = 1000;
/// A scope of up to so many keys is read in one go after the first page: 0.13 s on a usual machine.
const SMALL: u64 = 100_000;
/// The most keys of any other piece.
const GUARD: u64 = 50_000;
/// A piece with fewer keys is too narrow.
const NARROW: u64 = 10_000;
/// Pieces in flight at once.
const IN_FLIGHT: usize = 2;
/// So many narrow pieces in a row say that what is believed of the count no longer holds.
const DOUBT: u32 = 3;

/// The plan of one walk over a range.
#[derive(Clone, Debug)]
pub struct Walk {
    /// What no piece covers yet, in the order in which it is wanted.
    gaps: Vec<Gap>,
    in_flight: usize,
    begun: bool,
    small: bool,
    /// Bytes of the prefix at whose end a piece ends.
    depth: Option<usize>,
    /// By how many bytes the prefix gets shorter: more and more while nothing is found.
    stride: usize,
    next_gap: u64,
}

/// A part of the range that no piece covers yet.
#[derive(Clone, Debug)]
struct Gap {
    id: u64,
    range: KeyRange,
    /// At most so many keys lie in it, as etcd said; `None` when nothing is known.
    count: Option<u64>,
    /// Pieces in a row, cut from here, that held few keys.
    narrow: u32,
}

/// One read: a range and the most keys to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub range: KeyRange,
    pub limit: i64,
    gap: u64,
    /// The prefix length that its end came from; `None` when it covers its whole gap.
    depth: Option<usize>,
}

/// The answer to a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// How many keys came.
    pub returned: usize,
    /// The first and the last of them.
    pub ends: Option<(&'a [u8], &'a [u8])>,
    /// How many keys etcd counted in the piece's whole range.
    pub total: u64,
    /// Whether etcd said that there are more than came.
    pub more: bool,
}

impl Walk {
    /// A walk over `range`. The first answer brings the total.
    #[must_use]
    pub fn new(range: KeyRange) -> Self {
        let gap = Gap { id: 0, range, count: None, narrow: 0 };
        Self {
            gaps: vec![gap],
            in_flight: 0,
            begun: false,
            small: false,
            depth: None,
            stride: 1,
            next_gap: 1,
        }
    }

    /// What to read next; `None` when nothing can be planned before an answer to a piece in flight, or at all.
    #[expect(clippy::should_implement_trait, reason = "None is not the end")]
    pub fn next(&mut self) -> Option<Piece> {
        self.gaps.retain(|gap| !gap.range.is_empty());
        if self.in_flight >= IN_FLIGHT || (self.in_flight > 0 && !self.begun) {
            return None;
        }
        let gap = self.gaps.first_mut()?;
        let (limit, cut) = if self.begun {
            let whole = if self.small { SMALL } else { GUARD };
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

    /// Takes note of the answer to a piece.
    pub fn took(&mut self, piece: &Piece, answer: Answer<'_>) {
        let Answer { returned, ends, total, more } = answer;
        self.in_flight = self.in_flight.saturating_sub(1);
        if !self.begun {
            self.begun = true;
            self.small = total <= SMALL;
        }
        if let Some(gap) = self.gaps.iter_mut().find(|gap| gap.id == piece.gap) {
            gap.count = gap.count.map(|count| count.saturating_sub(total));
            gap.narrow = if total < NARROW { gap.narrow + 1 } else { 0 };
        }
        if let Some((first, last)) = ends.filter(|_| more) {
            self.depth = Some(shared(first, last) + 1);
            let after = [last, b"\0"].concat();
            let range = piece.range.between(&after, piece.range.end());
            self.put_first(range, Some(total.saturating_sub(returned as u64)));
        } else if let Some(depth) = piece.depth.filter(|_| total < NARROW) {
            self.stride = if total == 0 { self.stride * 2 } else { 1 };
            self.depth = Some(depth.saturating_sub(self.stride).max(1));
        }
    }

    /// A piece was not read: it is planned again.
    pub fn lost(&mut self, piece: &Piece) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.put_first(piece.range.clone(), None);
    }

    /// Reads this part first, as far as no piece covers it yet.
    pub fn prefer(&mut self, part: &KeyRange) {
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
            self.gaps.push(gap);
            self.gaps.push(Gap { id, range: behind, count, narrow: 0 });
            self.put_first(inside, count);
        }
    }

    /// Whether everything has been read.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.in_flight == 0 && self.gaps.iter().all(|gap| gap.range.is_empty())
    }

    fn put_first(&mut self, range: KeyRange, count: Option<u64>) {
        let id = self.new_id();
        self.gaps.insert(0, Gap { id, range, count, narrow: 0 });
    }

    fn new_id(&mut self) -> u64 {
        self.next_gap += 1;
        self.next_gap
    }
}

/// Where to end a piece that begins where the gap does, and the length of the prefix that gave the place. `None`
/// for the gap's own end.
fn cut(gap: &Gap, depth: Option<usize>) -> Option<(Vec<u8>, usize)> {
    let start = gap.range.start();
    // A gap of known size that is too large is never asked for whole.
    let known = gap.count.is_some() && gap.narrow < DOUBT;
    let mut depth = depth.unwrap_or(start.len()).clamp(1, start.len().max(1));
    if let Some(end) = behind(start.get(..depth)?)
        && *end < *gap.range.end()
    {
        return Some((end, depth));
    }
    // Too short a prefix: the longer it is, the nearer its end.
    while known && depth < start.len() {
        depth += 1;
        if let Some(end) = behind(start.get(..depth)?)
            && *end < *gap.range.end()
        {
            return Some((end, depth));
        }
    }
    None
}

/// The first key behind all that start with `prefix`; `None` when there is none.
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
