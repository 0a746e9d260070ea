//! A choice takes effect at once on every path. A request that starts after the acknowledgement shows no data
//! of the person, open pages close, and a withdrawal opens the record again.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "choices/scene.rs"]
mod scene;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use lcr_tests::mllp;
use scene::{request_data, set_up};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(10);
const READERS: usize = 20;

/// Words of Mrs Smith's record that no reader may see after she objects.
const RECORD_WORDS: [&str; 3] = ["penicillin", "elm road", "apixaban"];

#[tokio::test(flavor = "multi_thread")]
async fn requests_after_an_acknowledged_objection_show_nothing() {
    let scene = set_up().await;
    mllp::admit(&scene.platform, "9434765919", "V-HAMMER").await;
    let browser = Arc::new(scene.platform.browser("gp").await);
    let acknowledged: Arc<Mutex<Option<Instant>>> = Arc::default();
    let stop = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..READERS)
        .map(|reader| {
            let (gp, browser, person) = (scene.gp.clone(), browser.clone(), scene.person.clone());
            let (acknowledged, stop) = (acknowledged.clone(), stop.clone());
            tokio::spawn(async move {
                let (mut before, mut after) = (0, 0);
                for path in reader.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let began_after = acknowledged.lock().unwrap().is_some();
                    let shown = request_data(&gp, &browser, &person, path).await;
                    assert!(!(began_after && shown.is_some()), "path {} shows: {}", path % 9, shown.unwrap());
                    before += usize::from(shown.is_some());
                    after += usize::from(began_after);
                }
                (before, after)
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let receipt = scene.object().await;
    *acknowledged.lock().unwrap() = Some(Instant::now());
    assert!(receipt["number"].as_str().unwrap().starts_with("LCR-"));
    tokio::time::sleep(Duration::from_secs(3)).await;
    stop.store(true, Ordering::Relaxed);
    let (mut before, mut after) = (0, 0);
    for reader in readers {
        let (shown, later) = reader.await.unwrap();
        (before, after) = (before + shown, after + later);
    }
    println!("{before} requests showed her data before, {after} began after and showed nothing");
    assert!(before > 0 && after > READERS, "there was data to see, and readers continued");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_record_closes_on_an_objection_and_opens_again_after_its_withdrawal() {
    let scene = set_up().await;
    let path = format!("/api/record-aggregation/v1/people/{}/record/stream?live=true", scene.person);
    let mut open = scene.gp.stream(&path).await;
    // Waits for the last part, which says that the record is complete.
    let mut last = String::new();
    loop {
        let Some((_, data)) = open.next().await else { panic!("ended before it was filled, with {last}") };
        last.clone_from(&data);
        if serde_json::from_str::<Value>(&data).unwrap()["complete"] == true {
            break;
        }
    }
    scene.object().await;
    let (_, closed) = open.next().await.unwrap();
    let closed: Value = serde_json::from_str(&closed).unwrap();
    assert!(closed["detail"].as_str().unwrap().starts_with("This person has objected to sharing."), "{closed}");
    assert!(open.next().await.is_none(), "the stream ends");
    assert_eq!(scene.gp.record(&scene.person).await.status, 403);
    let back = scene.patient.delete(&scene.choices_path()).await;
    assert_eq!(back.status, 200, "{}", back.text());
    assert_eq!(scene.gp.record(&scene.person).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_readers_with_a_relationship_learn_of_an_objection() {
    let scene = set_up().await;
    scene.object().await;
    let refused = scene.gp.record(&scene.person).await;
    assert_eq!((refused.status, refused.json()["type"].as_str().unwrap().ends_with("objected")), (403, true));
    let stranger = scene.platform.actor("consultant").await.record(&scene.person).await;
    assert!(stranger.json()["type"].as_str().unwrap().ends_with("no-relationship"), "{}", stranger.text());
    // A search still finds the person, and the person's own log and choices stay open.
    assert_eq!(scene.gp.find_person("9434765919").await, scene.person);
    assert_eq!(scene.patient.get(&scene.choices_path()).await.status, 200);
    assert_eq!(scene.patient.get("/api/audit/v1/my-looks").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_direction_covers_only_its_organisation() {
    let scene = set_up().await;
    scene.object().await;
    scene.patient.delete(&scene.choices_path()).await;
    // Out of the hospital: the hospital's data is not shown, other data is.
    let out = json!({ "direction": "out-of", "organisation": "Z9H01" });
    assert_eq!(scene.patient.post(&scene.choices_path(), &out).await.status, 201);
    let record = scene.gp.record(&scene.person).await.json();
    let states = |source: &str| -> Vec<String> {
        let sources = record["sources"].as_array().unwrap();
        let found = sources.iter().find(|one| one["source"] == source).unwrap();
        found["datasets"].as_array().unwrap().iter().map(|one| one["state"].to_string()).collect()
    };
    assert!(states("st-hildas").iter().all(|state| !state.contains("has-data")));
    assert!(states("gp-east").iter().any(|state| state.contains("has-data")));
    scene.patient.delete(&scene.choices_path()).await;
    // Into the practice: the practice sees nothing.
    let into = json!({ "direction": "into", "organisation": "Y90001" });
    assert_eq!(scene.patient.post(&scene.choices_path(), &into).await.status, 201);
    assert_eq!(scene.gp.record(&scene.person).await.status, 403);
    // An invalid objection is refused with the reason.
    for (wrong, words) in [
        (json!({ "direction": "into" }), "Name the organisation"),
        (json!({ "direction": "into", "organisation": "NOBODY" }), "not part of"),
        (json!({ "organisation": "Y90001" }), "names no organisation"),
        (json!({ "reason": "x".repeat(501) }), "500 characters"),
    ] {
        let answer = scene.patient.post(&scene.choices_path(), &wrong).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(answer.text().contains(words), "{}", answer.text());
    }
    assert_eq!(scene.patient.post(&scene.choices_path(), &json!({ "all": true })).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_reviews_with_a_reason_and_a_refused_objection_has_no_effect() {
    let scene = set_up().await;
    let receipt = scene.object().await;
    let choice = receipt["choice"]["id"].as_str().unwrap().to_owned();
    let officer = scene.platform.actor("privacy-officer").await;
    let review = format!("{}/{choice}/review", scene.choices_path());
    let without_reason = officer.post(&review, &json!({ "uphold": false, "reason": " " })).await;
    assert_eq!(without_reason.status, 400, "{}", without_reason.text());
    let refused = json!({ "uphold": false, "reason": "Safety outweighs it, and was explained." });
    assert_eq!(officer.post(&review, &refused).await.status, 200);
    assert_eq!(scene.gp.record(&scene.person).await.status, 200);
    let choices = scene.patient.get(&scene.choices_path()).await.json();
    assert_eq!(choices["choices"][0]["status"], "refused");
    assert_eq!(choices["choices"][0]["review"], "Safety outweighs it, and was explained.");
    assert_eq!(scene.gp.post(&review, &refused).await.status, 403, "a practice does not review");
}
