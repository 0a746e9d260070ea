//! A person with a choice, and the readers whom it concerns.

use lcr_testkit::{eventually, eventually_ok};
use lcr_tests::{Actor, Browser, Platform};
use serde_json::{Value, json};

use super::{LIMIT, RECORD_WORDS};

pub(super) struct Scene {
    pub(super) platform: Platform,
    pub(super) gp: Actor,
    pub(super) patient: Actor,
    pub(super) person: String,
}

pub(super) async fn set_up() -> Scene {
    let platform = Platform::start_loaded().await;
    let (gp, patient) = (platform.actor("gp").await, platform.actor("patient").await);
    let person = gp.find_person(&platform.city().cast().fredrica_smith.nhs_number.clone().unwrap()).await;
    // Waits until her sign-in is linked to her record, because linking would close an open page.
    eventually(LIMIT, "her sign-in is linked to her record", async || {
        patient.get("/api/patient-index/v1/people/own").await.status == 200
    })
    .await;
    platform.wait_loaded().await;
    Scene { platform, gp, patient, person }
}

impl Scene {
    pub(super) fn choices_path(&self) -> String {
        format!("/api/consent/v1/people/{}/opt-out", self.person)
    }

    /// Objects, as soon as the sign-in is linked to the person.
    pub(super) async fn object(&self) -> Value {
        eventually_ok(LIMIT, "the objection is accepted", async || {
            let answer = self.patient.post(&self.choices_path(), &json!({})).await;
            if answer.status == 201 { Ok(answer.json()) } else { Err(answer.text()) }
        })
        .await
    }
}

/// Requests data of the person on one of nine paths. Returns the answer if it shows any.
pub(super) async fn request_data(gp: &Actor, browser: &Browser, person: &str, path: usize) -> Option<String> {
    let api = |path: &str| format!("/api/record-aggregation/v1/people/{person}{path}");
    let text = match path % 9 {
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
            // The list must not even contain her id.
            return list.contains(person).then_some(list);
        }
    };
    let lower = text.to_lowercase();
    RECORD_WORDS.iter().any(|word| lower.contains(word)).then_some(text)
}
