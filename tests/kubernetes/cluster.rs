//! Cluster of a kube-apiserver over a private etcd: without controllers and kubelets, which these objects do not
//! need.
use crate::etcd::PrivateEtcd;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Time limit for an API server to become ready, or to end, on a busy machine. It takes some seconds.
const PATIENCE: Duration = Duration::from_secs(240);
const TOKEN: &str = "a-token-of-this-test";

/// Returns the directory in which `tests/run --kubernetes` has built kube-apiserver and kubectl, or `None` if it has
/// not.
pub(crate) fn binaries() -> Option<PathBuf> {
    std::env::var_os("COREDECK_TEST_KUBERNETES")
        .map(PathBuf::from)
        .filter(|path| !path.as_os_str().is_empty())
}

/// API server, running or stopped. Its data is in the etcd.
pub(crate) struct ApiServer {
    binaries: PathBuf,
    directory: PathBuf,
    etcd: String,
    port: u16,
    running: Option<Child>,
}

/// Objects as kubectl shows them, by kind, namespace and name.
pub(crate) type Objects = BTreeMap<String, serde_json::Value>;

impl ApiServer {
    /// Starts an API server and waits until it is ready.
    pub(crate) fn start(binaries: &Path, etcd: &PrivateEtcd, directory: &Path) -> Self {
        fs::create_dir_all(directory).unwrap();
        fs::write(directory.join("tokens.csv"), format!("{TOKEN},admin,1,\"system:masters\"\n")).unwrap();
        openssl(directory, &["genrsa", "-out", "sa.key", "2048"]);
        openssl(directory, &["rsa", "-in", "sa.key", "-pubout", "-out", "sa.pub"]);
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let etcd = etcd.unrecorded_endpoint();
        let (binaries, directory) = (binaries.to_owned(), directory.to_owned());
        let mut server = Self { binaries, directory, etcd, port, running: None };
        server.start_again();
        server
    }

    /// Starts it again on the present keys of etcd, as its manifest does when it is moved back.
    pub(crate) fn start_again(&mut self) {
        assert!(self.running.is_none(), "it runs already");
        let log = File::options().create(true).append(true).open(self.directory.join("log")).unwrap();
        let file = |name: &str| self.directory.join(name).display().to_string();
        let mut command = Command::new(self.binaries.join("kube-apiserver"));
        command
            .arg(format!("--etcd-servers={}", self.etcd))
            .arg(format!("--secure-port={}", self.port))
            .arg("--bind-address=127.0.0.1")
            // The address is of no network (RFC 5737): a loopback address is refused.
            .arg("--advertise-address=192.0.2.1")
            .arg(format!("--cert-dir={}", file("certificates")))
            .arg("--service-account-issuer=https://kubernetes.default.svc")
            .arg(format!("--service-account-key-file={}", file("sa.pub")))
            .arg(format!("--service-account-signing-key-file={}", file("sa.key")))
            .arg("--service-cluster-ip-range=10.96.0.0/16")
            .arg(format!("--token-auth-file={}", file("tokens.csv")))
            .arg("--authorization-mode=RBAC")
            // A slow machine must not lose the race with the compaction, which other tests are about.
            .arg("--etcd-compaction-interval=2h")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .process_group(0);
        self.running = Some(command.spawn().unwrap());
        let until = Instant::now() + PATIENCE;
        while !self.try_kubectl(&["get", "--raw", "/readyz"]).status.success() {
            let ended = self.running.as_mut().unwrap().try_wait().unwrap();
            assert!(
                ended.is_none() && Instant::now() < until,
                "it is not ready ({ended:?}):\n{}",
                self.log()
            );
            thread::sleep(Duration::from_millis(200));
        }
    }

    /// Ends it as a kubelet does when its manifest goes.
    pub(crate) fn stop(&mut self) {
        let mut child = self.running.take().unwrap();
        let ended = Command::new("kill").arg(child.id().to_string()).status().unwrap();
        assert!(ended.success());
        let until = Instant::now() + PATIENCE;
        while child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < until, "it does not end:\n{}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }

    fn try_kubectl(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(self.binaries.join("kubectl"));
        command.env_clear().env("HOME", &self.directory).stdin(Stdio::null());
        command.arg(format!("--server=https://127.0.0.1:{}", self.port)).arg(format!("--token={TOKEN}"));
        // It has made its own certificate.
        command.arg("--insecure-skip-tls-verify").arg("--cache-dir").arg(self.directory.join("cache"));
        command.args(arguments).output().unwrap()
    }

    pub(crate) fn kubectl(&self, arguments: &[&str]) -> String {
        let output = self.try_kubectl(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "kubectl {arguments:?}: {error}\n{}", self.log());
        String::from_utf8(output.stdout).unwrap()
    }

    /// Waits until kubectl's output fulfils a condition.
    pub(crate) fn wait(&self, arguments: &[&str], what: &str, fulfilled: impl Fn(&str) -> bool) {
        let until = Instant::now() + PATIENCE;
        loop {
            let said = self.kubectl(arguments);
            if fulfilled(&said) {
                return;
            }
            assert!(Instant::now() < until, "kubectl {arguments:?} never said {what}: {said}");
            thread::sleep(Duration::from_millis(100));
        }
    }

    pub(crate) fn apply(&self, objects: &str) {
        let file = self.directory.join("objects.yaml");
        fs::write(&file, objects).unwrap();
        self.kubectl(&["create", "-f", &file.display().to_string()]);
    }

    /// Returns every object of every kind that can be listed, without those that come and go by themselves.
    pub(crate) fn objects(&self) -> Objects {
        let kinds = self.kubectl(&["api-resources", "--verbs=list", "-o", "name"]);
        let passing = ["events", "events.events.k8s.io", "leases.coordination.k8s.io"];
        let kinds: Vec<_> = kinds.lines().filter(|kind| !passing.contains(kind)).collect();
        let list = self.kubectl(&["get", &kinds.join(","), "--all-namespaces", "-o", "json"]);
        let list: serde_json::Value = serde_json::from_str(&list).unwrap();
        let mut objects = Objects::new();
        for object in list["items"].as_array().unwrap() {
            let mut object = object.clone();
            let meta = object["metadata"].as_object_mut().unwrap();
            // This is etcd's revision of the last write, which changes for a key that is put back.
            meta.remove("resourceVersion");
            let named = |name: &str| meta.get(name).and_then(|it| it.as_str()).unwrap_or_default().to_owned();
            let (namespace, name) = (named("namespace"), named("name"));
            let kind = format!("{} {}", object["apiVersion"], object["kind"]);
            objects.insert(format!("{kind} {namespace}/{name}"), object);
        }
        objects
    }
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        if let Some(mut child) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn openssl(directory: &Path, arguments: &[&str]) {
    let output = Command::new("openssl").args(arguments).current_dir(directory).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}
