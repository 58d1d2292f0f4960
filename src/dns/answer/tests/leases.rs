//! TTLs of records with a lease.

use super::*;

#[test]
fn a_lease_shortens_a_ttl_within_its_limits() {
    let lease = LeaseId::new(0x7_0000_002a).unwrap();
    let says = |value: &str, left: LeaseLeft, change: fn(&mut Serving)| {
        let content = KeyContent { value: value.as_bytes().into(), lease: Some(lease) };
        let mut world = world(&["io"], &[]);
        world.known = ReadPart::everything([(b"/coredns/io/a"[..].into(), content)]);
        world.known.learn_lease(lease, left);
        change(&mut world.serving);
        world.ask("a.io", "A").answer[0].ttl
    };
    let (bare, with_ttl) = (r#"{"host":"10.0.0.1"}"#, r#"{"host":"10.0.0.1","ttl":60}"#);
    let usual: fn(&mut Serving) = |_| ();
    let limited: fn(&mut Serving) = |serving| serving.lease_ttl = LeaseTtl { min: 5, max: 50 };
    let crossed: fn(&mut Serving) = |serving| serving.lease_ttl = LeaseTtl { min: 50, max: 5 };
    let zero: fn(&mut Serving) = |serving| serving.lease_ttl = LeaseTtl { min: 0, max: 0 };
    let old: fn(&mut Serving) = |serving| serving.version = CoreDnsVersion { major: 1, minor: 12, patch: 3 };
    for (value, left, change, ttl) in [
        (bare, LeaseLeft::Seconds(45), usual, 45),
        (bare, LeaseLeft::Seconds(3), usual, 30),
        (bare, LeaseLeft::Seconds(i64::MAX), usual, 86_400),
        (bare, LeaseLeft::Gone, usual, 300),
        (bare, LeaseLeft::Seconds(0), usual, 300),
        (bare, LeaseLeft::Unknown, usual, 300),
        (with_ttl, LeaseLeft::Seconds(45), usual, 45),
        (with_ttl, LeaseLeft::Seconds(90), usual, 60),
        (with_ttl, LeaseLeft::Unknown, usual, 60),
        (r#"{"host":"10.0.0.1","ttl":5}"#, LeaseLeft::Seconds(90), usual, 5),
        (r#"{"host":"10.0.0.1","ttl":0}"#, LeaseLeft::Gone, usual, 300),
        (bare, LeaseLeft::Seconds(3), limited, 5),
        (bare, LeaseLeft::Seconds(90), limited, 50),
        (bare, LeaseLeft::Seconds(20), crossed, 50),
        (bare, LeaseLeft::Seconds(60), crossed, 5),
        (bare, LeaseLeft::Seconds(3), zero, 30),
        (bare, LeaseLeft::Seconds(90), old, 42),
    ] {
        assert_eq!(says(value, left, change), ttl, "{value} {left:?}");
    }
}

#[test]
fn before_1_12_4_the_low_half_of_a_leases_number_is_a_ttl_unless_it_is_zero() {
    for (number, ttl) in [(0x7_0000_002a, 42), (0x7_0000_0000, 300)] {
        let lease = LeaseId::new(number);
        let content = KeyContent { value: br#"{"host":"10.0.0.1"}"#[..].into(), lease };
        let mut world = world(&["io"], &[]);
        world.known = ReadPart::everything([(b"/coredns/io/a"[..].into(), content)]);
        world.serving.version = CoreDnsVersion { major: 1, minor: 12, patch: 3 };
        assert_eq!(world.ask("a.io", "A").answer[0].ttl, ttl);
    }
}
