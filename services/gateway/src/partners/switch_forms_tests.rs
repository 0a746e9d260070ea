//! Tests of `switch_forms.rs`.

use lcr_model::UserId;

use super::*;

fn read(json: &str) -> Result<SystemChange, String> {
    let values: Values = serde_json::from_str(json).unwrap();
    read_switch(&values, &SourceId::new("gp")).unwrap()
}

#[test]
fn a_step_names_its_dataset_its_stage_and_for_whom() {
    let change =
        read(r#"{"act": "switch", "dataset": "results", "stage": "on", "receiver": "b86000", "signed_off_by": "Jo"}"#);
    let SystemChange::Switch(step) = change.unwrap() else { panic!("another change") };
    let rule =
        StageRule { dataset: Dataset::Results, unit: None, receiver: Some(OdsCode::new("B86000")), stage: Stage::On };
    assert_eq!((&step.rule, step.signed_off_by.as_str()), (&rule, "Jo"));
    assert_eq!(read(r#"{"act": "switch", "dataset": "results", "stage": "half"}"#), Err("Choose who sees it.".into()));
}

#[test]
fn testers_are_ticked_or_named_one_a_line() {
    let change =
        read(r#"{"act": "testers", "tester-u1": "on", "other_testers": "u2\r\n", "pilots": "B86000"}"#).unwrap();
    let testers = ["u1", "u2"].map(UserId::new).into();
    let pilots = [OdsCode::new("B86000")].into();
    let signed_off_by = String::new();
    assert_eq!(change, SystemChange::SetTesters { system: SourceId::new("gp"), testers, pilots, signed_off_by });
}
