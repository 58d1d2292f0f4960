use super::*;

const TEXT: &str = r#"{"text":"v=spf1 -all"}"#;

#[test]
fn t11_a_text_disables_the_host_beside_it_and_is_split_off() {
    let both = r#"{"host":"lb.example.net","text":"v=spf1 -all","x":1}"#;
    let host = r#"{"host":"lb.example.net","x":1}"#;
    let finding = mended(&[("www/x1", both)], Trap::T11, &[("www/x1", host), ("www/x2", TEXT)]);
    assert_eq!(names(&finding), ["x1.www.example.org", "www.example.org"]);
    // A leaf would hide the record that stays at the name's own key, so both become leaves.
    mended(&[("www", both)], Trap::T11, &[("www/x1", host), ("www/x2", TEXT)]);
    none(&[("/arpa/in-addr/192/0/2/1", both)], Trap::T11);
    let heritage = r#"{"host":"lb.example.net","text":"\"heritage=external-dns,external-dns/owner=o\""}"#;
    assert_eq!(only(&[("www/x1", heritage)], Trap::T11).fix, None, "external-dns would write it again");
    let unsendable = r#"{"host":"a..b","text":"t"}"#;
    assert_eq!(only(&[("www/x1", unsendable)], Trap::T11).fix, None, "the text would not be sent either");
}

#[test]
fn t12_a_text_next_to_an_address_is_never_served_and_is_split_off() {
    let both = r#"{"host":"192.0.2.1","text":"v=spf1 -all","ttl":60}"#;
    let (host, text) = (r#"{"host":"192.0.2.1","ttl":60}"#, r#"{"text":"v=spf1 -all","ttl":60}"#);
    mended(&[("www/x1", both)], Trap::T12, &[("www/x1", host), ("www/x2", text)]);
    mended(&[("www", both)], Trap::T12, &[("www/x1", host), ("www/x2", text)]);
    none(&[("www/x1", A), ("www/x2", TEXT)], Trap::T12);
}

#[test]
fn t41_a_text_of_a_multiple_of_255_bytes_gets_an_empty_string() {
    let of = |length: usize| format!(r#"{{"text":"{}"}}"#, "a".repeat(length));
    for length in [255, 510] {
        assert!(only(&[("www", &of(length))], Trap::T41).message.contains(&length.to_string()));
    }
    for length in [254, 256] {
        none(&[("www", &of(length))], Trap::T41);
    }
}

#[test]
fn t42_a_backslash_in_a_text_is_doubled_to_be_served() {
    mended(
        &[("www", r#"{"text":"C:\\temp \\\\ok","ttl":60}"#)],
        Trap::T42,
        &[("www", r#"{"text":"C:\\\\temp \\\\ok","ttl":60}"#)],
    );
    none(&[("www", TEXT)], Trap::T42);
}
