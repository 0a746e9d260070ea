//! A partner's own record system, as far as it opens the Leeds Care Record for its signed-in user: it signs launch tokens,
//! and begins SMART launches. The demo provider has the client's key and takes the part of the system's authorization
//! server. It must never check a rule of the platform.

use lcr_model::{Clock, SystemClock};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Actor;

/// The registered client of Beckside Surgery's system.
pub const CLIENT: &str = "fhir-client";
/// How long its tokens live.
const TOKEN_SECONDS: i64 = 60;

#[derive(Debug, Clone)]
pub struct HostSystem {
    caller: Actor,
    /// The demo provider's address.
    provider: String,
    /// The portal's address.
    portal: String,
}

impl HostSystem {
    pub fn new(caller: Actor, provider: impl Into<String>, portal: impl Into<String>) -> Self {
        Self { caller, provider: provider.into(), portal: portal.into() }
    }

    /// The claims of a valid launch of this patient by Dr Aisha Khan.
    pub fn claims(&self, nhs_number: &str, birth_date: &str) -> Value {
        let now = SystemClock.now().as_second();
        json!({
            "iss": CLIENT, "sub": CLIENT, "aud": format!("{}/launch", self.portal),
            "iat": now, "exp": now + TOKEN_SECONDS, "jti": Uuid::new_v4(),
            "user": { "id": "akhan", "name": "Dr Aisha Khan", "role": "gp" }, "org": "Y90001",
            "patient": { "nhs_number": nhs_number, "birth_date": birth_date },
        })
    }

    /// These claims, signed with the client's key.
    pub async fn sign(&self, claims: &Value) -> String {
        self.sign_as("lcr-launch+jwt", claims).await
    }

    /// The same with another type in the header.
    pub async fn sign_as(&self, typ: &str, claims: &Value) -> String {
        let ask = json!({ "as": CLIENT, "typ": typ, "claims": claims });
        let answer = self.caller.post(&format!("{}/demo/launch-token", self.provider), &ask).await.json();
        answer["token"].as_str().expect("a token").to_owned()
    }

    /// The path of a SMART launch by a user who has this patient open in the source at `fhir_base`.
    pub async fn smart_path(&self, who: &str, fhir_base: &str, local_id: &str) -> String {
        let ask = json!({ "as": who, "patient": local_id });
        let answer = self.caller.post(&format!("{}/demo/launch", self.provider), &ask).await.json();
        let launch = answer["launch"].as_str().expect("a launch");
        // An address on this machine has no character that a query gives another meaning.
        format!("/launch?iss={fhir_base}&launch={launch}")
    }

    /// The patients in the source at `fhir_base` that a FHIR search finds, if they have an NHS number.
    pub async fn patients(&self, fhir_base: &str, query: &str) -> Vec<HostPatient> {
        let Some(answer) = self.caller.try_get(&format!("{fhir_base}/Patient?{query}")).await else { return vec![] };
        let found = answer.json()["entry"].as_array().cloned().unwrap_or_default();
        found.iter().filter_map(|entry| HostPatient::read(&entry["resource"])).collect()
    }

    /// The id by which the source at `fhir_base` knows a patient.
    pub async fn local_id(&self, fhir_base: &str, nhs_number: &str) -> Option<String> {
        let query = format!("identifier=https://fhir.nhs.uk/Id/nhs-number%7C{nhs_number}");
        Some(self.patients(fhir_base, &query).await.into_iter().next()?.local_id)
    }
}

/// An invented patient of a record system.
#[derive(Debug, Clone)]
pub struct HostPatient {
    pub local_id: String,
    pub nhs_number: String,
    /// YYYY-MM-DD.
    pub birth_date: String,
    pub name: String,
}

impl HostPatient {
    fn read(patient: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let identifiers = patient["identifier"].as_array()?;
        let is_number = |one: &&Value| one["system"].as_str().is_some_and(|system| system.ends_with("/nhs-number"));
        Some(Self {
            local_id: text(&patient["id"])?,
            nhs_number: text(&identifiers.iter().find(is_number)?["value"])?,
            birth_date: text(&patient["birthDate"])?,
            name: text(&patient["name"][0]["family"])?,
        })
    }
}
