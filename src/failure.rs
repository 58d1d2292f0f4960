//! Failures between this program and the store, in the words that a person needs: the event, the place, the effect on
//! the store, and the remedy. A leaf: everything may name it.

use crate::{
    certificate::{ClientFault, FileFault, ServerFault, Signer},
    keys::{LeaseId, Revision},
    remedy::Remedy,
};
use std::{path::PathBuf, time::Duration};

pub use crate::certificate::TlsFile;

/// Any failure at the store, each with its own words and its own remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    // Provably not sent.
    #[error("nothing listens at {endpoint}")]
    NothingListening { endpoint: String },
    #[error("the host of {endpoint} cannot be resolved")]
    HostNotResolved { endpoint: String },
    #[error("{endpoint} cannot be reached: {reason}")]
    NoRoute { endpoint: String, reason: String },
    #[error("{endpoint} did not accept a connection within {} ms", .after.as_millis())]
    ConnectTimedOut { endpoint: String, after: Duration },
    #[error("{endpoint} speaks no TLS")]
    TlsAgainstPlain { endpoint: String },
    #[error("{endpoint} speaks TLS, and was asked without it")]
    PlainAgainstTls { endpoint: String },
    #[error("{endpoint} and this program have no TLS in common: {detail}")]
    NoCommonTls { endpoint: String, detail: &'static str },
    #[error("the certificate of {endpoint} is not signed by {}{signer}", .ca.as_deref().map_or_else(|| "any authority of this system".to_owned(), |ca| ca.display().to_string()))]
    WrongAuthority { endpoint: String, ca: Option<PathBuf>, signer: Signer },
    #[error("the certificate of {endpoint} has expired: {detail}")]
    ServerCertificateExpired { endpoint: String, detail: String },
    #[error("the certificate of {endpoint} is not valid yet: {detail}")]
    ServerCertificateNotYetValid { endpoint: String, detail: String },
    #[error("the certificate of {endpoint} is for another name: {detail}")]
    NameNotInCertificate { endpoint: String, detail: String },
    #[error("the certificate of {endpoint} cannot be used: {fault}")]
    ServerCertificateRefused { endpoint: String, fault: ServerFault },
    /// `said` is true if the server said so; otherwise it asked for a certificate and ended the connection, and
    /// `detail` names the faults that can be seen. `fault` is the one that has to be mended first.
    #[error("{endpoint} {} the client certificate: {detail}", if *.said { "refused" } else { "ended the connection without a reason; probably it refused" })]
    ClientCertificateRefused { endpoint: String, detail: String, said: bool, fault: Option<ClientFault> },
    #[error("{endpoint} is not an etcd server: {detail}")]
    NotEtcd { endpoint: String, detail: String },

    /// Stands for several that were asked at the first contact. `why` is the one that tells most, and its remedy is
    /// taken.
    #[error("none of {} endpoints can be used: {}", .each.len(), .each.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    NoneAnswers { why: Box<Self>, each: Vec<Self> },

    // Found before anything is sent.
    #[error("the {role} {} cannot be read: {reason}{}", .path.display(), .readers.as_ref().map_or_else(String::new, |who| format!(" ({who})")))]
    FileUnreadable { role: TlsFile, path: PathBuf, reason: String, readers: Option<String> },
    #[error("the {role} {} cannot be used: {fault}", .path.display())]
    FileUnusable { role: TlsFile, path: PathBuf, fault: FileFault },
    /// `why` describes the certificate, where that explains it.
    #[error("the key {} does not fit the certificate {}{why}", .key.display(), .cert.display())]
    KeyDoesNotFit { cert: PathBuf, key: PathBuf, why: &'static str },
    #[error("{setting} {value:?} cannot be used: {reason}")]
    BadSetting { setting: &'static str, value: String, reason: String },

    // etcd's own verdicts.
    #[error("etcd knows no user {user} with that password")]
    WrongPassword { user: String },
    #[error("etcd asks for a user and a password, and none was given")]
    AuthRequired,
    #[error("etcd was given the user {user}, but authentication is off there")]
    AuthNotEnabled { user: String },
    #[error("etcd no longer accepts this login: {detail}")]
    LoginExpired { detail: String },
    #[error("etcd does not allow {who} to {action} {what}")]
    PermissionDenied { who: String, action: &'static str, what: String },
    #[error("the cluster has no leader, so {endpoint} cannot serve this")]
    NoLeader { endpoint: String },
    #[error("the cluster changed its leader while {endpoint} worked on this")]
    LeaderChanged { endpoint: String },
    #[error("{endpoint} is a learner: it has no vote, and leaves questions to the members that have one")]
    Learner { endpoint: String },
    #[error("the watch has given no sign of life for {} s", .after.as_secs())]
    WatchSilent { after: Duration },
    #[error(
        "etcd is out of space (NOSPACE alarm): it refuses this until there is room and its alarm is disarmed"
    )]
    NoSpace,
    #[error("etcd's members hold different data (CORRUPT alarm): it refuses every write")]
    Corrupt,
    #[error("the request is larger than etcd accepts: {detail}")]
    TooLarge { detail: String },
    #[error("revision {asked} is gone: etcd has compacted it")]
    Compacted { asked: Revision },
    #[error("revision {asked} is still to come")]
    NotYet { asked: Revision },
    /// etcd never answers so; a proxy may.
    #[error("the reply has {sent} keys where etcd counted {counted}: something has cut it short")]
    CutShort { counted: i64, sent: usize },
    #[error("lease {0} is gone")]
    LeaseGone(LeaseId),
    #[error("lease {0} exists already")]
    LeaseExists(LeaseId),
    /// A lease is made before any key is written, and no key is tied to it yet.
    #[error("lease {lease} could not be made: {detail}")]
    LeaseNotMade { lease: LeaseId, detail: String },

    // The outcome is not known.
    #[error("{endpoint} did not answer within {} ms", .after.as_millis())]
    TimedOut { endpoint: String, after: Duration },
    #[error("the connection to {endpoint} broke: {detail}")]
    ConnectionLost { endpoint: String, detail: String },

    #[error(
        "etcd refused it at revision {at}, and its keys are as it would have left them: it was sent twice on its way, or \
         somebody else has done the same"
    )]
    RefusedAsMade { at: Revision },

    // Failures of this program.
    #[error("{key} is not what was shown any more: {change}")]
    Conflict { key: String, change: String },
    #[error("etcd is at revision {at}, and this was shown at {seen}: it was restored, or built anew")]
    WentBack { at: Revision, seen: Revision },
    #[error("this is cluster {found}, and {pinned} was asked for")]
    WrongCluster { found: String, pinned: String },
    #[error("this session is read-only: {why}")]
    ReadOnly { why: String, remedy: String },
    #[error("the journal cannot be written: {reason}")]
    JournalUnwritable { reason: String },
    #[error("the journal cannot be read: {}: {reason}", .file.display())]
    JournalUnreadable { file: PathBuf, reason: String },
    #[error("the program was stopped while it made this change")]
    BrokenOff,
    #[error("etcd said: {detail}")]
    Other { detail: String },
}

/// Effect of a failed write on the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteEffect {
    Nothing,
    /// etcd has finished with it, and has made it or not: one look at its keys tells.
    Settled,
    /// A lost reply is not a lost request: only reading can tell.
    Unknown,
}

/// Retry of the same call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The call never reached a server: any other member may be asked, whatever the call is.
    AnyCall,
    /// A read may be asked of another member; a write must be resolved by reading.
    ReadsOnly,
    /// Every member would give the same answer.
    Never,
}

impl Failure {
    /// Returns the revision that was asked for and that etcd has compacted.
    #[must_use]
    pub fn compacted(&self) -> Option<Revision> {
        if let Self::Compacted { asked } = self { Some(*asked) } else { None }
    }

    /// Returns the effect of the failed call on the store.
    #[must_use]
    pub fn effect(&self) -> WriteEffect {
        match self {
            // `Other`: a verdict that this program does not know tells nothing about the time before it.
            Self::TimedOut { .. }
            | Self::ConnectionLost { .. }
            | Self::LeaderChanged { .. }
            | Self::RefusedAsMade { .. }
            | Self::Other { .. } => WriteEffect::Unknown,
            // A put that crosses the quota while it is applied is kept, and refused all the same (etcd 3.4 to 3.7,
            // `quotaApplierV3`).
            Self::NoSpace => WriteEffect::Settled,
            Self::NothingListening { .. }
            | Self::HostNotResolved { .. }
            | Self::NoRoute { .. }
            | Self::ConnectTimedOut { .. }
            | Self::TlsAgainstPlain { .. }
            | Self::PlainAgainstTls { .. }
            | Self::NoCommonTls { .. }
            | Self::WrongAuthority { .. }
            | Self::ServerCertificateExpired { .. }
            | Self::ServerCertificateNotYetValid { .. }
            | Self::NameNotInCertificate { .. }
            | Self::ServerCertificateRefused { .. }
            | Self::ClientCertificateRefused { .. }
            | Self::NotEtcd { .. }
            | Self::NoneAnswers { .. }
            | Self::FileUnreadable { .. }
            | Self::FileUnusable { .. }
            | Self::KeyDoesNotFit { .. }
            | Self::BadSetting { .. }
            | Self::WrongPassword { .. }
            | Self::AuthRequired
            | Self::AuthNotEnabled { .. }
            | Self::LoginExpired { .. }
            | Self::PermissionDenied { .. }
            | Self::NoLeader { .. }
            | Self::Learner { .. }
            | Self::Corrupt
            | Self::TooLarge { .. }
            | Self::Compacted { .. }
            | Self::NotYet { .. }
            | Self::CutShort { .. }
            | Self::LeaseGone(_)
            | Self::LeaseExists(_)
            | Self::LeaseNotMade { .. }
            // A watch writes nothing.
            | Self::WatchSilent { .. }
            | Self::Conflict { .. }
            | Self::WentBack { .. }
            | Self::WrongCluster { .. }
            | Self::ReadOnly { .. }
            | Self::JournalUnwritable { .. }
            | Self::JournalUnreadable { .. }
            | Self::BrokenOff => WriteEffect::Nothing,
        }
    }

    /// Tells whether another member may be asked the same.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::NoneAnswers { why, .. } => why.retry(),
            Self::NothingListening { .. }
            | Self::HostNotResolved { .. }
            | Self::NoRoute { .. }
            | Self::ConnectTimedOut { .. }
            | Self::TlsAgainstPlain { .. }
            | Self::NoCommonTls { .. }
            | Self::WrongAuthority { .. }
            | Self::ServerCertificateExpired { .. }
            | Self::ServerCertificateNotYetValid { .. }
            | Self::NameNotInCertificate { .. }
            | Self::ServerCertificateRefused { .. }
            // It refuses a call before anything else is done with it.
            | Self::Learner { .. } => Retry::AnyCall,
            Self::PlainAgainstTls { .. }
            | Self::ClientCertificateRefused { .. }
            | Self::NotEtcd { .. }
            | Self::NoLeader { .. }
            | Self::LeaderChanged { .. }
            | Self::TimedOut { .. }
            | Self::WatchSilent { .. }
            | Self::ConnectionLost { .. } => Retry::ReadsOnly,
            Self::FileUnreadable { .. }
            | Self::FileUnusable { .. }
            | Self::KeyDoesNotFit { .. }
            | Self::BadSetting { .. }
            | Self::WrongPassword { .. }
            | Self::AuthRequired
            | Self::AuthNotEnabled { .. }
            | Self::LoginExpired { .. }
            | Self::PermissionDenied { .. }
            | Self::NoSpace
            | Self::Corrupt
            | Self::TooLarge { .. }
            | Self::Compacted { .. }
            | Self::NotYet { .. }
            | Self::CutShort { .. }
            | Self::RefusedAsMade { .. }
            | Self::LeaseGone(_)
            | Self::LeaseExists(_)
            | Self::LeaseNotMade { .. }
            | Self::Conflict { .. }
            | Self::WentBack { .. }
            | Self::WrongCluster { .. }
            | Self::ReadOnly { .. }
            | Self::JournalUnwritable { .. }
            | Self::JournalUnreadable { .. }
            | Self::BrokenOff
            | Self::Other { .. } => Retry::Never,
        }
    }

    /// Tells whether the store could not be reached or did not let us in (exit code 3).
    #[must_use]
    pub fn is_connection(&self) -> bool {
        self.retry() != Retry::Never
            || matches!(
                self,
                Self::FileUnreadable { .. }
                    | Self::FileUnusable { .. }
                    | Self::KeyDoesNotFit { .. }
                    | Self::WrongPassword { .. }
                    | Self::AuthRequired
                    | Self::AuthNotEnabled { .. }
                    | Self::LoginExpired { .. }
                    | Self::PermissionDenied { .. }
            )
    }
}

impl Remedy for Failure {
    fn remedy(&self) -> String {
        match self {
            Self::NoneAnswers { why, .. } => why.remedy(),
            Self::NothingListening { .. } => {
                "Check that etcd runs there (systemctl status etcd, or crictl ps), or give --endpoints.".into()
            }
            Self::HostNotResolved { .. } => {
                "Give --endpoints with an IP address; on a master node that is https://127.0.0.1:2379.".into()
            }
            Self::NoRoute { .. } => "Check the address in --endpoints and the way to it (ip route get).".into(),
            Self::ConnectTimedOut { .. } => {
                "Check that no firewall is in the way, or give a longer --dial-timeout.".into()
            }
            Self::TlsAgainstPlain { endpoint } => {
                format!("Write the endpoint with http: {}", endpoint.replacen("https://", "http://", 1))
            }
            Self::PlainAgainstTls { endpoint } => {
                format!(
                    "Write the endpoint with https: {} and give --cacert, --cert and --key.",
                    endpoint.replacen("http://", "https://", 1)
                )
            }
            Self::NoCommonTls { .. } => {
                "Let etcd speak TLS 1.2 or 1.3 (--tls-min-version), and in 1.2 a suite with ECDHE and AES-GCM or ChaCha20 \
                 (--cipher-suites)."
                    .into()
            }
            Self::WrongAuthority { signer, .. } => signer.remedy(),
            Self::ServerCertificateExpired { .. } => {
                "Renew etcd's certificate (kubeadm: kubeadm certs renew etcd-server), and check this machine's \
                 clock with date."
                    .into()
            }
            Self::ServerCertificateNotYetValid { .. } => "Check the clocks of this machine and of etcd's.".into(),
            Self::NameNotInCertificate { .. } => {
                "Use one of the names or addresses of the certificate in --endpoints.".into()
            }
            Self::ServerCertificateRefused { fault, .. } => fault.remedy(),
            Self::ClientCertificateRefused { said, fault, .. } => another_certificate(fault.as_ref(), *said),
            Self::NotEtcd { .. } => "Check host and port in --endpoints; etcd's client port is 2379.".into(),
            Self::FileUnreadable { readers: Some(_), .. } => {
                "Run with sudo, or use a certificate of your own that you may read.".into()
            }
            Self::FileUnreadable { role, .. } => format!("Give the path of the {role} that etcd's client needs."),
            Self::FileUnusable { role, path, fault } => fault.remedy(*role, path),
            Self::KeyDoesNotFit { .. } => "Give the key that belongs to this certificate with --key.".into(),
            Self::BadSetting { setting, .. } => format!("Correct {setting}."),
            Self::WrongPassword { .. } => {
                "Check --user and the password (ETCDCTL_PASSWORD, or the prompt).".into()
            }
            Self::AuthRequired => "Give --user, or a client certificate whose CN is a user of etcd.".into(),
            Self::AuthNotEnabled { .. } => "Leave --user (ETCDCTL_USER) away.".into(),
            Self::LoginExpired { .. } => "Log in again: restart, or press r.".into(),
            Self::PermissionDenied { who, .. } => {
                format!("Have a role granted to {who}: etcdctl role grant-permission ROLE --prefix=true readwrite PREFIX/.")
            }
            Self::NoLeader { .. } => {
                "Bring back enough members for a quorum; coredeck status shows who is missing.".into()
            }
            Self::Learner { .. } => "Give --endpoints of members that have a vote (etcdctl member list), or promote it.".into(),
            Self::LeaderChanged { .. } => "Read again: the new leader answers.".into(),
            Self::NoSpace => {
                "Make room first (compact, defragment, then disarm the alarm): coredeck status has the lines, and s in the deck."
                    .into()
            }
            Self::Corrupt => {
                "Find the member that differs (etcdctl endpoint hashkv --cluster), replace it, and only then disarm the alarm."
                    .into()
            }
            Self::TooLarge { .. } => "Make the change in smaller pieces; one value may have about 1.5 MB.".into(),
            Self::Compacted { .. } => "Read again: the list starts at the present revision.".into(),
            Self::NotYet { .. } => "Give a revision that etcd has reached; the deck's header shows it.".into(),
            Self::RefusedAsMade { .. } => "Look at the keys: coredeck history says at which revision each was written.".into(),
            Self::CutShort { .. } => "Give --endpoints of the members themselves, without a proxy between, and read again.".into(),
            Self::LeaseExists(_) => "Make the plan again: it takes another lease.".into(),
            Self::LeaseNotMade { .. } => "Try again; a lease made without a reply ends by itself.".into(),
            Self::LeaseGone(_) => "Write without the lease, or take a new one.".into(),
            Self::TimedOut { .. } | Self::WatchSilent { .. } | Self::ConnectionLost { .. } => {
                "Try again; coredeck doctor says which endpoints answer, and --endpoints names others.".into()
            }
            Self::WentBack { .. } => {
                "Read the records again (r in the deck), and make the change again if it is still meant.".into()
            }
            Self::Conflict { .. } => "Look at the new value, then make the change again.".into(),
            Self::WrongCluster { .. } => {
                "Check --endpoints and --profile. If you mean this one, accept it in the deck (:cluster), or correct cluster_id in the profile that pins the other.".into()
            }
            Self::ReadOnly { remedy, .. } => remedy.clone(),
            Self::JournalUnwritable { .. } => {
                "Free space or mend the permissions of the state directory; nothing is sent before.".into()
            }
            Self::JournalUnreadable { .. } => {
                "Check who may read the state directory; its files are JSON lines.".into()
            }
            Self::BrokenOff => "See what is left of it with coredeck resume.".into(),
            Self::Other { .. } => "Look into etcd's log for the cause, then read again.".into(),
        }
    }
}

/// Returns the remedy. If the server gave no reason, its log has one.
fn another_certificate(fault: Option<&ClientFault>, said: bool) -> String {
    let usual =
        "Give a client certificate that etcd's CA has signed, and that is valid now, with --cert and --key.";
    let remedy = fault.map_or_else(|| usual.to_owned(), ClientFault::remedy);
    if said {
        return remedy;
    }
    format!("{}; etcd's log has its reason (rejected connection).", remedy.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_reply_never_claims_that_nothing_changed() {
        let lost = Failure::TimedOut { endpoint: "10.0.0.1:2379".into(), after: Duration::from_secs(8) };
        assert_eq!(lost.effect(), WriteEffect::Unknown);
        assert_eq!(lost.retry(), Retry::ReadsOnly);
    }

    #[test]
    fn only_a_call_that_was_never_sent_may_be_sent_elsewhere_whatever_it_is() {
        let never_sent = Failure::NothingListening { endpoint: "10.0.0.1:2379".into() };
        assert_eq!((never_sent.effect(), never_sent.retry()), (WriteEffect::Nothing, Retry::AnyCall));
    }
}
