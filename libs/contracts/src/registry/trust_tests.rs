//! Tests of `trust.rs`.

use std::collections::BTreeSet;

use super::*;
use crate::registry::PartnerState;

/// An organisation that receives medications alone.
fn organisation(ods: &str, kind: OrganisationKind, part_of: Option<&str>) -> Organisation {
    Organisation {
        ods: OdsCode::new(ods),
        name: ods.into(),
        kind,
        agreement_signed: true,
        part_of: part_of.map(OdsCode::new),
        serves: vec![],
        state: PartnerState::Live,
        receives: Some(BTreeSet::from([Dataset::Medications])),
    }
}

/// S-68: to a schedule, a trust and its sites are one organisation. A practice, its team and the team's other practices are not.
#[test]
fn a_trust_and_its_parts_read_each_others_data_and_a_practice_does_not_read_its_teams() {
    use OrganisationKind::{Acute, Community, GpPractice, HospitalSite, NeighbourhoodTeam};
    let all = [
        organisation("TRUST", Acute, None),
        organisation("SITE-A", HospitalSite, Some("TRUST")),
        organisation("SITE-B", HospitalSite, Some("TRUST")),
        organisation("OTHER", Acute, None),
        organisation("OTHER-SITE", HospitalSite, Some("OTHER")),
        organisation("COMMUNITY", Community, None),
        organisation("COMMUNITY-PART", Community, Some("COMMUNITY")),
        organisation("TEAM", NeighbourhoodTeam, Some("COMMUNITY")),
        organisation("PRACTICE-A", GpPractice, Some("TEAM")),
        organisation("PRACTICE-B", GpPractice, Some("TEAM")),
        // Their trusts are not in the registry.
        organisation("LOST-A", HospitalSite, Some("UNKNOWN")),
        organisation("LOST-B", HospitalSite, Some("UNKNOWN")),
    ];
    let families = [&["TRUST", "SITE-A", "SITE-B"][..], &["OTHER", "OTHER-SITE"], &["COMMUNITY", "COMMUNITY-PART"]];
    for reader in &all {
        for owner in &all {
            let both = [reader.ods.as_str(), owner.ods.as_str()];
            let is_own = reader.ods == owner.ods || families.iter().any(|all| both.iter().all(|ods| all.contains(ods)));
            assert_eq!(reader.is_one_with(&owner.ods, &all), is_own, "{both:?}");
            assert_eq!(reader.receives_from(&owner.ods, Dataset::Results, &all), is_own, "{both:?}");
            assert!(reader.receives_from(&owner.ods, Dataset::Medications, &all), "{both:?}");
        }
    }
    assert!(!all[0].receives_from(&OdsCode::new("UNKNOWN"), Dataset::Results, &all));
}

/// S-68: an agreement on paper has no schedule on record, and limits nothing.
#[test]
fn an_organisation_whose_agreement_is_on_paper_reads_everything() {
    let on_paper = Organisation { receives: None, ..organisation("TRUST", OrganisationKind::Acute, None) };
    assert!(on_paper.receives_from(&OdsCode::new("OTHER"), Dataset::Results, &[]));
}
