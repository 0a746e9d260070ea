//! After a fault: the breaker closes again, and stored copies are good answers only.

use std::{collections::BTreeSet, time::Duration};

use lcr_city::Fault;
use lcr_tests::record_json;

use super::{BREAKER, DEADLINE, GP, HOSPITAL, ITS_DATASETS, MATRIX, Scene, complete_records, items_of};

/// The time for which an answer is served again without a new request.
const FRESH: Duration = Duration::from_millis(15_500);

#[tokio::test(flavor = "multi_thread")]
async fn after_a_fault_the_record_is_complete_and_fresh_again() {
    let complete = complete_records().await;
    let mut scenes = Vec::new();
    for (fault, _) in MATRIX {
        let scene = Scene::set_up().await;
        scene.platform.set_fault(HOSPITAL, fault);
        scene.view(&scene.first).await;
        scenes.push((fault, scene));
    }
    // An abandoned call may end after the view's deadline, and its failure opens the breaker late.
    tokio::time::sleep(Duration::from_secs(9)).await;
    for (_, scene) in &scenes {
        scene.platform.set_fault(HOSPITAL, None);
    }
    tokio::time::sleep(BREAKER).await;
    for (fault, scene) in &scenes {
        // The first view after the pause tries the source with one call; the next view makes all calls.
        scene.view(&scene.second).await;
        for (person, complete) in [(&scene.first, &complete[0]), (&scene.second, &complete[1])] {
            let record = scene.view(person).await.json();
            for dataset in ITS_DATASETS {
                let (state, _) = record_json::state(&record, HOSPITAL, dataset);
                assert!(matches!(state, "has-data" | "no-data"), "{fault:?} is over: {dataset} is {state}");
            }
            assert_eq!(
                items_of(&record, HOSPITAL),
                items_of(complete, HOSPITAL),
                "{fault:?} left nothing wrong behind"
            );
            assert_eq!(items_of(&record, GP), items_of(complete, GP), "{fault:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn during_a_fault_the_last_good_answer_is_shown_with_its_time() {
    let mut scenes = Vec::new();
    for (fault, _) in MATRIX {
        let scene = Scene::set_up().await;
        let good = scene.view(&scene.first).await.json();
        scene.platform.set_fault(HOSPITAL, fault);
        scenes.push((fault, scene, good));
    }
    tokio::time::sleep(FRESH).await;
    for (fault, scene, good) in &scenes {
        let answer = scene.view(&scene.first).await;
        assert!(answer.took < DEADLINE, "{fault:?}: {:?}", answer.took);
        let record = answer.json();
        for dataset in ITS_DATASETS {
            let (before, at) = record_json::state(good, HOSPITAL, dataset);
            let (state, report) = record_json::state(&record, HOSPITAL, dataset);
            assert!(matches!(before, "has-data" | "no-data"));
            if (*fault, state) == (Fault::OtherPatient, "failed") {
                // The other patient has nothing of this dataset; the empty answer is refused.
                continue;
            }
            assert_eq!(state, "stale", "{fault:?}: {dataset}");
            assert_eq!(report["as_of"], at["answered_at"], "{fault:?}: {dataset} says as of when");
        }
        assert!(items_of(&record, HOSPITAL).is_subset(&items_of(good, HOSPITAL)), "{fault:?}: nobody else's");
        if *fault != Fault::OtherPatient {
            assert_eq!(items_of(&record, HOSPITAL), items_of(good, HOSPITAL), "{fault:?}: the copy is complete");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_five_failures_the_source_is_skipped_and_named() {
    let scene = Scene::set_up().await;
    scene.platform.set_fault(HOSPITAL, Fault::Status(500));
    scene.view(&scene.first).await;
    // A request would hang until the deadline; a skipped source takes no time.
    scene.platform.set_fault(HOSPITAL, Fault::Hang);
    let answer = scene.view(&scene.second).await;
    assert!(answer.took < Duration::from_millis(700), "skipped at once: {:?}", answer.took);
    let record = answer.json();
    assert_eq!(record_json::state(&record, HOSPITAL, "allergies").0, "failed");
    assert_ne!(items_of(&record, GP), BTreeSet::new());
    let sources = scene.gp.get("/api/record-aggregation/v1/sources").await.json();
    let paused = record_json::list(&sources, "sources").find(|one| one["source"] == HOSPITAL).unwrap();
    assert_eq!(paused["state"], "paused", "and the list of sources says so");
}
