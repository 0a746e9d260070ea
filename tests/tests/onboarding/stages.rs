//! The switch-on of one source for two receiving organisations, with the same patient (Q-14, Q-15, S-83).

use std::time::Instant;

use lcr_tests::{Actor, Events};
use serde_json::Value;

use super::{
    EFFECT, FREDRICA, assert_done, assert_problem, city_and_source, joining::Joining, shows_medicine, state,
    wait_for_state,
};

/// Opens a page that stays open, and returns it with its complete record.
async fn open_page(reader: &Actor, person: &str) -> (Events, Value) {
    let path = format!("/api/record-aggregation/v1/people/{person}/record/stream?live=true");
    let mut page = reader.stream(&path).await;
    loop {
        let (_, data) = page.next().await.unwrap();
        let record: Value = serde_json::from_str(&data).unwrap();
        if record["complete"] == true {
            return (page, record);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_organisations_read_one_patient_at_different_stages_and_a_step_back_reaches_an_open_page() {
    let (platform, source) = city_and_source().await;
    let joining = Joining::live(&platform, &source).await;
    let (gp, nurse) = (platform.actor("gp").await, platform.actor("community-nurse").await);
    let person = gp.find_person(FREDRICA).await;
    assert_done(&joining.set_testers(&[&gp], &["Z9E01"]).await);
    assert_done(&joining.step("safety-testers", None).await);
    assert_done(&joining.step("pilot-teams", None).await);
    assert_problem(&joining.step_without_user_view("on").await, 400, "view of users");
    // One receiving organisation is ahead of the others.
    assert_done(&joining.step("on", Some("Z9T01")).await);
    wait_for_state(&nurse, &person, "has-data").await;
    let hub = platform.actor("hub-gp").await;
    wait_for_state(&hub, &person, "has-data").await;
    assert_done(&joining.step("safety-testers", Some("Z9E01")).await);
    wait_for_state(&hub, &person, "not-yet-on").await;
    // Its open page loses the data, without a reload.
    let (mut page, record) = open_page(&nurse, &person).await;
    assert!(state(&record) == Some("has-data") && shows_medicine(&record), "{record}");
    assert_done(&joining.step("off", Some("Z9T01")).await);
    let stepped_back = Instant::now();
    loop {
        let (_, data) = tokio::time::timeout(EFFECT, page.next()).await.unwrap().unwrap();
        let record: Value = serde_json::from_str(&data).unwrap();
        if state(&record) == Some("not-yet-on") {
            assert!(!shows_medicine(&record), "{record}");
            break;
        }
    }
    assert!(stepped_back.elapsed() < EFFECT, "it took {:?}", stepped_back.elapsed());
    assert!(!shows_medicine(&nurse.record(&person).await.json()));
    wait_for_state(&gp, &person, "has-data").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_is_a_notice_to_whom_it_reaches_with_its_sign_off_and_what_users_said() {
    let (platform, source) = city_and_source().await;
    let joining = Joining::live(&platform, &source).await;
    let gp = platform.actor("gp").await;
    assert_done(&joining.set_testers(&[&gp], &["Z9E01"]).await);
    for stage in ["safety-testers", "pilot-teams", "on"] {
        assert_done(&joining.step(stage, None).await);
    }
    assert_done(&joining.step("off", Some("Z9T01")).await);
    let manager = platform.actor("practice-manager").await;
    let notices = manager.get("/api/identity/v1/organisations/Y90001/notices").await;
    assert_done(&notices);
    let notices = notices.json()["notices"].as_array().unwrap().clone();
    let steps: Vec<(&str, &str)> =
        notices.iter().map(|one| (one["from"].as_str().unwrap(), one["to"].as_str().unwrap())).collect();
    assert_eq!(steps, [("pilot-teams", "on"), ("safety-testers", "pilot-teams"), ("off", "safety-testers")]);
    assert_eq!(notices[0]["signed_off_by"], "Dr Paul Ferris, Caldicott guardian");
    assert!(notices[0]["user_view"].as_str().unwrap().contains("patients' group"), "{}", notices[0]);
    assert!(notices[0]["source"].as_str().unwrap().contains("Kirkgate Hospice"), "{}", notices[0]);
    let stranger = platform.actor("gp").await.get("/api/identity/v1/organisations/Y90001/notices").await;
    assert_eq!(stranger.status, 404, "a clinician does not read them");
}
