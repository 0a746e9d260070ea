//! The evidence in referrals and appointments, which are items too. A referral must never count for an organisation that it
//! does not identify.

use jiff::Timestamp;
use lcr_contracts::events::CareLink;
use lcr_fhir::{Item, read};
use lcr_hl7::Fault;
use lcr_model::CareLinkKind;

use super::LinkReader;
use crate::domain::{
    CareLinkDeletion, CareLinkUpdate, MappedEvent,
    bundle::{link_resources::Reference, parse_instant, periods::instants, service_requests},
};

impl LinkReader<'_> {
    /// The key and the version of an item's evidence.
    fn item_version(&self, one: &Item, key: &str) -> (String, Timestamp) {
        let prefix = format!("{}/", one.resource_type());
        let key = key.strip_prefix(&prefix).map_or_else(|| self.key("", key), |id| self.key(&prefix, id));
        (key, self.sent(parse_instant(read::str_at(one.value(), "meta.lastUpdated"))))
    }

    /// A referral counts for who performs it. A request that is no referral, or does not identify that organisation, ends
    /// what an earlier version said.
    pub(super) fn of_request(&self, one: &Item, key: &str) -> Result<MappedEvent, Fault> {
        let value = one.value();
        let (key, sent) = self.item_version(one, key);
        let performers: Vec<Reference> = read::list(value, "performer").iter().filter_map(Reference::of).collect();
        let performer = self.named_organisation(read::list(value, "contained"), &performers);
        let own = &self.arrival.system.organisation;
        let referred = performer.filter(|performer| service_requests::is_referral(value, performer != own));
        let Some(organisation) = referred else {
            let source = self.arrival.system.id.clone();
            return Ok(MappedEvent::CareLinkDeletion(CareLinkDeletion { source, key, sent, is_item: true }));
        };
        let link = CareLink {
            kind: CareLinkKind::Referral,
            organisation,
            team: None,
            from: read::str_at(value, "authoredOn").and_then(instants).map(|(first, _)| first),
            until: (read::str_at(value, "status") == Some("completed")).then_some(sent),
            stands: service_requests::is_accepted(value),
        };
        let identity = self.subjects.of_item(self.arrival, one)?;
        Ok(MappedEvent::CareLink(CareLinkUpdate { identity, key, link, sent }))
    }

    /// An appointment counts for who takes part, else for the source's own organisation. One that is only proposed or waits
    /// does not stand.
    pub(super) fn of_appointment(&self, one: &Item, key: &str) -> Result<MappedEvent, Fault> {
        let value = one.value();
        let (key, sent) = self.item_version(one, key);
        let status = read::str_at(value, "status").unwrap_or_default();
        let actors: Vec<Reference> =
            read::list(value, "participant").iter().filter_map(|one| Reference::at(one, "actor")).collect();
        let from = read::str_at(value, "start").and_then(instants).map(|(first, _)| first);
        let link = CareLink {
            kind: CareLinkKind::Appointment,
            organisation: self.organisation(read::list(value, "contained"), &actors),
            team: None,
            from,
            until: (status == "noshow").then(|| from.unwrap_or(sent)),
            stands: matches!(status, "booked" | "arrived" | "checked-in" | "fulfilled" | "noshow")
                && !lcr_fhir::has_unknown_modifier(value),
        };
        let identity = self.subjects.of_item(self.arrival, one)?;
        Ok(MappedEvent::CareLink(CareLinkUpdate { identity, key, link, sent }))
    }
}
