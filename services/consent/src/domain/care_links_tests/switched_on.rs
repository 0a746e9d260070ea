//! Evidence opens nothing before its source and its reader are switched on.

use super::*;

#[test]
fn a_suspended_source_or_a_missing_agreement_grants_nothing() {
    let links = [stored("community", link(CareLinkKind::Caseload, None, None))];
    let now = "2026-11-23T12:00:00Z";
    let mut suspended = registry();
    suspended.systems[0].suspended = true;
    assert!(kinds(&links, &suspended, "Z9C01", now).is_empty());
    let mut unsigned = registry();
    unsigned.organisations[0].agreement_signed = false;
    assert!(kinds(&links, &unsigned, "Z9C01", now).is_empty());
    let referred = [stored("hospital", link(CareLinkKind::Referral, None, None))];
    let mut sender_unsigned = registry();
    sender_unsigned.organisations[2].agreement_signed = false;
    assert!(kinds(&referred, &sender_unsigned, "Z9C01", now).is_empty());
}

/// a source that shows a reader nothing opens no other source's record to them.
#[test]
fn evidence_that_is_not_yet_switched_on_for_the_reader_opens_nothing() {
    let now = "2026-11-23T12:00:00Z";
    let links = [
        stored("community", link(CareLinkKind::Caseload, None, None)),
        stored("hospital", link(CareLinkKind::Referral, None, None)),
    ];
    let (caseload, referred) = (RelationshipKind::OnCaseload, RelationshipKind::ReferredHere);
    let mut staged = registry();
    switch_off(&mut staged.systems[2], Dataset::Referrals, Some("Z9C02"));
    assert_eq!(kinds(&links, &staged, "Z9C01", now), [caseload, referred], "it is off for another organisation");
    switch_off(&mut staged.systems[2], Dataset::Referrals, None);
    for dataset in [Dataset::Demographics, Dataset::Referrals, Dataset::Appointments] {
        switch_off(&mut staged.systems[0], dataset, None);
    }
    assert_eq!(kinds(&links, &staged, "Z9C01", now), [caseload], "the encounters of their own system are still on");
    switch_off(&mut staged.systems[0], Dataset::Encounters, None);
    assert!(kinds(&links, &staged, "Z9C01", now).is_empty(), "their own system shows them nothing");
    staged.systems[0].setup.stages.testers.insert(UserId::new("user-1"));
    let tester = StageRule { dataset: Dataset::Demographics, unit: None, receiver: None, stage: Stage::SafetyTesters };
    staged.systems[0].setup.stages.set(tester);
    assert_eq!(kinds(&links, &staged, "Z9C01", now), [caseload], "a safety tester tries it");
}

/// each kind of evidence needs the dataset that it is part of, and no other one.
#[test]
fn evidence_counts_if_and_only_if_its_own_dataset_is_open_to_the_reader() {
    // The trust's system is another organisation's to its neighbourhood team.
    for (source, reader, kind, own) in [
        ("hospital", "Z9C01", CareLinkKind::Referral, Dataset::Referrals),
        ("hospital", "Z9C01", CareLinkKind::Appointment, Dataset::Appointments),
        ("hospital", "Z9C01", CareLinkKind::DischargedTo, Dataset::Encounters),
        ("community", "Z9T01", CareLinkKind::Caseload, Dataset::Demographics),
        ("community", "Z9T01", CareLinkKind::Resident, Dataset::Demographics),
        ("community", "Z9T01", CareLinkKind::SafeguardingEnquiry, Dataset::Demographics),
    ] {
        let organisation = OdsCode::new(reader);
        let links = [stored(source, CareLink { organisation, ..link(kind.clone(), Some(ARRIVED), None) })];
        for closed in GIVEN {
            let mut registry = with_team();
            registry.systems[2].kind = "hospital".into();
            registry.systems.iter_mut().for_each(|system| switch_off(system, closed, None));
            let found = kinds(&links, &registry, reader, "2026-11-23T12:00:00Z");
            assert_eq!(found.is_empty(), closed == own, "{kind} without {closed}");
        }
    }
}

/// The registry with a neighbourhood team of the community trust.
fn with_team() -> Registry {
    let mut registry = registry();
    registry.organisations.push(organisation("Z9T01", "neighbourhood-team", Some("Z9C01")));
    registry
}

/// what the reader's own system, or that of their trust or its parts, says of its patients is part of no one dataset.
#[test]
fn evidence_of_the_readers_own_system_counts_while_it_shows_them_anything() {
    let now = "2026-11-23T12:00:00Z";
    for (source, reader) in [("community", "Z9C01"), ("community", "Z9C02"), ("team", "Z9C01")] {
        for kind in [CareLinkKind::Caseload, CareLinkKind::Resident, CareLinkKind::SafeguardingEnquiry] {
            let links = [stored(source, link(kind.clone(), Some(ARRIVED), None))];
            let mut registry = registry();
            for dataset in GIVEN {
                assert_eq!(kinds(&links, &registry, reader, now), [kind.relationship()], "{source} before {dataset}");
                registry.systems.iter_mut().for_each(|system| switch_off(system, dataset, None));
            }
            assert!(kinds(&links, &registry, reader, now).is_empty(), "{source} shows {reader} nothing");
            registry.systems.iter_mut().for_each(|system| {
                system.datasets = [(Dataset::Medications, DatasetSwitch::On)].into();
            });
            let found = kinds(&links, &registry, reader, now);
            assert_eq!(found, [kind.relationship()], "{source} gives no demographics at all");
        }
    }
}

/// S-68: a source that names the reader's organisation itself hands the person over to it, whatever the organisation receives. A care
/// home receives no encounters, and is told who is discharged to it.
#[test]
fn no_schedule_limits_what_names_the_readers_organisation_or_what_its_own_system_says() {
    let links = [
        stored("community", link(CareLinkKind::Caseload, None, None)),
        stored("hospital", link(CareLinkKind::Referral, None, None)),
        stored("hospital", link(CareLinkKind::Appointment, Some(ARRIVED), None)),
        stored("hospital", link(CareLinkKind::DischargedTo, Some(ARRIVED), None)),
    ];
    for receives in [None, Some(vec![Dataset::Referrals]), Some(vec![Dataset::Medications]), Some(vec![])] {
        let mut registry = registry();
        registry.systems[2].kind = "hospital".into();
        registry.organisations[0].receives = receives.clone().map(|all| all.into_iter().collect());
        let found = kinds(&links, &registry, "Z9C01", "2026-11-23T12:00:00Z");
        assert_eq!(found.len(), links.len(), "{receives:?}: {found:?}");
    }
    let mut unsigned = registry();
    unsigned.organisations[2].agreement_signed = false;
    let found = kinds(&links, &unsigned, "Z9C01", "2026-11-23T12:00:00Z");
    assert_eq!(found, [RelationshipKind::OnCaseload], "the agreement still counts");
}

/// S-68: which people another organisation's system has is data that the reader's organisation receives or does not.
#[test]
fn what_another_organisation_says_of_its_own_people_needs_the_readers_schedule() {
    let organisation = OdsCode::new("Z9T01");
    let links = [stored("community", CareLink { organisation, ..link(CareLinkKind::Caseload, None, None) })];
    for (receives, counts) in [
        (None, true),
        (Some(vec![Dataset::Demographics]), true),
        (Some(vec![Dataset::Medications]), false),
        (Some(vec![]), false),
    ] {
        let mut registry = with_team();
        registry.organisations[3].receives = receives.clone().map(|all| all.into_iter().collect());
        let found = kinds(&links, &registry, "Z9T01", "2026-11-23T12:00:00Z");
        assert_eq!(!found.is_empty(), counts, "{receives:?}");
    }
}
