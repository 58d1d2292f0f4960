//! The members as they are asked how they are: each by itself, whether there is a leader or not, and those of the member
//! list as well that no endpoint was named for.
use super::{endpoint::Endpoint, member::Member};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

/// Connections of their own: whether a leader is required is said once for a client, and an answer that waits for a
/// leader tells nothing of a member without one.
#[derive(Default)]
pub(super) struct Observers {
    named: OnceLock<Vec<Arc<Member>>>,
    /// By their URL, so that asking again makes no new connection.
    listed: Mutex<HashMap<String, Arc<Member>>>,
}

impl Observers {
    /// Those at the endpoints that were named.
    pub(super) fn named(&self, members: &[Member]) -> &[Arc<Member>] {
        self.named.get_or_init(|| members.iter().map(|member| Arc::new(member.without_leader())).collect())
    }

    /// The one at an address of the member list, with the credential and the authority of `like`. The credential is shown
    /// at no address that is protected less than the one that it was given for, and a password never in the open where
    /// nobody named the address.
    pub(super) fn listed(
        &self,
        like: &Member,
        has_password: bool,
        endpoint: Endpoint,
    ) -> Option<Arc<Member>> {
        if endpoint.tls != like.endpoint().tls || has_password && !endpoint.tls {
            return None;
        }
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        let member = listed.entry(endpoint.to_string()).or_insert_with(|| Arc::new(like.elsewhere(endpoint)));
        Some(Arc::clone(member))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use etcd_client::ConnectOptions;

    #[test]
    fn a_credential_is_shown_at_no_address_that_is_protected_less() {
        let at = |url: &str| Endpoint::parse(url, false).unwrap();
        let named = |url: &str| Member::new(at(url), ConnectOptions::new());
        let (plain, tls) = (named("http://10.0.0.1:2379"), named("https://10.0.0.1:2379"));
        let observers = Observers::default();
        for (like, password, url, asked) in [
            (&plain, false, "http://10.0.0.2:2379", true),
            (&plain, true, "http://10.0.0.2:2379", false),
            (&plain, false, "https://10.0.0.2:2379", false),
            (&tls, false, "https://10.0.0.2:2379", true),
            (&tls, true, "https://10.0.0.2:2379", true),
            (&tls, false, "http://10.0.0.2:2379", false),
            (&tls, true, "http://10.0.0.2:2379", false),
        ] {
            assert_eq!(observers.listed(like, password, at(url)).is_some(), asked, "{url} {password}");
        }
    }
}
