//! Evidence that a hospital discharged a person to an organisation, in HL7 v2. It must never count for an organisation that
//! the message does not identify by its ODS code.

use jiff::Timestamp;
use lcr_contracts::{events::CareLink, registry::System, spell::SpellEvent, vocabulary::SystemKind};
use lcr_hl7::Repetition;
use lcr_model::{CareLinkKind, LocalIdKey, OdsCode, SourceIdentity};

use super::{
    Arrival, CareLinkDeletion, CareLinkUpdate, MappedEvent, care_links, ods, segment_groups::SegmentGroup, spell,
    stay_numbers::StayNumbers, times,
};

/// A stay of which a message says whether and whereto it ended.
pub struct Stay<'a> {
    pub system: &'a System,
    pub local_id_key: &'a LocalIdKey,
    pub identity: &'a SourceIdentity,
    pub numbers: StayNumbers,
    /// When the source says this version was made.
    pub sent: Timestamp,
}

impl Stay<'_> {
    /// The evidence for the organisation and from the time of the discharge. Without them it ends what an earlier version said.
    /// `None` for a source that is no hospital, and for a stay without a number, which nothing could end.
    pub fn evidence(self, to: Option<(OdsCode, Timestamp)>) -> Option<MappedEvent> {
        let Self { system, local_id_key, identity, numbers, sent } = self;
        if system.kind != SystemKind::Hospital {
            return None;
        }
        let number = numbers.visit.or(numbers.account)?.qualified();
        let key = care_links::key(local_id_key, &system.id, "ADT|", &number) + "|to";
        let Some((organisation, left)) = to else {
            let source = system.id.clone();
            // The stay itself is known or waits, so its discharge need not be known.
            return Some(MappedEvent::CareLinkDeletion(CareLinkDeletion { source, key, sent, is_item: true }));
        };
        let kind = CareLinkKind::DischargedTo;
        let link = CareLink { kind, organisation, team: None, from: Some(left), until: None, stands: true };
        Some(MappedEvent::CareLink(CareLinkUpdate { identity: identity.clone(), key, link, sent }))
    }
}

/// The evidence of a discharge (A03), its correction by an update (A08), and its end by a cancelled one (A13). `None` for other
/// events.
pub fn read(
    arrival: &Arrival<'_>,
    group: &SegmentGroup<'_>,
    identity: &SourceIdentity,
    event: SpellEvent,
) -> Option<MappedEvent> {
    let is_discharged = match event {
        SpellEvent::Discharge => true,
        SpellEvent::CancelDischarge => false,
        SpellEvent::Update => return read_correction(arrival, group, identity),
        _ => return None,
    };
    let stay = stay(arrival, group, identity)?;
    let destination = group.field("PV1", 37).repetitions().find_map(organisation).filter(|_| is_discharged);
    let message = spell::read(arrival, group, identity, event);
    let left = message.discharged.set().map_or(message.happened, |discharged| *discharged).at;
    stay.evidence(destination.map(|organisation| (organisation, left)))
}

/// The evidence of an update that says whereto the patient has left. Before the end of a stay a destination is only a plan, and
/// a destination that is not sent changes nothing.
fn read_correction(arrival: &Arrival<'_>, group: &SegmentGroup<'_>, identity: &SourceIdentity) -> Option<MappedEvent> {
    let destination = group.field("PV1", 37);
    destination.first()?;
    let message = spell::read(arrival, group, identity, SpellEvent::Update);
    let left = message.discharged.set().map(|discharged| discharged.at).filter(|left| *left <= arrival.received)?;
    let organisation = destination.repetitions().find_map(organisation);
    stay(arrival, group, identity)?.evidence(organisation.map(|organisation| (organisation, left)))
}

fn stay<'a>(arrival: &Arrival<'a>, group: &SegmentGroup<'_>, identity: &'a SourceIdentity) -> Option<Stay<'a>> {
    Some(Stay {
        system: arrival.system,
        local_id_key: arrival.local_id_key,
        identity,
        numbers: spell::read_numbers(arrival, group)?,
        sent: times::reported_at(arrival),
    })
}

/// The organisation in a location (DLD-1), with its authority beside it, or in the form of an organisation (XON).
fn organisation(one: Repetition<'_>) -> Option<OdsCode> {
    let in_location = one.component(1).and_then(|code| match one.subcomponent(1, 3) {
        Some(authority) => ods::by_authority(&code, &authority),
        None => ods::by_shape(&code),
    });
    in_location.or_else(|| ods::in_organisation(one))
}

#[cfg(test)]
#[path = "discharges_tests.rs"]
mod tests;
