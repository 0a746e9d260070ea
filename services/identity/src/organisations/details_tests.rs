//! Tests of `details.rs`.

use lcr_model::Dataset;

use super::*;

fn hospice() -> OrganisationDetails {
    OrganisationDetails {
        name: "Kirkstall Hospice".to_owned(),
        kind: OrganisationKind::Community,
        part_of: None,
        serves: vec![],
        sites: vec![Site { ods: OdsCode::new("Z9K01"), name: "Abbey Road".to_owned() }],
        contact: "Sam Reed, 0113 496 0000".to_owned(),
    }
}

fn refusal(details: &OrganisationDetails) -> String {
    check(details).unwrap_err().outward().to_owned()
}

#[test]
fn each_wrong_detail_has_its_own_sentence() {
    assert_eq!(check(&hospice()), Ok(()));
    assert!(refusal(&OrganisationDetails { name: " ".into(), ..hospice() }).contains("name is missing"));
    assert!(refusal(&OrganisationDetails { name: "x".repeat(201), ..hospice() }).contains("200"));
    assert!(refusal(&OrganisationDetails { contact: "a\nb".into(), ..hospice() }).contains("line break"));
    assert!(refusal(&OrganisationDetails { kind: "spaceport".into(), ..hospice() }).contains("kind"));
    assert!(refusal(&OrganisationDetails { contact: " ".into(), ..hospice() }).contains("contact is missing"));
    let site = |ods: &str| Site { ods: OdsCode::new(ods), name: "Ward".into() };
    let sites = |sites| OrganisationDetails { sites, ..hospice() };
    assert!(refusal(&sites(vec![site("not a code")])).contains("ODS code"));
    assert!(refusal(&sites(vec![site("Z9K01"), site("Z9K01")])).contains("same ODS code"));
    assert!(refusal(&sites((0..201).map(|at| site(&format!("Z{at:04}"))).collect())).contains("200"));
    assert!(refusal(&OrganisationDetails { serves: vec![OdsCode::new("b")], ..hospice() }).contains("ODS code"));
}

#[test]
fn an_ods_code_that_fails_its_pattern_is_refused() {
    assert_eq!(check_ods(&OdsCode::new("Z9K01")), Ok(()));
    for wrong in ["", "Z9", "z9k01", "Z9-K01", "Z9K01Z9K01Z9K"] {
        assert!(check_ods(&OdsCode::new(wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn what_opens_patients_of_others_is_not_what_an_organisation_says_of_itself() {
    let hub = OrganisationDetails { serves: vec![OdsCode::new("Y90001")], ..hospice() };
    let team = OrganisationDetails { part_of: Some(OdsCode::new("Y90010")), ..hospice() };
    let office = OrganisationDetails { kind: OrganisationKind::RecordOffice, ..hospice() };
    for details in [&hub, &team, &office] {
        assert!(check_rights(None, details, false).is_err());
        assert!(check_rights(Some(&hospice()), details, false).is_err());
        assert_eq!(check_rights(None, details, true), Ok(()), "the platform's administrators may");
        assert_eq!(check_rights(Some(details), details, false), Ok(()), "it was so before");
        assert_eq!(check_rights(Some(details), &hospice(), false), Ok(()), "less is always possible");
    }
}

#[test]
fn a_schedule_needs_datasets_a_lawful_basis_and_a_retention_rule() {
    let whole = DataFlowSchedule {
        gives: BTreeSet::from([Dataset::Allergies]),
        receives: BTreeSet::new(),
        lawful_basis: "6(1)(e), 9(2)(h)".to_owned(),
        retention: "eight years".to_owned(),
    };
    assert_eq!(check_schedule(&whole), Ok(()));
    for wrong in [
        DataFlowSchedule { lawful_basis: String::new(), ..whole.clone() },
        DataFlowSchedule { lawful_basis: "x".to_owned(), ..whole.clone() },
        DataFlowSchedule { retention: "none".to_owned(), ..whole.clone() },
        DataFlowSchedule { retention: " ".to_owned(), ..whole.clone() },
        DataFlowSchedule { retention: "x".repeat(201), ..whole.clone() },
        DataFlowSchedule { gives: BTreeSet::new(), ..whole.clone() },
    ] {
        assert!(check_schedule(&wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_site_has_no_code_of_another_organisation() {
    let organisation = |ods: &str, part_of: Option<&str>| Organisation {
        ods: OdsCode::new(ods),
        name: format!("Organisation {ods}"),
        kind: OrganisationKind::Community,
        agreement_signed: true,
        part_of: part_of.map(OdsCode::new),
        serves: vec![],
        state: lcr_contracts::registry::PartnerState::Live,
        receives: None,
    };
    let registered = [organisation("Z9K00", None), organisation("Z9K01", None)];
    let (own, sites) = (OdsCode::new("Z9K00"), hospice().sites);
    let refused = check_sites(&sites, &[], &own, &registered).unwrap_err();
    assert!(refused.outward().contains("Z9K01"), "{refused:?}");
    assert_eq!(check_sites(&sites, &sites, &own, &registered), Ok(()), "it was so before");
    assert_eq!(check_sites(&sites, &[], &OdsCode::new("Z9K01"), &registered), Ok(()), "its own code");
    assert_eq!(check_sites(&sites, &[], &own, &[organisation("Z9K01", Some("Z9K00"))]), Ok(()), "a part of it");
}
