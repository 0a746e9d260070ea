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
mod tests {
    use super::*;
    use crate::domain::testing::{PID, mapped, mapped_by, source, text};

    fn pv1(number: &str, destination: &str) -> String {
        let mut fields = vec![""; 46];
        for (at, value) in
            [(0, "PV1"), (1, "1"), (2, "I"), (3, "J27"), (19, number), (37, destination), (45, "20261119150000")]
        {
            fields[at] = value;
        }
        fields.join("|")
    }

    fn is_evidence(one: &MappedEvent) -> bool {
        matches!(one, MappedEvent::CareLink(_) | MappedEvent::CareLinkDeletion(_))
    }

    fn evidence(kind: &str, number: &str, destination: &str) -> Option<MappedEvent> {
        let mapped = mapped(kind, &[PID, &pv1(number, destination)]).unwrap();
        mapped.into_iter().find(is_evidence)
    }

    fn ends(one: Option<MappedEvent>) -> bool {
        matches!(one, Some(MappedEvent::CareLinkDeletion(end)) if end.key == "ADT|V1|to" && end.is_item)
    }

    #[test]
    fn a_discharge_is_evidence_for_the_organisation_whose_ods_code_is_sent() {
        for destination in [
            "Z9C05",
            "Z9C05&Beck Valley Team&ODS^20261119",
            "Beck Valley Team^^Z9C05^^^ODS",
            "Beck Valley Team^^^^^ODS^^^^Z9C05",
            "^^^^^ODS^^^^Z9C05",
            "54~Z9C05",
        ] {
            let Some(MappedEvent::CareLink(update)) = evidence("ADT^A03", "V1", destination) else {
                panic!("no evidence in {destination}")
            };
            assert_eq!((update.key.as_str(), update.identity.local_id.0.as_str()), ("ADT|V1|to", "4711"));
            let link = update.link;
            assert_eq!((&link.kind, link.organisation.as_str()), (&CareLinkKind::DischargedTo, "Z9C05"));
            assert_eq!(link.from.map(|from| from.to_string()).as_deref(), Some("2026-11-19T15:00:00Z"));
            assert_eq!((link.until, link.stands), (None, true));
        }
    }

    #[test]
    fn a_discharge_to_no_organisation_and_a_cancelled_one_end_what_was_said_before() {
        for destination in ["", "19", "54^20261119", "C5001&Ward C&L", "Beck Valley Team^^Z9C05^^^GMC"] {
            assert!(ends(evidence("ADT^A03", "V1", destination)), "{destination}");
        }
        assert!(ends(evidence("ADT^A13", "V1", "Z9C05")));
    }

    #[test]
    fn other_events_other_sources_and_stays_without_a_number_are_no_evidence() {
        for kind in ["ADT^A01", "ADT^A02"] {
            assert!(evidence(kind, "V1", "Z9C05").is_none(), "{kind}");
        }
        assert!(evidence("ADT^A03", "", "Z9C05").is_none(), "nothing could end it");
        let community = System { kind: "community".into(), ..source(&[("PAS", "Z9H01")]) };
        let mapped = mapped_by(&community, &text("ADT^A03", &[PID, &pv1("V1", "Z9C05")])).unwrap();
        assert!(!mapped.iter().any(is_evidence));
    }

    #[test]
    fn an_update_corrects_whereto_a_patient_has_left_and_plans_nothing() {
        let Some(MappedEvent::CareLink(update)) = evidence("ADT^A08", "V1", "Z9C05") else { panic!("no evidence") };
        assert_eq!((update.key.as_str(), update.link.organisation.as_str()), ("ADT|V1|to", "Z9C05"));
        assert!(ends(evidence("ADT^A08", "V1", "19")), "the patient went home after all");
        assert!(ends(evidence("ADT^A08", "V1", "\"\"")), "the destination was deleted");
        assert!(evidence("ADT^A08", "V1", "").is_none(), "a destination that is not sent changes nothing");
        for leaves in ["", "20991231150000"] {
            let planned = pv1("V1", "Z9C05").replace("20261119150000", leaves);
            let mapped = mapped("ADT^A08", &[PID, &planned]).unwrap();
            assert!(!mapped.iter().any(is_evidence), "leaves {leaves}");
        }
    }

    #[test]
    fn a_visit_number_with_an_nhs_number_is_hashed() {
        let Some(MappedEvent::CareLink(update)) = evidence("ADT^A03", "9990000018", "Z9C05") else {
            panic!("no evidence")
        };
        assert!(!update.key.contains("9990000018"));
    }
}
