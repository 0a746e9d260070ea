//! Whose evidence counts for whom: a source states what it agreed to give, of organisations that it may speak of.

use lcr_contracts::registry::Feed;

use super::*;

/// A practice, its neighbourhood team, the team's trust, and a hospital with a site, as in the city.
#[test]
fn a_link_serves_the_parent_and_the_parts_of_the_same_kind_and_no_team_of_the_area() {
    let mut registry = registry();
    registry.organisations.extend([
        organisation("Z9T01", "neighbourhood-team", Some("Z9C01")),
        organisation("Y90001", "gp-practice", Some("Z9T01")),
        organisation("Z9H01A", "hospital-site", Some("Z9H01")),
    ]);
    for (of, reader, served) in [
        ("Y90001", "Z9T01", false),
        ("Z9T01", "Y90001", false),
        ("Z9T01", "Z9C01", false),
        ("Z9C01", "Z9T01", false),
        ("Z9T01", "Z9T01", true),
        ("Z9C02", "Z9C01", true),
        ("Z9C01", "Z9C02", true),
        ("Z9H01A", "Z9H01", true),
        ("Z9H01", "Z9H01A", false),
    ] {
        let referral = CareLink { organisation: OdsCode::new(of), ..link(CareLinkKind::Referral, None, None) };
        let found = kinds(&[stored("hospital", referral)], &registry, reader, "2026-11-23T12:00:00Z");
        assert_eq!(!found.is_empty(), served, "a link of {of} for {reader}");
    }
    // The trust's own system says so of its neighbourhood team.
    let caseload = CareLink { organisation: OdsCode::new("Z9T01"), ..link(CareLinkKind::Caseload, None, None) };
    let found = kinds(&[stored("community", caseload)], &registry, "Z9T01", "2026-11-23T12:00:00Z");
    assert_eq!(found, [RelationshipKind::OnCaseload]);
}

#[test]
fn a_pharmacy_is_nominated_at_a_practice_a_pharmacy_or_the_authority() {
    let mut registry = registry();
    registry.organisations.push(organisation("Z9P01", "pharmacy", None));
    let nominated = |of: &str| {
        stored(
            "hospital",
            CareLink { organisation: OdsCode::new(of), ..link(CareLinkKind::NominatedPharmacy, None, None) },
        )
    };
    for (kind, counts) in
        [("gp", true), ("pharmacy", true), ("authority", true), ("hospital", false), ("community", false)]
    {
        registry.systems[2].kind = kind.into();
        let found = kinds(&[nominated("Z9P01")], &registry, "Z9P01", "2026-11-23T12:00:00Z");
        assert_eq!(!found.is_empty(), counts, "{kind}");
    }
    registry.systems[2].kind = "gp".into();
    assert!(kinds(&[nominated("Z9C01")], &registry, "Z9C01", "2026-11-23T12:00:00Z").is_empty(), "no pharmacy");
}

#[test]
fn only_a_hospital_discharges_to_another_organisation() {
    let discharged = [stored("hospital", link(CareLinkKind::DischargedTo, None, None))];
    for (kind, counts) in [("hospital", true), ("gp", false), ("community", false), ("care-home", false)] {
        let mut registry = registry();
        registry.systems[2].kind = kind.into();
        let expected: &[RelationshipKind] = if counts { &[RelationshipKind::DischargedTo28Days] } else { &[] };
        assert_eq!(kinds(&discharged, &registry, "Z9C01", "2026-11-23T12:00:00Z"), expected, "{kind}");
    }
}

#[test]
fn a_source_of_any_sender_and_a_discreet_one_state_links_of_their_own_organisation_alone() {
    let any_sender = Feed { profile: "default".into(), ..Feed::default() };
    let training = Feed { senders: vec![("PAS".into(), "Z9H01".into())], training: true, ..Feed::default() };
    let known = Feed { training: false, ..training.clone() };
    for (feed, discreet, foreign) in
        [(any_sender, false, false), (training, false, false), (known.clone(), true, false), (known, false, true)]
    {
        let mut registry = registry();
        registry.systems[2] = System { feed: Some(feed), discreet, ..registry.systems[2].clone() };
        for (of, counts) in [("Z9H01", true), ("Z9C01", foreign)] {
            let referral = CareLink { organisation: OdsCode::new(of), ..link(CareLinkKind::Referral, None, None) };
            let found = kinds(&[stored("hospital", referral)], &registry, of, "2026-11-23T12:00:00Z");
            assert_eq!(!found.is_empty(), counts, "{of}");
        }
    }
}

#[test]
fn a_source_states_only_what_it_agreed_to_give() {
    let counts = |kind: &CareLinkKind, dataset: Dataset| {
        let mut registry = registry();
        registry.systems[0].datasets = Dataset::ALL
            .iter()
            .map(|one| (*one, DatasetSwitch::NotAgreed))
            .chain([(dataset, DatasetSwitch::On)])
            .collect();
        let links = [stored("community", link(kind.clone(), None, None))];
        !kinds(&links, &registry, "Z9C01", "2026-11-23T12:00:00Z").is_empty()
    };
    assert!(counts(&CareLinkKind::Referral, Dataset::Referrals));
    assert!(!counts(&CareLinkKind::Referral, Dataset::Appointments));
    assert!(counts(&CareLinkKind::Appointment, Dataset::Appointments));
    assert!(!counts(&CareLinkKind::Appointment, Dataset::Demographics));
    assert!(counts(&CareLinkKind::Caseload, Dataset::Demographics));
    let mut registry = registry();
    registry.systems[0].datasets = [(Dataset::Demographics, DatasetSwitch::NotAgreed)].into();
    let links = [stored("community", link(CareLinkKind::Caseload, None, None))];
    assert!(kinds(&links, &registry, "Z9C01", "2026-11-23T12:00:00Z").is_empty(), "it agreed to nothing");
}

#[test]
fn only_the_own_continuing_care_of_an_organisation_concerns_its_officers() {
    for (source, kind, is_concerned) in [
        ("community", CareLinkKind::Caseload, true),
        ("community", CareLinkKind::SafeguardingEnquiry, true),
        ("community", CareLinkKind::Referral, false),
        ("community", CareLinkKind::Appointment, false),
        ("team", CareLinkKind::Caseload, false),
        ("hospital", CareLinkKind::Referral, false),
    ] {
        let (registry, links) = (registry(), [stored(source, link(kind.clone(), None, None))]);
        let found: Vec<&OdsCode> = concerned(&links, &registry, at("2026-11-23T12:00:00Z")).collect();
        let expected: &[&str] = if is_concerned { &["Z9C01"] } else { &[] };
        assert_eq!(found.iter().map(|ods| ods.as_str()).collect::<Vec<_>>(), expected, "{kind} of {source}");
    }
}
