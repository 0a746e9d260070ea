//! Tests of `stages.rs`.

use proptest::prelude::*;

use super::*;

fn spec(stages: Vec<StageSpec>) -> PartnerSystemSpec {
    let mut spec: PartnerSystemSpec = serde_json::from_value(serde_json::json!({
        "odsCode": "RR8", "system": "pas", "name": "PAS", "kind": "hospital", "protocol": "fhir-r4",
        "organisation": {"name": "Leeds Teaching Hospitals", "kind": "acute"},
        "endpoint": "https://fhir.example.org/r4", "datasets": ["documents", "results"],
        "testers": ["018f-tester"], "pilots": ["B86001"]
    }))
    .unwrap();
    spec.stages = stages;
    spec
}

fn stage(receiver: Option<&str>, stage: Stage) -> StageSpec {
    StageSpec {
        dataset: Dataset::Documents,
        unit: None,
        receiver: receiver.map(str::to_owned),
        stage,
        signed_off_by: None,
        user_view: None,
    }
}

#[test]
fn a_receiver_has_its_own_stage_and_all_others_the_general_one() {
    let stages = to_stages(&spec(vec![stage(None, Stage::Off), stage(Some("B86001"), Stage::PilotTeams)]));
    assert_eq!(stages.of(Dataset::Documents, &OdsCode::new("B86001")), Stage::PilotTeams);
    assert_eq!(stages.of(Dataset::Documents, &OdsCode::new("RR8")), Stage::Off);
    assert!(stages.testers.contains(&UserId::new("018f-tester")));
}

#[test]
fn a_dataset_held_back_from_one_receiver_is_named() {
    let spec = spec(vec![stage(None, Stage::On), stage(Some("B86001"), Stage::Off)]);
    assert_eq!(held_back(&spec), BTreeSet::from([Dataset::Documents]));
}

fn any_stage() -> impl Strategy<Value = Stage> {
    prop_oneof![Just(Stage::Off), Just(Stage::SafetyTesters), Just(Stage::PilotTeams), Just(Stage::On)]
}

proptest! {
    /// a contradiction must not open a dataset.
    #[test]
    fn of_contradicting_stages_the_earliest_counts(first in any_stage(), second in any_stage()) {
        let stages = to_stages(&spec(vec![stage(None, first), stage(None, second)]));
        prop_assert_eq!(stages.of(Dataset::Documents, &OdsCode::new("B86001")), first.min(second));
    }
}
