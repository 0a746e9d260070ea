//! Tests of `http.rs`.

use super::*;
use crate::testing::{Scene, caller, item, owner, system};

#[tokio::test]
async fn a_record_is_written_whole() {
    let scene = Scene::with(vec![item("Condition", "1", json!({ "code": { "text": "Asthma" } }))]).await;
    let record = scene.service.whole(&caller(), scene.ask()).await.unwrap();
    let written: serde_json::Value = serde_json::from_slice(&to_json(&record).unwrap()).unwrap();
    assert_eq!(written, json!(record));
    assert!(written.to_string().contains("Asthma"));
}

#[test]
fn each_dataset_is_named_once() {
    assert_eq!(parse_datasets("allergies, results").unwrap(), [Dataset::Allergies, Dataset::Results]);
    let twice = parse_datasets("results,allergies,results").unwrap_err();
    assert_eq!(twice.outward(), "`datasets` names `results` twice.");
    let many = parse_datasets(&vec!["results"; 10_000].join(",")).unwrap_err();
    assert_eq!(many.kind, lcr_contracts::FailureKind::BadRequest);
    assert!(parse_datasets("").is_err() && parse_datasets("nothing").is_err());
}

#[tokio::test]
async fn what_was_removed_and_what_was_never_live_is_no_source() {
    let scene = Scene::with(vec![]).await;
    let [live, mut joining, mut stopped, mut removed] =
        ["live", "joining", "stopped", "removed"].map(|id| system(id, "hospital", ""));
    joining.setup.live = false;
    stopped.setup.end_live();
    removed.setup.end_live();
    removed.setup.removed = true;
    let (systems, organisations) = (vec![live, joining, stopped, removed], vec![owner(true)]);
    scene.service.sources.set_registry(lcr_contracts::registry::Registry { systems, organisations });
    let listed = scene.service.sources(&caller()).await.unwrap();
    let ids: Vec<&str> = listed.iter().map(|source| source.source.as_str()).collect();
    assert_eq!(ids, ["live", "stopped"]);
}
