//! Keys on the curve P-521, which `etcd --auto-tls` makes: for etcd, for its authority and for clients.
use crate::{
    session::{VALUE, connected, key, now},
    support::{
        certificates::{Authority, converted},
        etcd::{Setup, etcd_versions},
    },
};
use coredeck::store::etcd::EtcdSettings;

#[tokio::test]
async fn an_etcd_that_has_made_its_certificate_itself_is_read() {
    for binary in etcd_versions() {
        let private = Setup::default().binary(&binary).auto_tls().start();
        private.put("/coredns/io/gcr/x1", VALUE);
        let settings = EtcdSettings {
            cacert: Some(private.authority().to_owned()),
            ..EtcdSettings::new([private.unrecorded_endpoint()])
        };
        let (reader, _) = connected(&settings).await;
        assert_eq!(now(&reader, "/coredns/io/gcr/x1").await.unwrap().key, key("/coredns/io/gcr/x1"));
    }
}

#[tokio::test]
async fn an_authority_a_server_and_a_client_with_p521_are_taken_in_every_form_of_the_key() {
    for binary in etcd_versions() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::p521("ours", dir.path());
        let private = Setup::default().binary(&binary).mutual_tls(&authority).start();
        let (cert, pkcs8) = authority.client("dns");
        let sec1 = converted(&pkcs8, &["ec"]);
        for client in [pkcs8, sec1] {
            let settings = EtcdSettings {
                cacert: Some(authority.certificate()),
                cert: Some(cert.clone()),
                key: Some(client),
                ..EtcdSettings::new([private.unrecorded_endpoint()])
            };
            connected(&settings).await;
        }
    }
}
