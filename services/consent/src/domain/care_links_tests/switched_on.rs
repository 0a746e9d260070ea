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
    switch_off(&mut staged.systems[0], Dataset::Demographics, None);
    assert_eq!(kinds(&links, &staged, "Z9C01", now), [caseload], "some of the caseload's source is open");
    for dataset in [Dataset::Referrals, Dataset::Appointments] {
        switch_off(&mut staged.systems[0], dataset, None);
    }
    assert!(kinds(&links, &staged, "Z9C01", now).is_empty());
    staged.systems[0].setup.stages.testers.insert(UserId::new("user-1"));
    let tester = StageRule { dataset: Dataset::Demographics, unit: None, receiver: None, stage: Stage::SafetyTesters };
    staged.systems[0].setup.stages.set(tester);
    assert_eq!(kinds(&links, &staged, "Z9C01", now), [caseload], "a safety tester tries it");
}
