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
