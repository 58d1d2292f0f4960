//! Power of a credential over all of etcd.
use crate::{
    session::{as_user, connected, scope},
    support::{certificates::Authority, etcd},
};
use coredeck::{
    keys::ForeignRange,
    power::{Authentication, Credential, Extent, Keys, Power},
    store::{Reader as _, etcd::EtcdSettings},
};

/// Returns the settings with this client certificate.
fn showing(authority: &Authority, private: &etcd::PrivateEtcd, common_name: &str) -> EtcdSettings {
    let (cert, key) = authority.client(common_name);
    EtcdSettings {
        cacert: Some(authority.certificate()),
        cert: Some(cert),
        key: Some(key),
        ..EtcdSettings::new([private.endpoint()])
    }
}

async fn power(settings: &EtcdSettings) -> Power {
    connected(settings).await.0.power().await
}

#[tokio::test]
async fn without_authentication_every_certificate_can_destroy_everything_and_the_keys_are_counted() {
    for binary in etcd::etcd_versions() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::new("ours", dir.path());
        let private = etcd::Setup::default().binary(&binary).mutual_tls(&authority).start();
        private.put("/registry/pods/default/web", "theirs");
        private.put("/coredns/io/gcr/x1", "ours");
        // Prepared users and roles do not count before authentication is on, root's own certificate included.
        for prepared in [false, true] {
            for name in ["stranger", "dns", "root"] {
                let power = power(&showing(&authority, &private, name)).await;
                assert_eq!(power.authentication, Authentication::Off, "{binary:?} {name} {prepared}");
                assert_eq!(power.credential, Credential::Certificate(Some(name.to_owned())));
                assert_eq!(power.reach, Extent::Everything);
                assert_eq!(power.keys, Some(Keys { all: 2, in_scope: 1 }));
                let said = power.alarm(&scope(), &["Kubernetes"]).swap_remove(0);
                assert!(said.contains("all 2 keys, Kubernetes' included; authentication is off"), "{said}");
            }
            if !prepared {
                private.prepare_users();
            }
        }
    }
}

#[tokio::test]
async fn with_authentication_a_certificate_reaches_as_far_as_its_users_grants() {
    for binary in etcd::etcd_versions() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::new("ours", dir.path());
        let private = etcd::Setup::default().binary(&binary).mutual_tls(&authority).start();
        private.put("/registry/pods/default/web", "theirs");
        private.enable_authentication();

        let root = power(&showing(&authority, &private, "root")).await;
        assert_eq!((&root.authentication, &root.reach), (&Authentication::On, &Extent::Everything));
        assert!(root.alarm(&scope(), &["Kubernetes"]).concat().contains("role root"));

        let dns = power(&showing(&authority, &private, "dns")).await;
        let Extent::Granted(grants) = &dns.reach else { panic!("{dns:?}") };
        assert!(dns.authentication == Authentication::On && grants.are_exactly(&scope()), "{dns:?}");
        assert_eq!((dns.keys, dns.alarm(&scope(), &[])), (None, vec![]));

        private.etcdctl(&["role", "grant-permission", "dns", "--prefix=true", "write", "/registry/"]);
        let more = power(&showing(&authority, &private, "dns")).await;
        let Extent::Granted(grants) = &more.reach else { panic!("{more:?}") };
        assert_eq!(grants.writable_beside(&scope()), [ForeignRange::beginning_with(b"/registry/")]);
    }
}

#[tokio::test]
async fn a_login_shows_that_authentication_is_on_and_nothing_shows_that_it_is_off() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        let nobody = power(&EtcdSettings::new([private.endpoint()])).await;
        assert_eq!(
            (&nobody.authentication, &nobody.credential),
            (&Authentication::Off, &Credential::Nothing)
        );
        assert_eq!(nobody.reach, Extent::Everything);
        private.enable_authentication();
        for (user, everything) in [("root", true), ("dns", false)] {
            let power = power(&as_user(&private.endpoint(), user)).await;
            assert_eq!(power.authentication, Authentication::On);
            assert_eq!(power.credential, Credential::User(user.to_owned()));
            assert_eq!(power.reach == Extent::Everything, everything, "{power:?}");
        }
    }
}
