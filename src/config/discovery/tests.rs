//! Directory trees made like each installer's. What may not be read is in `tests/finding/`: root may read all.
use super::*;
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};
use std::fs;
use tempfile::TempDir;

const MANIFEST: &str = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - command:\n    - etcd\n    \
                        - --advertise-client-urls=https://10.0.0.1:2379\n    \
                        - --listen-client-urls=https://127.0.0.1:2379,https://10.0.0.1:2379\n";

fn machine(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path.trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

/// Files whose text is of no account.
fn with(root: &TempDir, paths: &[&str]) {
    for path in paths {
        let path = root.path().join(path.trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
}

fn look(root: &TempDir) -> (Found, Vec<Passed>) {
    let Discovery { first, passed, .. } = Discovery::look(root.path());
    let Some(Place::Open(found)) = first else { panic!("{first:?} {passed:?}") };
    (*found, passed)
}

/// The credential, the endpoints, and the names of the three files.
fn taken(root: &TempDir) -> (String, String, Vec<String>) {
    let (found, _) = look(root);
    let files = [&found.cacert, &found.cert, &found.key].into_iter().flatten();
    let name = |file: &Sourced<PathBuf>| {
        assert!(file.value.starts_with(root.path()));
        file.value.file_name().unwrap().to_str().unwrap().to_owned()
    };
    (found.what, found.endpoints.value, files.map(name).collect())
}

fn whys(passed: &[Passed], what: &str) -> String {
    let of = passed.iter().find(|passed| passed.what == what);
    of.unwrap_or_else(|| panic!("{what} is not in {passed:?}")).why.clone()
}

fn kubeadm() -> TempDir {
    let root = machine(&[("/etc/kubernetes/manifests/etcd.yaml", MANIFEST)]);
    let pki =
        "ca.crt ca.key healthcheck-client.crt healthcheck-client.key peer.crt peer.key server.crt server.key";
    for file in pki.split(' ') {
        with(&root, &[&format!("/etc/kubernetes/pki/etcd/{file}")]);
    }
    with(
        &root,
        &["/etc/kubernetes/pki/apiserver-etcd-client.crt", "/etc/kubernetes/pki/apiserver-etcd-client.key"],
    );
    root
}

#[test]
fn nothing_is_found_where_there_is_nothing() {
    let root = machine(&[]);
    assert_eq!(Discovery::look(root.path()), Discovery::default());
}

#[test]
fn kubeadms_healthcheck_client_goes_before_the_api_servers_and_the_peers_is_never_taken() {
    let root = kubeadm();
    let (what, endpoints, files) = taken(&root);
    assert_eq!((&*what, &*endpoints), ("kubeadm's healthcheck-client", "https://10.0.0.1:2379"));
    assert_eq!(files, ["ca.crt", "healthcheck-client.crt", "healthcheck-client.key"]);
    let (found, passed) = look(&root);
    assert!(found.warning.is_none());
    assert!(
        found
            .endpoints
            .from
            .to_string()
            .contains("advertise-client-urls in /etc/kubernetes/manifests/etcd.yaml")
    );
    assert!(whys(&passed, "kubeadm's peer").contains("never taken"));
    assert!(whys(&passed, "kubeadm's apiserver-etcd-client").contains("healthcheck-client does the same"));
}

#[test]
fn the_api_servers_own_credential_is_taken_last_and_said_loudly() {
    let root = kubeadm();
    fs::remove_file(root.path().join("etc/kubernetes/pki/etcd/healthcheck-client.crt")).unwrap();
    let (found, _) = look(&root);
    assert_eq!(found.what, "kubeadm's apiserver-etcd-client");
    assert!(found.warning.unwrap().contains("the API server's own"));
}

/// A client's certificate for these years, without a key that fits.
fn certificate(years: std::ops::Range<i32>, purpose: ExtendedKeyUsagePurpose) -> String {
    let mut params = CertificateParams::default();
    (params.not_before, params.not_after) =
        (date_time_ymd(years.start, 1, 1), date_time_ymd(years.end, 1, 1));
    params.extended_key_usages = vec![purpose];
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}

#[test]
fn a_certificate_that_no_server_takes_is_passed_over_for_the_next_one() {
    let pki = "etc/kubernetes/pki";
    for (years, purpose, why) in [
        (2020..2021, ExtendedKeyUsagePurpose::ClientAuth, "it expired on 2021-01-01, "),
        (2090..2091, ExtendedKeyUsagePurpose::ClientAuth, "it is not valid before 2090-01-01, "),
        (2020..2091, ExtendedKeyUsagePurpose::ServerAuth, "it is not for clients"),
    ] {
        let root = kubeadm();
        let worn = certificate(years, purpose);
        fs::write(root.path().join(pki).join("etcd/healthcheck-client.crt"), &worn).unwrap();
        let (found, passed) = look(&root);
        assert_eq!(found.what, "kubeadm's apiserver-etcd-client");
        assert!(found.warning.is_some());
        let said = whys(&passed, "kubeadm's healthcheck-client");
        assert!(said.starts_with(why), "{said}");
        // Where none is left, the weakest is taken, and what is wrong with it is told by whoever uses it.
        fs::write(root.path().join(pki).join("apiserver-etcd-client.crt"), &worn).unwrap();
        let (found, passed) = look(&root);
        assert_eq!(found.what, "kubeadm's healthcheck-client");
        assert!(whys(&passed, "kubeadm's apiserver-etcd-client").starts_with(why));
    }
}

#[test]
fn half_of_a_pair_is_passed_over_with_a_word() {
    let pki = "/etc/kubernetes/pki/etcd/healthcheck-client";
    for (gone, why) in [("key", "its key is not there: "), ("crt", "its certificate is not there: ")] {
        let root = kubeadm();
        let missing = root.path().join(format!("{pki}.{gone}").trim_start_matches('/'));
        fs::remove_file(&missing).unwrap();
        let (found, passed) = look(&root);
        assert_eq!(found.what, "kubeadm's apiserver-etcd-client");
        let said = whys(&passed, "kubeadm's healthcheck-client");
        assert!(said.starts_with(why) && said.ends_with(missing.to_str().unwrap()), "{said}");
    }
}

#[test]
fn a_manifest_that_names_no_endpoint_is_told_where_the_usual_one_is_taken() {
    let root = kubeadm();
    let manifest = root.path().join("etc/kubernetes/manifests/etcd.yaml");
    fs::write(&manifest, "spec:\n  containers:\n  - command: [sh, -c, \"etcd $URLS\"]\n").unwrap();
    let (found, passed) = look(&root);
    assert_eq!(found.endpoints.value, "https://127.0.0.1:2379");
    let manifest = manifest.to_str().unwrap();
    assert_eq!(
        found.endpoints.from.to_string(),
        format!("kubeadm's usual endpoint, because {manifest} tells none")
    );
    assert!(whys(&passed, manifest).contains("names no endpoint"));
}

#[test]
fn a_peers_certificate_alone_is_no_credential() {
    let root = machine(&[]);
    with(&root, &["/etc/kubernetes/pki/etcd/ca.crt", "/etc/kubernetes/pki/etcd/peer.crt"]);
    with(&root, &["/etc/kubernetes/pki/etcd/peer.key", "/etc/kubernetes/pki/etcd/server.crt"]);
    let discovery = Discovery::look(root.path());
    assert_eq!(discovery.first, None);
    assert!(
        whys(&discovery.passed, "/etc/kubernetes/pki/etcd/ca.crt").contains("without a client certificate")
    );
}

#[test]
fn an_etcd_beside_kubeadm_is_where_its_api_server_has_it() {
    let api = "spec:\n  - --etcd-servers=https://10.0.0.7:2379,https://10.0.0.8:2379\n";
    let root = machine(&[("/etc/kubernetes/manifests/kube-apiserver.yaml", api)]);
    with(&root, &["/etc/kubernetes/pki/etcd/ca.crt", "/etc/kubernetes/pki/apiserver-etcd-client.crt"]);
    with(&root, &["/etc/kubernetes/pki/apiserver-etcd-client.key"]);
    assert_eq!(taken(&root).1, "https://10.0.0.7:2379,https://10.0.0.8:2379");
}

#[test]
fn a_place_that_says_no_endpoint_is_asked_at_the_usual_one() {
    let root = kubeadm();
    fs::remove_file(root.path().join("etc/kubernetes/manifests/etcd.yaml")).unwrap();
    let (found, _) = look(&root);
    assert_eq!(found.endpoints.value, "https://127.0.0.1:2379");
    assert_eq!(found.endpoints.from.to_string(), "kubeadm's usual endpoint");
}

const SSL: &str = "/etc/ssl/etcd/ssl";

fn kubespray(env: &str, kinds: &[&str]) -> TempDir {
    let root = machine(&[("/etc/etcd.env", env), ("/etc/hostname", "master2\n")]);
    with(&root, &[&format!("{SSL}/ca.pem")]);
    for kind in kinds {
        with(&root, &[&format!("{SSL}/{kind}.pem"), &format!("{SSL}/{kind}-key.pem")]);
    }
    root
}

/// As kubespray wrote it until 2.19, and kubekey does.
const WITH_ETCDCTL: &str = "# Environment file for etcd v3.5.6\n\
    ETCD_ADVERTISE_CLIENT_URLS=https://10.0.0.2:2379\n\
    ETCD_LISTEN_CLIENT_URLS=https://10.0.0.2:2379,https://127.0.0.1:2379\n\
    ETCD_TRUSTED_CA_FILE=/etc/ssl/etcd/ssl/ca.pem\n\
    ETCD_CERT_FILE=/etc/ssl/etcd/ssl/member-master2.pem\n\
    ETCD_KEY_FILE=/etc/ssl/etcd/ssl/member-master2-key.pem\n\
    ETCDCTL_ENDPOINTS=https://127.0.0.1:2379\n\
    ETCDCTL_CACERT=/etc/ssl/etcd/ssl/ca.pem\n\
    ETCDCTL_KEY=/etc/ssl/etcd/ssl/admin-master2-key.pem\n\
    ETCDCTL_CERT=/etc/ssl/etcd/ssl/admin-master2.pem\n";

#[test]
fn kubesprays_node_goes_before_its_admin_and_a_member_is_never_taken() {
    let root = kubespray(WITH_ETCDCTL, &["admin-master2", "member-master2", "node-master1", "node-master2"]);
    let (what, endpoints, files) = taken(&root);
    assert_eq!((&*what, &*endpoints), ("/etc/etcd.env's node-master2", "https://127.0.0.1:2379"));
    assert_eq!(files, ["ca.pem", "node-master2.pem", "node-master2-key.pem"]);
    let (_, passed) = look(&root);
    assert!(whys(&passed, "/etc/etcd.env's member-master2").contains("never taken"));
    assert!(whys(&passed, "/etc/etcd.env's admin-master2").contains("node-master2 does the same"));
    assert!(whys(&passed, "kubespray's or kubekey's node-master2").contains("was found before it"));
}

#[test]
fn kubekeys_admin_is_taken_where_there_is_no_node() {
    let root = kubespray(WITH_ETCDCTL, &["admin-master2", "member-master2"]);
    assert_eq!(taken(&root).0, "/etc/etcd.env's admin-master2");
}

#[test]
fn what_the_server_says_is_enough() {
    let server: String =
        WITH_ETCDCTL.lines().filter(|line| !line.starts_with("ETCDCTL")).collect::<Vec<_>>().join("\n");
    let root = kubespray(&server, &["admin-master2", "member-master2"]);
    let (what, endpoints, _) = taken(&root);
    assert_eq!((&*what, &*endpoints), ("/etc/etcd.env's admin-master2", "https://10.0.0.2:2379"));
}

#[test]
fn a_members_certificate_is_not_taken_even_where_etcdctl_has_it() {
    let env = WITH_ETCDCTL.replace("/admin-", "/member-");
    let root = kubespray(&env, &["member-master2"]);
    let discovery = Discovery::look(root.path());
    assert_eq!(discovery.first, None, "{discovery:?}");
    assert!(whys(&discovery.passed, "/etc/etcd.env").contains("no client certificate"));
}

#[test]
fn an_etcd_without_tls_is_taken_as_it_is() {
    let root = machine(&[("/etc/etcd.env", "ETCD_LISTEN_CLIENT_URLS=\"http://127.0.0.1:2379\"\n")]);
    assert_eq!(taken(&root), ("/etc/etcd.env".to_owned(), "http://127.0.0.1:2379".to_owned(), vec![]));
}

#[test]
fn kubesprays_places_are_found_without_etcd_env() {
    let root = kubespray("", &["admin-master2", "node-master2"]);
    let (what, endpoints, _) = taken(&root);
    assert_eq!((&*what, &*endpoints), ("kubespray's or kubekey's node-master2", "https://127.0.0.1:2379"));
}

#[test]
fn k3s_and_rke2_are_found_where_they_have_an_etcd_of_their_own() {
    for (installer, whose) in [("k3s", "k3s's"), ("rke2", "RKE2's")] {
        let at = |path: &str| format!("/var/lib/rancher/{installer}/server/{path}");
        let root = machine(&[]);
        with(&root, &[&at("tls/etcd/server-ca.crt"), &at("tls/etcd/client.crt"), &at("tls/etcd/client.key")]);
        with(&root, &[&at("tls/etcd/server-client.crt"), &at("tls/etcd/server-client.key")]);
        with(&root, &[&at("tls/etcd/peer-server-client.crt"), &at("tls/etcd/peer-server-client.key")]);
        let discovery = Discovery::look(root.path());
        assert_eq!(discovery.first, None, "its state is in SQLite");
        assert!(
            whys(&discovery.passed, &format!("{whose} etcd certificates")).contains("no etcd of its own")
        );
        let config = at("db/etcd/config");
        let config = root.path().join(config.trim_start_matches('/'));
        fs::create_dir_all(config.parent().unwrap()).unwrap();
        fs::write(&config, "advertise-client-urls: https://10.0.0.3:2379\nname: a\n").unwrap();
        let (what, endpoints, files) = taken(&root);
        assert_eq!((what, &*endpoints), (format!("{whose} etcd client"), "https://10.0.0.3:2379"));
        assert_eq!(files, ["server-ca.crt", "client.crt", "client.key"]);
    }
}

#[test]
fn k0s_has_only_the_api_servers_own() {
    let root = machine(&[]);
    with(&root, &["/var/lib/k0s/pki/etcd/ca.crt", "/var/lib/k0s/pki/apiserver-etcd-client.crt"]);
    with(&root, &["/var/lib/k0s/pki/apiserver-etcd-client.key"]);
    let (found, _) = look(&root);
    assert_eq!(found.what, "k0s's apiserver-etcd-client");
    assert!(found.warning.is_some());
}
