//! Tests of `vocabulary.rs`.

use serde_json::json;

use super::*;

#[test]
fn a_kind_reads_by_its_name_and_is_written_unchanged() {
    for (name, kind) in [
        ("gp", SystemKind::Gp),
        ("mental-health", SystemKind::MentalHealth),
        ("discreet", SystemKind::Discreet),
        ("of-a-later-version", SystemKind::Other("of-a-later-version".into())),
    ] {
        assert_eq!(serde_json::from_value::<SystemKind>(json!(name)).unwrap(), kind);
        assert_eq!(serde_json::to_value(&kind).unwrap(), json!(name));
    }
    let team: OrganisationKind = serde_json::from_value(json!("neighbourhood-team")).unwrap();
    assert_eq!((team.clone(), team.as_str()), (OrganisationKind::NeighbourhoodTeam, "neighbourhood-team"));
}

#[test]
fn a_kind_of_organisation_has_its_own_roles_and_the_shared_ones_and_none_of_the_platform() {
    let practice = OrganisationKind::GpPractice.roles();
    assert!(practice.contains(&Role::Gp) && practice.contains(&Role::OrgAdmin) && !practice.contains(&Role::Paramedic));
    assert_eq!(OrganisationKind::from("of-a-later-version").roles(), SHARED_ROLES);
    for kind in [OrganisationKind::RecordOffice, OrganisationKind::Authority, OrganisationKind::Acute] {
        for never in [Role::PlatformAdmin, Role::Patient, Role::ProxyParent, Role::FeedsClient, Role::FhirClient] {
            assert!(!kind.roles().contains(&never), "{kind} {never}");
        }
    }
}
