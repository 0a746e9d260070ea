//! A choice takes effect at once, on every path (promise 4, Q-18, X-09): whatever starts after it is acknowledged shows
//! nothing of theirs, what was open closes, and changing one's mind opens it again. The log tells them who looked.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use lcr_tests::{Actor, Browser, Platform, mllp};
use serde_json::{Value, json};

const READERS: usize = 20;

/// What Mrs Smith's record holds that nobody may see once she objects.
const HERS: [&str; 3] = ["penicillin", "elm road", "apixaban"];

struct Scene {
    platform: Platform,
    gp: Actor,
    patient: Actor,
    person: String,
}

async fn scene() -> Scene {
    let platform = Platform::loaded().await;
    let (gp, patient) = (platform.actor("gp").await, platform.actor("patient").await);
    let person = gp.find(&platform.city().cast().fredrica_smith.nhs_number.clone().unwrap()).await;
    // Linking her sign-in to her record changes who the record is about: an open page would close for that.
    let started = Instant::now();
    while patient.get("/api/patient-index/v1/people/own").await.status != 200 {
        assert!(started.elapsed() < Duration::from_secs(10), "her sign-in is linked to her record");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    platform.wait_loaded().await;
    Scene { platform, gp, patient, person }
}

impl Scene {
    fn choices(&self) -> String {
        format!("/api/consent/v1/people/{}/opt-out", self.person)
    }

    /// Objects once the sign-in is linked to the person.
    async fn object(&self) -> Value {
        let started = Instant::now();
        loop {
            let answer = self.patient.post(&self.choices(), &json!({})).await;
            if answer.status == 201 {
                return answer.json();
            }
            assert!(started.elapsed() < Duration::from_secs(10), "{}", answer.text());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Every way to anything of hers; whether what came holds any of it.
async fn look(gp: &Actor, browser: &Browser, person: &str, way: usize) -> Option<String> {
    let api = |path: &str| format!("/api/record-aggregation/v1/people/{person}{path}");
    let text = match way % 9 {
        0 => gp.get(&api("/record")).await.text(),
        1 => gp.get(&api("/record?datasets=allergies")).await.text(),
        2 => gp.get(&api("/record/stream")).await.text(),
        3 => gp.get(&format!("/fhir/R4/AllergyIntolerance?patient={person}")).await.text(),
        4 => gp.get(&format!("/fhir/R4/Patient/{person}")).await.text(),
        5 => browser.get(&format!("/people/{person}?whole=1")).await.text(),
        6 => browser.get(&format!("/people/{person}/medications")).await.text(),
        7 => browser.get(&format!("/people/{person}/timeline")).await.text(),
        _ => {
            let list = gp.get("/api/virtual-ward/v1/inpatients?practice=Y90001").await.text();
            // On this list any word of her is too much.
            return list.contains(person).then_some(list);
        }
    };
    let lower = text.to_lowercase();
    HERS.iter().any(|word| lower.contains(word)).then_some(text)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_starts_after_an_objection_is_acknowledged_shows_nothing() {
    let scene = scene().await;
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
                for way in reader.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let began_after = acknowledged.lock().unwrap().is_some();
                    let shown = look(&gp, &browser, &person, way).await;
                    assert!(!(began_after && shown.is_some()), "way {} shows: {}", way % 9, shown.unwrap());
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
        let (shown, asked) = reader.await.unwrap();
        (before, after) = (before + shown, after + asked);
    }
    println!("{before} looks showed her data before, {after} began after and showed nothing");
    assert!(before > 0 && after > READERS, "there was something to see, and readers went on");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_record_closes_when_its_person_objects_and_opens_when_they_change_their_mind() {
    let scene = scene().await;
    let path = format!("/api/record-aggregation/v1/people/{}/record/stream?live=true", scene.person);
    let mut open = scene.gp.stream(&path).await;
    // Filled first: the last part says that it is complete.
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
    assert!(
        closed["detail"].as_str().unwrap().starts_with("This person has objected to sharing."),
        "{closed}"
    );
    assert!(open.next().await.is_none(), "and that is the end of it");
    assert_eq!(scene.gp.record(&scene.person).await.status, 403);
    let back = scene.patient.delete(&scene.choices()).await;
    assert_eq!(back.status, 200, "{}", back.text());
    assert_eq!(scene.gp.record(&scene.person).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_is_told_to_those_who_stand_in_a_relationship_and_to_nobody_else() {
    let scene = scene().await;
    scene.object().await;
    let told = scene.gp.record(&scene.person).await;
    assert_eq!((told.status, told.json()["type"].as_str().unwrap().ends_with("objected")), (403, true));
    let stranger = scene.platform.actor("consultant").await.record(&scene.person).await;
    assert!(stranger.json()["type"].as_str().unwrap().ends_with("no-relationship"), "{}", stranger.text());
    // The identity stub is found as for everybody, and the person's own log and choices stay open.
    assert_eq!(scene.gp.find("9434765919").await, scene.person);
    assert_eq!(scene.patient.get(&scene.choices()).await.status, 200);
    assert_eq!(scene.patient.get("/api/audit/v1/my-looks").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_direction_reaches_as_far_as_it_says() {
    let scene = scene().await;
    scene.object().await;
    scene.patient.delete(&scene.choices()).await;
    // Out of the hospital: what it holds is not shown, the rest is.
    let out = json!({ "direction": "out-of", "organisation": "Z9H01" });
    assert_eq!(scene.patient.post(&scene.choices(), &out).await.status, 201);
    let record = scene.gp.record(&scene.person).await.json();
    let states = |source: &str| -> Vec<String> {
        let sources = record["sources"].as_array().unwrap();
        let found = sources.iter().find(|one| one["source"] == source).unwrap();
        found["datasets"].as_array().unwrap().iter().map(|one| one["state"].to_string()).collect()
    };
    assert!(states("st-hildas").iter().all(|state| !state.contains("has-data")));
    assert!(states("gp-east").iter().any(|state| state.contains("has-data")));
    scene.patient.delete(&scene.choices()).await;
    // Into the practice: it is shown nothing.
    let into = json!({ "direction": "into", "organisation": "Y90001" });
    assert_eq!(scene.patient.post(&scene.choices(), &into).await.status, 201);
    assert_eq!(scene.gp.record(&scene.person).await.status, 403);
    // Nonsense is refused with what is wrong.
    for (wrong, words) in [
        (json!({ "direction": "into" }), "Name the organisation"),
        (json!({ "direction": "into", "organisation": "NOBODY" }), "not part of"),
        (json!({ "organisation": "Y90001" }), "names no organisation"),
        (json!({ "reason": "x".repeat(501) }), "500 characters"),
    ] {
        let answer = scene.patient.post(&scene.choices(), &wrong).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(answer.text().contains(words), "{}", answer.text());
    }
    assert_eq!(scene.patient.post(&scene.choices(), &json!({ "all": true })).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_reviews_with_reasons_and_a_refused_objection_no_longer_closes() {
    let scene = scene().await;
    let receipt = scene.object().await;
    let choice = receipt["choice"]["id"].as_str().unwrap().to_owned();
    let officer = scene.platform.actor("privacy-officer").await;
    let review = format!("{}/{choice}/review", scene.choices());
    let silent = officer.post(&review, &json!({ "uphold": false, "reason": " " })).await;
    assert_eq!(silent.status, 400, "{}", silent.text());
    let refused = json!({ "uphold": false, "reason": "Safety outweighs it, and was explained." });
    assert_eq!(officer.post(&review, &refused).await.status, 200);
    assert_eq!(scene.gp.record(&scene.person).await.status, 200);
    let told = scene.patient.get(&scene.choices()).await.json();
    assert_eq!(told["choices"][0]["status"], "refused");
    assert_eq!(told["choices"][0]["review"], "Safety outweighs it, and was explained.");
    assert_eq!(scene.gp.post(&review, &refused).await.status, 403, "a practice does not review");
}
