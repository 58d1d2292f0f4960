//! Records of a reply, as `CoreDNS` has them before it encodes them, and as a client sees them.

use super::{QueryType, Rr, Why, wire};
use std::{
    net::{Ipv4Addr, Ipv6Addr},
    rc::Rc,
};

/// A record before it is encoded; its names may be invalid.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    pub(super) owner: Rc<[u8]>,
    pub(super) ttl: u32,
    pub(super) data: Data,
    pub(super) key: Option<Rc<[u8]>>,
}

#[derive(Clone, Debug)]
pub(super) enum Data {
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
    Cname(Vec<u8>),
    Ns(Vec<u8>),
    Ptr(Vec<u8>),
    Txt(String),
    Mx { preference: u16, target: Vec<u8> },
    Srv { priority: u16, weight: u16, port: u16, target: Vec<u8> },
    Soa { server: Vec<u8>, mailbox: Vec<u8>, serial: u32 },
}

/// Reason why a reply with this record cannot be sent.
#[derive(Debug)]
pub(super) struct SendError {
    pub(super) key: Option<Box<[u8]>>,
    pub(super) why: Why,
}

impl Raw {
    /// Returns the record as a client sees it, and the error if a name in it is too long.
    ///
    /// # Errors
    /// [`SendError`] when it holds a text that is no name.
    pub(super) fn encode(&self) -> Result<(Rr, Option<Why>), SendError> {
        let mut too_long = None;
        let key = || self.key.as_deref().map(Box::from);
        let mut name = |name: &[u8]| match wire::name(name) {
            Ok(shown) => {
                if shown.too_long {
                    too_long = Some(Why::TooLong { key: key(), name: wire::shown(name) });
                }
                Ok(shown.text)
            }
            Err(reason) => {
                let why = Why::NotEncodable { key: key(), name: wire::shown(name), reason };
                Err(SendError { key: key(), why })
            }
        };
        let owner = name(&self.owner)?;
        let (kind, data) = match &self.data {
            Data::A(address) => (QueryType::A, address.to_string()),
            Data::Aaaa(address) => (QueryType::AAAA, address.to_string()),
            Data::Cname(target) => (QueryType::CNAME, name(target)?.into()),
            Data::Ns(target) => (QueryType::NS, name(target)?.into()),
            Data::Ptr(target) => (QueryType::PTR, name(target)?.into()),
            Data::Txt(text) => (QueryType::TXT, wire::text(text.as_bytes())),
            Data::Mx { preference, target } => (QueryType::MX, format!("{preference} {}", name(target)?)),
            Data::Srv { priority, weight, port, target } => {
                (QueryType::SRV, format!("{priority} {weight} {port} {}", name(target)?))
            }
            Data::Soa { server, mailbox, serial } => {
                let (server, mailbox) = (name(server)?, name(mailbox)?);
                (QueryType::SOA, format!("{server} {mailbox} {serial} 7200 1800 86400 30"))
            }
        };
        Ok((Rr { owner, ttl: self.ttl, kind, data: data.into(), key: key() }, too_long))
    }
}
