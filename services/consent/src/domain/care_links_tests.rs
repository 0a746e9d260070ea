//! A care link counts from its start to its end, for the organisation that it names, and only while its source may say so.

use jiff::ToSpan;
use lcr_contracts::registry::{PartnerState, Stage, StageRule, SystemSetup};
use lcr_model::{ActorKind, Purpose, RelationshipKind, Role, SessionId, UserId};
use proptest::prelude::*;

use super::{period::APPOINTMENT_WINDOW, *};
use registry::{at, kinds, link, organisation, registry, staff_of, stored, switch_off};

#[path = "care_links_tests/registry.rs"]
mod registry;
#[path = "care_links_statement_tests.rs"]
mod statements;
#[path = "care_links_tests/switched_on.rs"]
mod switched_on;

/// What every system gives.
const GIVEN: [Dataset; 4] = [Dataset::Demographics, Dataset::Encounters, Dataset::Referrals, Dataset::Appointments];
const ARRIVED: &str = "2026-11-22T12:00:00Z";

#[test]
fn each_kind_counts_from_its_start_to_its_end() {
    let (start, end) = (Some("2026-11-01T09:00:00Z"), Some("2026-11-20T09:00:00Z"));
    for (link, from, until) in [
        (link(CareLinkKind::Referral, start, None), start, Some("2027-03-07T09:00:00Z")),
        (link(CareLinkKind::Referral, start, end), start, end),
        (link(CareLinkKind::Referral, None, None), Some(ARRIVED), Some("2027-03-28T12:00:00Z")),
        (link(CareLinkKind::Appointment, start, None), Some("2026-10-04T09:00:00Z"), Some("2026-11-29T09:00:00Z")),
        (
            link(CareLinkKind::Appointment, start, Some("2026-11-01T09:30:00Z")),
            Some("2026-10-04T09:00:00Z"),
            Some("2026-11-29T09:00:00Z"),
        ),
        (link(CareLinkKind::Appointment, start, start), Some("2026-10-04T09:00:00Z"), start),
        (link(CareLinkKind::Caseload, start, None), start, None),
        (link(CareLinkKind::Caseload, None, None), Some(ARRIVED), None),
        (link(CareLinkKind::Resident, start, end), start, end),
        (link(CareLinkKind::SafeguardingEnquiry, start, None), start, None),
        (link(CareLinkKind::NominatedPharmacy, start, None), start, Some("2027-11-22T12:00:00Z")),
        (link(CareLinkKind::NominatedPharmacy, start, end), start, end),
        (link(CareLinkKind::UrgentCase, start, None), start, Some("2026-11-04T09:00:00Z")),
        (link(CareLinkKind::UrgentCase, start, Some("2026-11-01T10:00:00Z")), start, Some("2026-11-01T10:00:00Z")),
        (link(CareLinkKind::MeetingList, start, None), start, Some("2026-11-29T09:00:00Z")),
        (link(CareLinkKind::DischargedTo, start, None), start, Some("2026-11-29T00:00:00Z")),
        (link(CareLinkKind::DischargedTo, start, end), start, end),
        (link(CareLinkKind::DischargedTo, start, Some("2026-12-24T09:00:00Z")), start, Some("2026-11-29T00:00:00Z")),
        // No end of the source's is later than the limit of the kind.
        (link(CareLinkKind::Referral, start, Some("2036-11-01T09:00:00Z")), start, Some("2027-03-07T09:00:00Z")),
        (link(CareLinkKind::UrgentCase, start, end), start, Some("2026-11-04T09:00:00Z")),
        (link(CareLinkKind::MeetingList, start, Some("2026-12-24T09:00:00Z")), start, Some("2026-11-29T09:00:00Z")),
    ] {
        let period = period(&link, at(ARRIVED)).unwrap();
        assert_eq!((Some(period.from), period.until), (from.map(at), until.map(at)), "{link:?}");
        assert!(period.until.is_none_or(|until| !period.contains(until)), "the end is exclusive");
    }
}

#[test]
fn a_link_that_was_cancelled_ends_before_it_starts_or_is_of_an_unknown_kind_never_counts() {
    let start = Some("2026-11-01T09:00:00Z");
    for kind in CareLinkKind::KNOWN {
        let cancelled = CareLink { stands: false, ..link(kind.clone(), start, None) };
        let backwards = link(kind, start, Some("2026-10-31T09:00:00Z"));
        assert_eq!((period(&cancelled, at(ARRIVED)), period(&backwards, at(ARRIVED))), (None, None));
    }
    assert_eq!(period(&link("of-a-later-version".into(), start, None), at(ARRIVED)), None);
}

#[test]
fn a_caseload_counts_only_if_the_source_belongs_to_the_organisation() {
    let now = "2026-11-23T12:00:00Z";
    for (source, reader, found) in [
        ("community", "Z9C01", true),
        ("team", "Z9C01", true),
        ("hospital", "Z9C01", false),
        ("unknown", "Z9C01", false),
        ("community", "Z9C02", true),
        ("community", "Z9H01", false),
    ] {
        let links = [stored(source, link(CareLinkKind::Caseload, None, None))];
        let expected: &[RelationshipKind] = if found { &[RelationshipKind::OnCaseload] } else { &[] };
        assert_eq!(kinds(&links, &registry(), reader, now), expected, "{source} for {reader}");
    }
    let referred = [stored("hospital", link(CareLinkKind::Referral, None, None))];
    assert_eq!(kinds(&referred, &registry(), "Z9C01", now), [RelationshipKind::ReferredHere]);
}

#[test]
fn a_part_of_another_kind_gets_nothing_from_its_parents_links() {
    let links = [stored("community", link(CareLinkKind::Caseload, None, None))];
    let mut registry = registry();
    registry.organisations[1].kind = "care-home".into();
    assert!(kinds(&links, &registry, "Z9C02", "2026-11-23T12:00:00Z").is_empty());
}

#[test]
fn links_of_one_kind_make_one_relationship_and_the_strongest_comes_first() {
    let links = [CareLinkKind::Referral, CareLinkKind::Appointment, CareLinkKind::Caseload, CareLinkKind::Caseload]
        .map(|kind| stored("community", link(kind, None, None)));
    let expected = [RelationshipKind::OnCaseload, RelationshipKind::AppointmentHere, RelationshipKind::ReferredHere];
    assert_eq!(kinds(&links, &registry(), "Z9C01", "2026-11-23T12:00:00Z"), expected);
}

fn any_link() -> impl Strategy<Value = StoredLink> {
    let hours = || -2000..2000i64;
    let kind = prop::sample::select(CareLinkKind::KNOWN.to_vec());
    let source = prop::sample::select(vec!["community", "team", "hospital", "unknown"]);
    let ods = prop::sample::select(vec!["Z9C01", "Z9C02", "Z9H01", "Z9X99"]);
    (kind, source, ods, prop::option::of(hours()), prop::option::of(hours()), any::<bool>()).prop_map(
        |(kind, source, ods, from, until, stands)| {
            let time = |hours: i64| at(ARRIVED) + hours.hours();
            let organisation = OdsCode::new(ods);
            let (from, until) = (from.map(time), until.map(time));
            stored(source, CareLink { kind, organisation, team: None, from, until, stands })
        },
    )
}

proptest! {
    #[test]
    fn nothing_is_granted_after_the_end_or_before_the_window_of_every_link(
        links in prop::collection::vec(any_link(), 0..6),
        hours in -3000..4000i64,
        reader in prop::sample::select(vec!["Z9C01", "Z9C02", "Z9H01"]),
    ) {
        let (registry, now) = (registry(), at(ARRIVED) + hours.hours());
        let (actor, reader) = (staff_of(reader), registry.organisation(&OdsCode::new(reader)).unwrap());
        for relationship in relationships(&links, &registry, &actor, reader, now) {
            let evidence = links.iter().find(|stored| {
                let start = stored.link.from.unwrap_or(stored.arrived);
                let is_visit = stored.link.kind == CareLinkKind::Appointment;
                let begun = if is_visit { start - APPOINTMENT_WINDOW <= now } else { start <= now };
                let ended = !is_visit && stored.link.until.is_some_and(|until| until <= now);
                let named = stored.link.kind.relationship() == relationship.kind();
                named && stored.link.stands && begun && !ended
            });
            prop_assert!(evidence.is_some(), "{relationship}");
        }
    }

    #[test]
    fn less_evidence_never_grants_more(
        links in prop::collection::vec(any_link(), 1..6),
        hours in -3000..4000i64,
        gone in any::<prop::sample::Index>(),
    ) {
        let (registry, now) = (registry(), at(ARRIVED) + hours.hours());
        let (actor, reader) = (staff_of("Z9C01"), registry.organisation(&OdsCode::new("Z9C01")).unwrap());
        let all = relationships(&links, &registry, &actor, reader, now);
        let all: Vec<RelationshipKind> = all.iter().map(Relationship::kind).collect();
        let gone = gone.index(links.len());
        let mut fewer = links.clone();
        fewer.remove(gone);
        let mut cancelled = links;
        cancelled[gone].link.stands = false;
        for rest in [fewer, cancelled] {
            for relationship in relationships(&rest, &registry, &actor, reader, now) {
                prop_assert!(all.contains(&relationship.kind()), "{relationship}");
            }
        }
    }

    #[test]
    fn queries_look_where_the_rule_finds_evidence(
        stored in any_link(),
        hours in -3000..4000i64,
        reader in prop::sample::select(vec!["Z9C01", "Z9C02", "Z9H01"]),
        closed in prop::sample::subsequence(GIVEN.to_vec(), 0..=GIVEN.len()),
    ) {
        let (mut registry, now) = (registry(), at(ARRIVED) + hours.hours());
        for dataset in closed {
            registry.systems.iter_mut().for_each(|system| switch_off(system, dataset, None));
        }
        let (actor, reader) = (staff_of(reader), registry.organisation(&OdsCode::new(reader)).unwrap());
        let scopes = evidence_for(&actor, reader, &registry, &CareLinkKind::KNOWN);
        let in_scope = scopes.iter().any(|scope| {
            let sources = &scope.sources;
            let link = &stored.link;
            scope.organisation == link.organisation && scope.kind == link.kind && sources.contains(&stored.source)
        });
        let in_time = period(&stored.link, stored.arrived).is_some_and(|period| period.contains(now));
        let granted = !relationships(std::slice::from_ref(&stored), &registry, &actor, reader, now).is_empty();
        prop_assert_eq!(granted, in_scope && in_time);
    }
}
