//! What is left behind by a fault: a breaker that closes again, and copies that are only ever good answers.

use std::{collections::BTreeSet, time::Duration};

use lcr_city::Fault;
use lcr_tests::views;

use super::{BREAKER, DEADLINE, GP, HOSPITAL, ITS_DATASETS, MATRIX, Scene, of, whole};

/// An answer is served again without asking for this long.
const FRESH: Duration = Duration::from_millis(15_500);

#[tokio::test(flavor = "multi_thread")]
async fn when_a_fault_is_over_the_record_is_whole_and_fresh_again() {
    let whole = whole().await;
    let mut scenes = Vec::new();
    for (fault, _) in MATRIX {
        let scene = Scene::set().await;
        scene.platform.set_fault(HOSPITAL, fault);
        scene.view(&scene.first).await;
        scenes.push((fault, scene));
    }
    // A call that was given up may go on past the view's deadline; its failure opens the breaker late.
    tokio::time::sleep(Duration::from_secs(9)).await;
    for (_, scene) in &scenes {
        scene.platform.set_fault(HOSPITAL, None);
    }
    tokio::time::sleep(BREAKER).await;
    for (fault, scene) in &scenes {
        // The first view after the pause tries the source with one call; the one after it asks for all.
        scene.view(&scene.second).await;
        for (person, whole) in [(&scene.first, &whole[0]), (&scene.second, &whole[1])] {
            let record = scene.view(person).await.json();
            for dataset in ITS_DATASETS {
                let (state, _) = views::state(&record, HOSPITAL, dataset);
                assert!(matches!(state, "has-data" | "no-data"), "{fault:?} is over: {dataset} is {state}");
            }
            assert_eq!(of(&record, HOSPITAL), of(whole, HOSPITAL), "{fault:?} left nothing wrong behind");
            assert_eq!(of(&record, GP), of(whole, GP), "{fault:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_good_answer_a_fault_leaves_the_copy_with_its_time() {
    let mut scenes = Vec::new();
    for (fault, _) in MATRIX {
        let scene = Scene::set().await;
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
            let (before, at) = views::state(good, HOSPITAL, dataset);
            let (state, report) = views::state(&record, HOSPITAL, dataset);
            assert!(matches!(before, "has-data" | "no-data"));
            if (*fault, state) == (Fault::OtherPatient, "failed") {
                // Where the other patient has nothing, the answer gives nobody away but is not believed.
                continue;
            }
            assert_eq!(state, "stale", "{fault:?}: {dataset}");
            assert_eq!(report["as_of"], at["answered_at"], "{fault:?}: {dataset} says as of when");
        }
        assert!(of(&record, HOSPITAL).is_subset(&of(good, HOSPITAL)), "{fault:?}: nobody else's");
        if *fault != Fault::OtherPatient {
            assert_eq!(of(&record, HOSPITAL), of(good, HOSPITAL), "{fault:?}: the copy is whole");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_five_failures_the_source_is_skipped_at_once_and_named() {
    let scene = Scene::set().await;
    scene.platform.set_fault(HOSPITAL, Fault::Status(500));
    scene.view(&scene.first).await;
    // A hang would take the whole deadline; a source that is skipped takes nothing.
    scene.platform.set_fault(HOSPITAL, Fault::Hang);
    let answer = scene.view(&scene.second).await;
    assert!(answer.took < Duration::from_millis(700), "skipped at once: {:?}", answer.took);
    let record = answer.json();
    assert_eq!(views::state(&record, HOSPITAL, "allergies").0, "failed");
    assert_ne!(of(&record, GP), BTreeSet::new());
    let sources = scene.gp.get("/api/record-aggregation/v1/sources").await.json();
    let paused = views::list(&sources, "sources").find(|one| one["source"] == HOSPITAL).unwrap();
    assert_eq!(paused["state"], "paused", "and the list of sources says so");
}
