use crate::keys::{ForeignRange, Interval as _, KeyRange, Scope};

/// One permission of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolePermission {
    pub range: ForeignRange,
    pub read: bool,
    pub write: bool,
}

/// Grants of all roles of a user together. etcd joins grants before it checks a request (`auth/range_perm_cache.go`,
/// 3.4 to 3.7), so that two which touch allow a range across both; here they are joined as well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserPermissions {
    roles: Vec<String>,
    readable: Vec<ForeignRange>,
    writable: Vec<ForeignRange>,
}

impl UserPermissions {
    #[must_use]
    pub fn of(roles: Vec<String>, grants: &[RolePermission]) -> Self {
        let ranges = |allows: fn(&RolePermission) -> bool| {
            joined(grants.iter().filter(|grant| allows(grant)).map(|grant| grant.range.clone()).collect())
        };
        Self { roles, readable: ranges(|grant| grant.read), writable: ranges(|grant| grant.write) }
    }

    #[must_use]
    pub fn roles(&self) -> &[String] {
        &self.roles
    }

    /// Returns the ranges that may be written and deleted, in the order of keys.
    #[must_use]
    pub fn writable(&self) -> &[ForeignRange] {
        &self.writable
    }

    /// Returns the ranges that may be read, in the order of keys.
    #[must_use]
    pub fn readable(&self) -> &[ForeignRange] {
        &self.readable
    }

    /// Tells whether some key of the range may be written.
    #[must_use]
    pub fn may_write_in(&self, range: &KeyRange) -> bool {
        self.writable.iter().any(|granted| !granted.between(range.start(), range.end()).is_empty())
    }

    /// Tells whether all of the range may be read.
    #[must_use]
    pub fn may_read(&self, range: &KeyRange) -> bool {
        let wanted = ForeignRange::granted(range.start(), range.end());
        self.readable.iter().any(|granted| granted.between(range.start(), range.end()) == wanted)
    }

    /// Tells whether the scope may be read and written, and nothing else.
    #[must_use]
    pub fn are_exactly(&self, scope: &Scope) -> bool {
        let inside = scope.range();
        let only = |ranges: &[ForeignRange]| matches!(ranges, [range] if range.start() == inside.start() && range.end() == inside.end());
        only(&self.readable) && only(&self.writable)
    }

    /// Returns the ranges that may be written beside the scope.
    #[must_use]
    pub fn writable_beside(&self, scope: &Scope) -> Vec<ForeignRange> {
        beside(&self.writable, scope)
    }
}

/// Joins ranges that overlap or touch.
fn joined(mut ranges: Vec<ForeignRange>) -> Vec<ForeignRange> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_by(|a, b| a.start().cmp(b.start()));
    let mut joined: Vec<ForeignRange> = Vec::new();
    for range in ranges {
        match joined.last_mut().filter(|last| !last.has_end() || range.start() <= last.end()) {
            None => joined.push(range),
            Some(last) if !last.has_end() => {}
            Some(last) if !range.has_end() || last.end() < range.end() => {
                *last = ForeignRange::all().between(last.start(), range.end());
            }
            Some(_) => {}
        }
    }
    joined
}

fn beside(ranges: &[ForeignRange], scope: &Scope) -> Vec<ForeignRange> {
    let inside = scope.range();
    let parts = ranges.iter().flat_map(|range| {
        // The scope has an end, and it is never that of all keys.
        [range.between(range.start(), inside.start()), range.between(inside.end(), range.end())]
    });
    parts.filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn range(start: &[u8], end: &[u8]) -> ForeignRange {
        ForeignRange::granted(start, end)
    }

    fn write(start: &str, end: &str) -> RolePermission {
        RolePermission { range: range(start.as_bytes(), end.as_bytes()), read: false, write: true }
    }

    #[test]
    fn a_grant_counts_when_it_lets_something_in_the_scope_be_written() {
        let scope = Scope::parse("/coredns").unwrap().range();
        for (start, end, allows) in [
            ("/coredns/", "/coredns0", true),
            ("/coredns/io/", "/coredns/io0", true),
            ("/coredns/io/gcr/x1", "", true),
            ("/", "\0", true),
            ("\0", "\0", true),
            ("/", "/d", true),
            ("/coredns", "", false),
            ("/coredns0", "\0", false),
            ("/registry/", "/registry0", false),
            ("/a", "/coredns/", false),
        ] {
            let grants = UserPermissions::of(vec![], &[write(start, end)]);
            assert_eq!(grants.may_write_in(&scope), allows, "[{start:?}, {end:?})");
        }
        let read = RolePermission { read: true, ..write("/coredns/", "/coredns0") };
        let grants = UserPermissions::of(vec![], &[RolePermission { write: false, ..read }]);
        assert!(!grants.may_write_in(&scope) && grants.readable().len() == 1);
    }

    #[test]
    fn grants_that_touch_are_one() {
        let grants = UserPermissions::of(
            vec![],
            &[write("/b", "/d"), write("/a", "/b"), write("/e", ""), write("/c", "/cc")],
        );
        assert_eq!(grants.writable(), [range(b"/a", b"/d"), range(b"/e", b"")]);
        let all = UserPermissions::of(vec![], &[write("/b", "\0"), write("/a", "/b"), write("/x", "/z")]);
        assert_eq!(all.writable(), [range(b"/a", b"\0")]);
    }

    #[test]
    fn what_is_beside_the_scope_is_named_to_the_byte() {
        let scope = Scope::parse("/coredns").unwrap();
        let own = UserPermissions::of(vec![], &[write("/coredns/", "/coredns0")]);
        assert_eq!(own.writable_beside(&scope), []);
        let wide = UserPermissions::of(vec![], &[write("/coredns", "/coredns1")]);
        assert_eq!(
            wide.writable_beside(&scope),
            [range(b"/coredns", b"/coredns/"), range(b"/coredns0", b"/coredns1")]
        );
        let all = UserPermissions::of(vec![], &[write("\0", "\0")]);
        assert_eq!(all.writable_beside(&scope), [range(b"\0", b"/coredns/"), range(b"/coredns0", b"\0")]);
    }

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(prop_oneof![Just(b'/'), Just(b'0'), Just(b'a'), Just(0xff)], 1..3)
    }

    proptest! {
        #[test]
        fn joined_grants_hold_exactly_the_keys_of_each(
            ends in prop::collection::vec((bytes(), prop_oneof![bytes(), Just(vec![]), Just(vec![0])]), 0..6),
            key in bytes(),
        ) {
            let each: Vec<ForeignRange> = ends.iter().map(|(start, end)| range(start, end)).collect();
            let grants: Vec<RolePermission> =
                each.iter().map(|range| RolePermission { range: range.clone(), read: true, write: true }).collect();
            let joined = UserPermissions::of(vec![], &grants);
            let held = each.iter().any(|range| range.contains(&key));
            let times = joined.writable().iter().filter(|range| range.contains(&key)).count();
            prop_assert_eq!(times, usize::from(held));
            let scope = Scope::parse("/a").unwrap();
            let outside = joined.writable_beside(&scope).iter().any(|range| range.contains(&key));
            prop_assert_eq!(outside, held && !scope.range().contains(&key));
        }
    }
}
