//! Care links: from when to when a source's evidence that an organisation cares for a person counts, and for whose staff.
//! Pure: the time is passed in. It must not decide what a link opens: policies do.

mod order;
mod period;

use jiff::Timestamp;
use lcr_contracts::{
    events::CareLink,
    registry::{DatasetSwitch, Organisation, Registry, System},
    vocabulary::{OrganisationKind, SystemKind},
};
use lcr_model::{Actor, CareLinkKind, Dataset, OdsCode, Relationship, SourceId};

pub use order::{EARLIER_APPOINTMENTS, EvidenceScope, ListOrder, OTHER_KINDS, evidence_for};
use period::CONTINUING;
pub use period::{period, rule_version};

use super::reader::Reader;

/// The kinds in the order in which a reader's relationship is chosen: care that goes on before care that is planned.
const STRONGEST_FIRST: [CareLinkKind; 9] = [
    CareLinkKind::Caseload,
    CareLinkKind::Resident,
    CareLinkKind::UrgentCase,
    CareLinkKind::SafeguardingEnquiry,
    CareLinkKind::MeetingList,
    CareLinkKind::NominatedPharmacy,
    CareLinkKind::Appointment,
    CareLinkKind::Referral,
    CareLinkKind::DischargedTo,
];

/// A care link as consent stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLink {
    pub source: SourceId,
    /// The time of the event that brought this version. The link's start, if the source gives none.
    pub arrived: Timestamp,
    pub link: CareLink,
}

/// The links that count at `now`, with their organisations. For a reader, only those of data that is switched on for them.
pub fn in_force<'a>(
    links: &'a [StoredLink],
    registry: &'a Registry,
    reader: Option<&'a Actor>,
    now: Timestamp,
) -> impl Iterator<Item = (&'a StoredLink, &'a Organisation)> {
    let reader = reader.map(|actor| Reader::new(actor, registry));
    links.iter().filter_map(move |stored| {
        let organisation = registry.organisation(&stored.link.organisation)?;
        let system = registry.system(&stored.source)?;
        let counts = period(&stored.link, stored.arrived).is_some_and(|period| period.contains(now));
        // A new address stops a system until its check has passed. Its own staff must not lose their patients meanwhile.
        let waits = system.is_interrupted(now) && reader.is_some_and(|reader| reader.owns(system));
        let goes_on = !system.is_stopped() || (waits && !is_handed_over(&stored.link.kind));
        let stated = counts && goes_on && may_state(registry, system, &stored.link.kind, organisation);
        (stated && is_given(system, &stored.link.kind, reader)).then_some((stored, organisation))
    })
}

/// Whether the source hands the person over to an organisation, and does not only say whom it has.
fn is_handed_over(kind: &CareLinkKind) -> bool {
    matches!(kind, CareLinkKind::Referral | CareLinkKind::Appointment | CareLinkKind::DischargedTo)
}

/// Whether evidence of this kind from the system counts for the organisation.
fn may_state(registry: &Registry, system: &System, kind: &CareLinkKind, organisation: &Organisation) -> bool {
    let signed = organisation.takes_part() && registry.owner_has_signed(system);
    let confined = (system.is_discreet() || takes_any_message(system)) && system.organisation != organisation.ods;
    if !signed || confined {
        return false;
    }
    match kind {
        CareLinkKind::Referral | CareLinkKind::Appointment => true,
        CareLinkKind::DischargedTo => system.kind == SystemKind::Hospital,
        CareLinkKind::NominatedPharmacy => {
            let knows = matches!(system.kind, SystemKind::Gp | SystemKind::Pharmacy | SystemKind::Authority);
            knows && organisation.kind == OrganisationKind::Pharmacy
        }
        _ => registry.organisation(&system.organisation).is_some_and(|owner| are_related(owner, organisation)),
    }
}

/// Whether the system takes messages of any sender, or training messages: what it states is not proved.
fn takes_any_message(system: &System) -> bool {
    system.feed.as_ref().is_some_and(|feed| feed.senders.is_empty() || feed.training)
}

/// Whether what the evidence is made of is open to the reader. Otherwise a source that shows a reader nothing could still open
/// other sources' records to them. Without a reader, the system need only have agreed to give something.
fn is_given(system: &System, kind: &CareLinkKind, reader: Option<Reader<'_>>) -> bool {
    let Some(reader) = reader else { return system.datasets.values().any(|switch| *switch == DatasetSwitch::On) };
    match kind {
        // Here the source itself hands the person over to the reader's organisation, so no schedule is asked. A care home by its role
        // sees no encounters, and receives none, but must know of whom a hospital discharges to it.
        CareLinkKind::Referral => reader.is_switched_on(system, Dataset::Referrals),
        CareLinkKind::Appointment => reader.is_switched_on(system, Dataset::Appointments),
        CareLinkKind::DischargedTo => reader.is_switched_on(system, Dataset::Encounters),
        // A caseload, a list or a nomination has no dataset of its own. Of the reader's own system any open dataset is enough.
        _ if reader.owns(system) => system.datasets.keys().any(|dataset| reader.is_switched_on(system, *dataset)),
        // It says which people another organisation's source has, so it is part of demographics.
        _ => reader.is_given(system, Dataset::Demographics),
    }
}

/// Whether they are one organisation, or one is part of the other.
fn are_related(one: &Organisation, other: &Organisation) -> bool {
    one.ods == other.ods || one.is_part_of(other) || other.is_part_of(one)
}

/// Whether a link of the organisation counts for the reader's organisation: it is the same, or its parent or part, and of
/// the same kind. A practice is part of its neighbourhood team, which does not care for all of the practice's patients.
pub fn serves_reader(organisation: &Organisation, reader: &Organisation) -> bool {
    let alike = organisation.kind == reader.kind && are_related(organisation, reader);
    // A message may name the site instead of the trust.
    let is_site = organisation.kind == OrganisationKind::HospitalSite && reader.kind == OrganisationKind::Acute;
    organisation.ods == reader.ods || alike || is_site && organisation.is_part_of(reader)
}

/// The organisations whose own systems say that they care for the person now, and for more than one visit.
pub fn concerned<'a>(
    links: &'a [StoredLink],
    registry: &'a Registry,
    now: Timestamp,
) -> impl Iterator<Item = &'a OdsCode> {
    let is_own = move |stored: &StoredLink, organisation: &Organisation| {
        let system = registry.system(&stored.source);
        CONTINUING.contains(&stored.link.kind) && system.is_some_and(|system| system.organisation == organisation.ods)
    };
    // An officer answers for the care whether or not the data of it is switched on.
    let all = in_force(links, registry, None, now).filter(move |(stored, organisation)| is_own(stored, organisation));
    all.map(|(_, organisation)| &organisation.ods)
}

/// The relationships of the reader, who works for `reader`, that follow from links in force, one for each kind, the strongest
/// first.
pub fn relationships(
    links: &[StoredLink],
    registry: &Registry,
    actor: &Actor,
    reader: &Organisation,
    now: Timestamp,
) -> Vec<Relationship> {
    let of_reader: Vec<(&StoredLink, &Organisation)> = in_force(links, registry, Some(actor), now)
        .filter(|(_, organisation)| serves_reader(organisation, reader))
        .collect();
    let of_kind = |kind: &CareLinkKind| {
        let organisations = of_reader.iter().filter(|(stored, _)| stored.link.kind == *kind).map(|(_, one)| one);
        // The reader's own organisation before a parent or part of it.
        let organisation = organisations.min_by_key(|one| (one.ods != reader.ods, &one.name))?;
        Some(Relationship::CareLink { kind: kind.clone(), organisation: organisation.name.clone() })
    };
    STRONGEST_FIRST.iter().filter_map(of_kind).collect()
}

#[cfg(test)]
#[path = "care_links_tests.rs"]
mod tests;
