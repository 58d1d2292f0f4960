//! Own record of a key, as far as the checks need it.

use crate::{
    dns::{
        Class, Service, StoredRecord, ValueError,
        external_dns::{self, Heritage},
        json,
        service::FIELDS,
        value::{folds_to, members},
    },
    keys::LeaseId,
};

/// The record at a key.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts of one value")]
pub(super) struct OwnValue {
    pub(super) service: Result<Service, ValueError>,
    pub(super) lease: Option<LeaseId>,
    /// It has a field that `CoreDNS` does not know.
    pub(super) unknown: bool,
    /// It has a field twice.
    pub(super) twice: bool,
    /// It has the field `owner` of external-dns, or an ownership text.
    pub(super) owned: bool,
    pub(super) heritage: bool,
}

impl OwnValue {
    pub(super) fn read(record: StoredRecord<'_>) -> Self {
        let service = Service::decode(record.value);
        let mut own = Self {
            lease: record.lease,
            unknown: false,
            twice: false,
            owned: false,
            heritage: service.as_ref().is_ok_and(is_heritage),
            service,
        };
        own.owned = own.heritage;
        if own.service.is_ok() {
            own.look_at_names(record.value);
        }
        own
    }

    fn look_at_names(&mut self, value: &[u8]) {
        let mut seen = 0_u16;
        // The value decoded, so it can be read to its end.
        let _ = members(value, |member| {
            let name = json::unquote(member.name);
            match FIELDS.iter().position(|field| folds_to(&name, field)) {
                Some(place) => {
                    self.twice |= seen & (1 << place) != 0;
                    seen |= 1 << place;
                }
                None if name == "owner" => self.owned = true,
                None => self.unknown = true,
            }
        });
    }

    /// Returns the value as `CoreDNS` reads it, if it can.
    pub(super) fn service(&self) -> Option<&Service> {
        self.service.as_ref().ok()
    }

    pub(super) fn class(&self) -> Class {
        self.service().map_or(Class::Nothing, Service::class)
    }

    /// Tells whether external-dns wrote it, as far as the record itself shows: its mark, or the form of its key and
    /// value.
    pub(super) fn is_managed(&self, segment: &[u8]) -> bool {
        let stripped = self.service().is_some_and(|service| service.target_strip == Some(1));
        self.owned || (stripped && external_dns::is_leaf(segment))
    }
}

/// Tells whether a record is there for its target: SRV or MX.
pub(super) fn is_target(service: &Service) -> bool {
    service.mail || service.port.is_some_and(|port| port != 0)
}

fn is_heritage(service: &Service) -> bool {
    service.text.contains("heritage") && Heritage::parse(&service.text).is_some()
}
