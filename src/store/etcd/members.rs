//! Members that a pool asks: those at the endpoints that were named, and, where no person has named these, behind them
//! those that the cluster lists itself.
//!
//! A person who names an endpoint means that one. An endpoint from a machine's own installation is only the nearest
//! member, and the others stand in for it, as the named ones do for each other.
use super::{endpoint::Endpoint, member::MemberConnection};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

pub(super) struct MemberConnections {
    named: Vec<Arc<MemberConnection>>,
    /// A password is given, beside a certificate or without one.
    has_password: bool,
    /// Members at other addresses, by their URL, so that asking again makes no new connection.
    elsewhere: Mutex<HashMap<String, Arc<MemberConnection>>>,
    listed: Arc<Addresses>,
}

/// Addresses of the cluster's members, as the cluster lists them. All pools of one cluster share them.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    /// True if the members there are asked, too.
    pub(super) is_followed: bool,
    addresses: RwLock<Vec<Endpoint>>,
}

impl Addresses {
    /// Takes `further` as the addresses from another time; with `None` only the named endpoints are asked.
    pub(super) fn from(further: Option<Vec<Endpoint>>) -> Self {
        Self { is_followed: further.is_some(), addresses: RwLock::new(further.unwrap_or_default()) }
    }

    pub(super) fn addresses(&self) -> Vec<Endpoint> {
        self.addresses.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the addresses by those that the cluster lists now.
    pub(super) fn follow(&self, addresses: Vec<Endpoint>) {
        if self.is_followed {
            *self.addresses.write().unwrap_or_else(PoisonError::into_inner) = addresses;
        }
    }
}

/// Returns the addresses of the members in a member list that can stand in for another: not those of `known`, which are
/// asked already, no learners, which answer only for themselves, and none without an id, which a proxy lists in place
/// of members.
pub(super) fn addresses(list: &[etcd_client::Member], known: &[u64]) -> Vec<Endpoint> {
    list.iter()
        .filter(|member| !member.is_learner() && member.id() != 0 && !known.contains(&member.id()))
        .flat_map(etcd_client::Member::client_urls)
        .filter_map(|url| Endpoint::parse(url, false).ok())
        .collect()
}

impl MemberConnections {
    pub(super) fn new(named: Vec<MemberConnection>, has_password: bool, listed: Addresses) -> Self {
        let named = named.into_iter().map(Arc::new).collect();
        Self { named, has_password, elsewhere: Mutex::default(), listed: Arc::new(listed) }
    }

    /// Returns the same members with connections of their own, asked also while they know no leader: a client says once
    /// for all its calls whether it requires one.
    pub(super) fn without_leader(&self) -> Self {
        Self {
            named: self.named.iter().map(|member| Arc::new(member.without_leader())).collect(),
            has_password: self.has_password,
            elsewhere: Mutex::default(),
            listed: Arc::clone(&self.listed),
        }
    }

    pub(super) fn named(&self) -> &[Arc<MemberConnection>] {
        &self.named
    }

    pub(super) fn is_named(&self, endpoint: &Endpoint) -> bool {
        self.named.iter().any(|member| member.endpoint() == endpoint)
    }

    pub(super) fn listed(&self) -> &Addresses {
        &self.listed
    }

    /// Returns those behind the named ones.
    pub(super) fn further(&self) -> Vec<Arc<MemberConnection>> {
        let addresses = self.listed.addresses().into_iter();
        addresses.filter(|address| !self.is_named(address)).filter_map(|at| self.at(at)).collect()
    }

    /// Returns all of them, the named ones first.
    pub(super) fn all(&self) -> Vec<Arc<MemberConnection>> {
        let mut all = self.named.clone();
        all.extend(self.further());
        all
    }

    /// Returns the member at an address of the member list, with the credential and the authority of the named ones.
    /// The credential is not sent to an address with less protection than the one that it was given for, and a password
    /// never unencrypted to an address that nobody named.
    pub(super) fn at(&self, address: Endpoint) -> Option<Arc<MemberConnection>> {
        let like = self.named.first()?;
        if address.tls != like.endpoint().tls || self.has_password && !address.tls {
            return None;
        }
        let mut elsewhere = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        let member =
            elsewhere.entry(address.to_string()).or_insert_with(|| Arc::new(like.elsewhere(address)));
        Some(Arc::clone(member))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::settings::Timeouts, *};
    use etcd_client::ConnectOptions;

    fn at(url: &str) -> Endpoint {
        Endpoint::parse(url, false).unwrap()
    }

    fn members(url: &str, has_password: bool, listed: Addresses) -> MemberConnections {
        MemberConnections::new(
            vec![MemberConnection::new(at(url), ConnectOptions::new(), Timeouts::default(), None, None)],
            has_password,
            listed,
        )
    }

    fn asked(members: &MemberConnections) -> Vec<String> {
        members.all().iter().map(|member| member.endpoint().to_string()).collect()
    }

    #[test]
    fn a_credential_is_shown_at_no_address_that_is_protected_less() {
        let (plain, tls) = ("http://10.0.0.1:2379", "https://10.0.0.1:2379");
        for (named, password, url, is_asked) in [
            (plain, false, "http://10.0.0.2:2379", true),
            (plain, true, "http://10.0.0.2:2379", false),
            (plain, false, "https://10.0.0.2:2379", false),
            (tls, false, "https://10.0.0.2:2379", true),
            (tls, true, "https://10.0.0.2:2379", true),
            (tls, false, "http://10.0.0.2:2379", false),
            (tls, true, "http://10.0.0.2:2379", false),
        ] {
            let members = members(named, password, Addresses::from(Some(vec![at(url)])));
            assert_eq!(members.at(at(url)).is_some(), is_asked, "{url} {password}");
            assert_eq!(asked(&members).len(), 1 + usize::from(is_asked), "{url} {password}");
        }
    }

    #[test]
    fn the_members_that_a_cluster_lists_stand_behind_those_that_were_named() {
        let named = "https://127.0.0.1:2379";
        let members = members(named, false, Addresses::from(Some(vec![])));
        assert_eq!(asked(&members), [named]);
        let (second, third) = ("https://10.0.0.2:2379", "https://10.0.0.3:2379");
        members.listed().follow(vec![at(named), at(second), at(third)]);
        assert_eq!(asked(&members), [named, second, third]);
        assert_eq!(asked(&members.without_leader()), [named, second, third]);
        // A member that was removed from the cluster is no longer asked.
        members.listed().follow(vec![at(third)]);
        assert_eq!(asked(&members), [named, third]);
    }

    #[test]
    fn nobody_but_those_that_a_person_named_is_asked() {
        let members = members("https://10.0.0.1:2379", false, Addresses::from(None));
        members.listed().follow(vec![at("https://10.0.0.2:2379")]);
        assert_eq!(asked(&members), ["https://10.0.0.1:2379"]);
    }
}
