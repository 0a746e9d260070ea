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
    for dataset in [Dataset::Referrals, Dataset::Appointments] {
        switch_off(&mut staged.systems[0], dataset, None);
    }
    assert_eq!(kinds(&links, &staged, "Z9C01", now), [caseload], "a caseload is part of neither");
    switch_off(&mut staged.systems[0], Dataset::Demographics, None);
    assert!(kinds(&links, &staged, "Z9C01", now).is_empty(), "its encounters are still on");
    staged.systems[0].setup.stages.testers.insert(UserId::new("user-1"));
    let tester = StageRule { dataset: Dataset::Demographics, unit: None, receiver: None, stage: Stage::SafetyTesters };
    staged.systems[0].setup.stages.set(tester);
    assert_eq!(kinds(&links, &staged, "Z9C01", now), [caseload], "a safety tester tries it");
}

/// each kind of evidence needs the dataset that it is part of, and no other one.
#[test]
fn evidence_counts_if_and_only_if_its_own_dataset_is_open_to_the_reader() {
    for (source, kind, own) in [
        ("hospital", CareLinkKind::Referral, Dataset::Referrals),
        ("hospital", CareLinkKind::Appointment, Dataset::Appointments),
        ("hospital", CareLinkKind::DischargedTo, Dataset::Encounters),
        ("community", CareLinkKind::Caseload, Dataset::Demographics),
        ("community", CareLinkKind::Resident, Dataset::Demographics),
        ("community", CareLinkKind::SafeguardingEnquiry, Dataset::Demographics),
    ] {
        let links = [stored(source, link(kind.clone(), Some(ARRIVED), None))];
        for closed in GIVEN {
            let mut registry = registry();
            registry.systems[2].kind = "hospital".into();
            registry.systems.iter_mut().for_each(|system| switch_off(system, closed, None));
            let found = kinds(&links, &registry, "Z9C01", "2026-11-23T12:00:00Z");
            assert_eq!(found.is_empty(), closed == own, "{kind} without {closed}");
        }
    }
}

/// S-68: a referral from elsewhere is data that the organisation receives. The caseload of its own system is not.
#[test]
fn evidence_from_elsewhere_needs_the_readers_agreement_and_their_own_does_not() {
    let links = [
        stored("community", link(CareLinkKind::Caseload, None, None)),
        stored("hospital", link(CareLinkKind::Referral, None, None)),
    ];
    let (caseload, referred) = (RelationshipKind::OnCaseload, RelationshipKind::ReferredHere);
    for (receives, expected) in [
        (None, vec![caseload, referred]),
        (Some(vec![Dataset::Referrals]), vec![caseload, referred]),
        (Some(vec![Dataset::Medications]), vec![caseload]),
        (Some(vec![]), vec![caseload]),
    ] {
        let mut registry = registry();
        registry.organisations[0].receives = receives.clone().map(|all| all.into_iter().collect());
        assert_eq!(kinds(&links, &registry, "Z9C01", "2026-11-23T12:00:00Z"), expected, "{receives:?}");
    }
}
