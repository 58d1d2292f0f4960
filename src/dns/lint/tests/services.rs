use super::*;

fn srv(weight: i64, priority: i64) -> String {
    format!(r#"{{"host":"192.0.2.1","port":80,"weight":{weight},"priority":{priority}}}"#)
}

#[test]
fn t13_targetstrip_cuts_a_host_name_too() {
    mended(
        &[("_tcp/_http/x1", r#"{"host":"lb.example.net","port":80,"targetstrip":1}"#)],
        Trap::T13,
        &[("_tcp/_http/x1", r#"{"host":"lb.example.net","port":80}"#)],
    );
    let finding = only(&[("www", r#"{"host":"lb.example.net","targetstrip":1}"#)], Trap::T13);
    assert!(finding.message.contains("to example.net instead of lb.example.net"), "{}", finding.message);
    // external-dns writes every alias so, and nobody asks those for SRV.
    none(&[("www/048b0377", r#"{"host":"lb.example.net","targetstrip":1}"#)], Trap::T13);
    none(&[("www/x1", r#"{"host":"192.0.2.1","targetstrip":1}"#)], Trap::T13);
}

#[test]
fn t35_weights_are_served_as_percent() {
    let (ten, none_set) = (srv(10, 1), srv(0, 1));
    let finding = only(&[("_tcp/_http/x1", &ten), ("_tcp/_http/x2", &none_set)], Trap::T35);
    assert!(finding.message.contains("a weight of 10 is served as 9"), "{}", finding.message);
    none(&[("_tcp/_http/x1", &srv(50, 1)), ("_tcp/_http/x2", &srv(50, 1))], Trap::T35);
    none(&[("_tcp/_http/x1", &srv(7, 1)), ("_tcp/_http/x2", &srv(7, 2))], Trap::T35);
    let negative = only(&[("_tcp/_http/x1", &srv(-5, 1)), ("_tcp/_http/x2", &srv(50, 1))], Trap::T35);
    assert!(negative.message.contains("depends on"), "{}", negative.message);
}

#[test]
fn t36_a_record_without_a_port_answers_srv_with_port_zero() {
    let ported = srv(0, 1);
    for records in [
        &[("_tcp/_http/x1", A), ("_tcp/_http/x2", &*ported)][..],
        &[("svc/x1", &*ported), ("svc/x2", A)],
        &[("_tcp/_http", A)],
    ] {
        let findings = look(&source(records), &usual(), &Circumstances::default());
        let warned =
            of(&findings, Trap::T36).iter().filter(|finding| finding.severity == Severity::Warning).count();
        assert_eq!(warned, 1, "{records:?}: {:#?}", findings.list);
    }
    // Where nobody asks for SRV it is reported once for the zone.
    let finding = only(&[("www/x1", A), ("www/x2", B), ("mail", A)], Trap::T36);
    assert_eq!((finding.severity, &*finding.key), (Severity::Info, key("").as_bytes()));
    assert!(finding.message.contains("3 records of example.org have no port"), "{}", finding.message);
}

#[test]
fn t37_a_mail_server_is_a_host_as_well() {
    let mail = r#"{"host":"192.0.2.9","mail":true}"#;
    assert_eq!(only(&[("mx1", mail)], Trap::T37).severity, Severity::Info);
    let beside = only(&[("www/x1", mail), ("www/x2", A)], Trap::T37);
    assert_eq!((beside.severity, names(&beside)), (Severity::Warning, vec!["www.example.org".to_owned()]));
}

#[test]
fn t38_the_address_of_a_stripped_mail_server_has_another_name() {
    mended(
        &[("mx/x1", r#"{"host":"192.0.2.9","mail":true,"targetstrip":1}"#)],
        Trap::T38,
        &[("mx/x1", r#"{"host":"192.0.2.9","mail":true}"#)],
    );
    none(&[("mx/x1", r#"{"host":"192.0.2.9","targetstrip":1}"#)], Trap::T38);
}

#[test]
fn a_target_that_targetstrip_keeps_apart_is_as_it_is_meant() {
    let apart = r#"{"host":"_mx.mail.example.org","mail":true,"targetstrip":1}"#;
    let records = [("www/x1", A), ("www/x2", apart), ("mail/x1", B)];
    for trap in [Trap::T13, Trap::T22, Trap::T37] {
        none(&records, trap);
        // The target has no address, so clients find nothing, whatever was meant.
        only(&[("www/x1", A), ("www/x2", apart)], trap);
    }
    // The name itself has an address, which gets into the other answers, and the target is another one.
    let there = [records.as_slice(), &[("mail/_mx/x1", A)]].concat();
    only(&there, Trap::T13);
    only(&there, Trap::T37);
}
