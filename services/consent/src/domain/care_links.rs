//! Care links: from when to when a source's evidence that an organisation cares for a person counts, and for whose staff.
//! Pure: the time is passed in. It must not decide what a link opens: policies do.

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{
    events::CareLink,
    registry::{DatasetSwitch, Organisation, Registry, System},
    vocabulary::{OrganisationKind, SystemKind},
};
use lcr_model::{
    Actor, CareLinkKind, Dataset, OdsCode, Relationship, SourceId,
    discharge_window::{WINDOW_DAYS, window_end},
};

/// The NHS Constitution's 18 weeks from referral to treatment.
const REFERRAL_LIMIT: SignedDuration = SignedDuration::from_hours(18 * 7 * 24);
/// An appointment counts this long before it, for the preparation, and after it, for results and letters.
const APPOINTMENT_WINDOW: SignedDuration = SignedDuration::from_hours(28 * 24);
/// Urgent services hand a case over within days, and often send no end of it.
const URGENT_CASE_LIMIT: SignedDuration = SignedDuration::from_hours(72);
/// Teams meet at least once a month, and send the next list then.
const MEETING_LIST_LIMIT: SignedDuration = SignedDuration::from_hours(28 * 24);
/// A nomination that nothing has confirmed for a year may be forgotten.
const NOMINATION_LIMIT: SignedDuration = SignedDuration::from_hours(365 * 24);

/// The care that goes on until it ends, for which an organisation's officers answer.
const CONTINUING: [CareLinkKind; 4] =
    [CareLinkKind::Caseload, CareLinkKind::Resident, CareLinkKind::UrgentCase, CareLinkKind::SafeguardingEnquiry];

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

/// When a link counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: Timestamp,
    /// Exclusive. `None` while it is open.
    pub until: Option<Timestamp>,
}

impl Period {
    pub fn contains(self, now: Timestamp) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

/// The version of the rule in [`period`]: it differs when a limit does. Raise the first number if the rule changes otherwise. The
/// store keeps when each link counts, and computes it again when the version differs.
pub fn rule_version() -> String {
    let limits = [REFERRAL_LIMIT, APPOINTMENT_WINDOW, URGENT_CASE_LIMIT, MEETING_LIST_LIMIT, NOMINATION_LIMIT];
    let hours = limits.map(|limit| limit.as_hours().to_string());
    format!("1/{}/{WINDOW_DAYS}", hours.join("/"))
}

/// When the link counts. `None`: never, because it was cancelled, ends before it starts, or is of an unknown kind.
pub fn period(link: &CareLink, arrived: Timestamp) -> Option<Period> {
    let start = link.from.unwrap_or(arrived);
    if !link.stands || link.until.is_some_and(|until| until < start) {
        return None;
    }
    // An end that the source gives shortens a link, and never lengthens it.
    let at_most = |end| Some(link.until.map_or(end, |until| until.min(end)));
    let (from, until) = match link.kind {
        CareLinkKind::Appointment => {
            // A source ends an appointment that was not attended at its start. A later end is only the end of the visit.
            let unattended = link.until.filter(|until| *until == start);
            let window_end = unattended.unwrap_or_else(|| after(start, APPOINTMENT_WINDOW));
            (after(start, -APPOINTMENT_WINDOW), Some(window_end))
        }
        CareLinkKind::Referral => (start, at_most(after(start, REFERRAL_LIMIT))),
        CareLinkKind::UrgentCase => (start, at_most(after(start, URGENT_CASE_LIMIT))),
        CareLinkKind::MeetingList => (start, at_most(after(start, MEETING_LIST_LIMIT))),
        CareLinkKind::NominatedPharmacy => (start, at_most(after(arrived, NOMINATION_LIMIT))),
        // The receiving team has as long as the hospital.
        CareLinkKind::DischargedTo => (start, at_most(window_end(start))),
        CareLinkKind::Caseload | CareLinkKind::Resident | CareLinkKind::SafeguardingEnquiry => (start, link.until),
        CareLinkKind::Other(_) => return None,
    };
    Some(Period { from, until })
}

fn after(start: Timestamp, duration: SignedDuration) -> Timestamp {
    start.saturating_add(duration).unwrap_or(start)
}

/// The links that count at `now`, with their organisations. For a reader, only those of data that is switched on for them.
pub fn in_force<'a>(
    links: &'a [StoredLink],
    registry: &'a Registry,
    reader: Option<&'a Actor>,
    now: Timestamp,
) -> impl Iterator<Item = (&'a StoredLink, &'a Organisation)> {
    links.iter().filter_map(move |stored| {
        let organisation = registry.organisation(&stored.link.organisation)?;
        let system = registry.system(&stored.source)?;
        let counts = period(&stored.link, stored.arrived).is_some_and(|period| period.contains(now));
        let stated = counts && may_state(registry, system, &stored.link.kind, organisation);
        (stated && is_given(system, &stored.link.kind, reader)).then_some((stored, organisation))
    })
}

/// Whether evidence of this kind from the system counts for the organisation.
fn may_state(registry: &Registry, system: &System, kind: &CareLinkKind, organisation: &Organisation) -> bool {
    let signed = organisation.takes_part() && registry.owner_has_signed(system);
    let confined = (system.is_discreet() || takes_any_message(system)) && system.organisation != organisation.ods;
    if system.is_stopped() || !signed || confined {
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

/// Whether the system agreed to give what the evidence is made of, and it is switched on for the reader. Otherwise a source
/// that shows a reader nothing could still open other sources' records to them.
fn is_given(system: &System, kind: &CareLinkKind, reader: Option<&Actor>) -> bool {
    let is_on = |dataset: Dataset| {
        let is_agreed = system.datasets.get(&dataset) == Some(&DatasetSwitch::On);
        is_agreed && reader.is_none_or(|reader| system.is_open_to(dataset, reader))
    };
    match kind {
        CareLinkKind::Referral => is_on(Dataset::Referrals),
        CareLinkKind::Appointment => is_on(Dataset::Appointments),
        _ => system.datasets.keys().any(|dataset| is_on(*dataset)),
    }
}

/// Whether they are one organisation, or one is part of the other.
fn are_related(one: &Organisation, other: &Organisation) -> bool {
    one.ods == other.ods || is_part_of(one, other) || is_part_of(other, one)
}

fn is_part_of(part: &Organisation, whole: &Organisation) -> bool {
    part.part_of.as_ref() == Some(&whole.ods)
}

/// Whether a link of the organisation counts for the reader's organisation: it is the same, or its parent or part, and of
/// the same kind. A practice is part of its neighbourhood team, which does not care for all of the practice's patients.
pub fn serves_reader(organisation: &Organisation, reader: &Organisation) -> bool {
    let alike = organisation.kind == reader.kind && are_related(organisation, reader);
    // A message may name the site instead of the trust.
    let is_site = organisation.kind == OrganisationKind::HospitalSite && reader.kind == OrganisationKind::Acute;
    organisation.ods == reader.ods || alike || is_site && is_part_of(organisation, reader)
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

/// In the order of a list, the number from which earlier appointments count down. Times in microseconds are far smaller.
pub const EARLIER_APPOINTMENTS: i64 = 1_000_000_000_000_000_000;
/// The same for links of other kinds.
pub const OTHER_KINDS: i64 = 3 * EARLIER_APPOINTMENTS;

/// How a list orders links: appointments of today and later by time, then earlier ones, then the other kinds, the newest
/// first. A query computes the same numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListOrder {
    /// From when on an appointment at the start of today counts, in microseconds.
    pub first: i64,
}

impl ListOrder {
    /// The order on the day that begins at `today`.
    pub fn on(today: Timestamp) -> Self {
        Self { first: after(today, -APPOINTMENT_WINDOW).as_microsecond() }
    }

    /// The place of a link that counts from this time.
    pub fn place(self, kind: &CareLinkKind, counts_from: Timestamp) -> i64 {
        let from = counts_from.as_microsecond();
        match kind {
            CareLinkKind::Appointment if from >= self.first => from,
            CareLinkKind::Appointment => EARLIER_APPOINTMENTS - from,
            _ => OTHER_KINDS - from,
        }
    }
}

/// The sources whose links of one kind to one organisation count for the reader's organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceScope {
    pub organisation: OdsCode,
    pub kind: CareLinkKind,
    pub sources: Vec<SourceId>,
}

/// Everything that may be evidence for the reader, who works for `reader`, of these kinds. For queries: it repeats what
/// `in_force` and `serves_reader` say of a link.
pub fn evidence_for(
    actor: &Actor,
    reader: &Organisation,
    registry: &Registry,
    kinds: &[CareLinkKind],
) -> Vec<EvidenceScope> {
    let mut all = Vec::new();
    for organisation in registry.organisations.iter().filter(|one| serves_reader(one, reader)) {
        for kind in kinds {
            let systems = registry.systems.iter();
            let systems = systems.filter(|one| may_state(registry, one, kind, organisation));
            let systems = systems.filter(|one| is_given(one, kind, Some(actor)));
            let sources: Vec<SourceId> = systems.map(|system| system.id.clone()).collect();
            if !sources.is_empty() {
                all.push(EvidenceScope { organisation: organisation.ods.clone(), kind: kind.clone(), sources });
            }
        }
    }
    all
}

#[cfg(test)]
#[path = "care_links_tests.rs"]
mod tests;
