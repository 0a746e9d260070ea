//! The steps of an organisation that joins, each one call of the public API by the person who makes it. A step must only send and
//! return the answer; the tests check it.

use bytes::Bytes;
use lcr_tests::{Actor, Answer, PartnerSource, Platform};
use reqwest::Method;
use serde_json::{Value, json};

use super::{assert_done, put};

/// The system that it connects.
pub const SYSTEM: &str = "kirkgate";

/// An organisation on its way to live data, and its administrator.
pub struct Joining<'p> {
    pub platform: &'p Platform,
    pub admin: Actor,
    ods: &'static str,
}

impl<'p> Joining<'p> {
    pub async fn new(platform: &'p Platform) -> Self {
        let ods = lcr_demo_idp::find("joining-admin").unwrap().org;
        Self { platform, admin: platform.actor("joining-admin").await, ods }
    }

    /// Takes every step up to a live system whose datasets are off.
    pub async fn live(platform: &'p Platform, source: &PartnerSource) -> Self {
        let joining = Self::without_credentials(platform, source).await;
        joining.go_live_with(source).await;
        joining
    }

    /// Takes every step up to the credentials of the system: agreed, and the system set up.
    pub async fn without_credentials(platform: &'p Platform, source: &PartnerSource) -> Self {
        let joining = Self::new(platform).await;
        assert_done(&joining.register().await);
        assert_done(&joining.set_schedule().await);
        for (duty, signatory) in joining.appoint_all().await {
            assert_done(&joining.sign(&signatory, duty).await);
        }
        assert_done(&joining.put_system(&source.base_url()).await);
        joining
    }

    /// Takes the steps from the credentials that the source accepts to a live system.
    pub async fn go_live_with(&self, source: &PartnerSource) {
        assert_done(&self.set_credentials(&source.credentials()).await);
        assert_eq!(self.failed_checks().await, [""; 0]);
        assert_done(&self.go_live().await);
        assert_done(&self.move_to("live").await);
    }

    /// A path of the API about the organisation.
    pub fn path(&self, rest: &str) -> String {
        format!("/api/identity/v1/organisations/{}{rest}", self.ods)
    }

    fn system_path(&self, rest: &str) -> String {
        self.path(&format!("/systems/{SYSTEM}{rest}"))
    }

    /// Exchanges a persona's ID token, as `lcr token` does.
    pub async fn exchange(&self, who: &str) -> Answer {
        let (caller, provider) = (self.platform.anonymous(), self.platform.provider.issuer());
        let proof = caller.post(&format!("{provider}/demo/assert"), &json!({ "as": who })).await.json();
        let token = proof["id_token"].as_str().unwrap();
        let form = format!("grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token={token}");
        caller.post_form("/oauth2/token", form).await
    }

    pub async fn register(&self) -> Answer {
        self.register_as(self.ods).await
    }

    pub async fn register_as(&self, ods: &str) -> Answer {
        let body = json!({ "ods": ods, "details": Self::details(), "reason": "We join the record" });
        self.admin.post("/api/identity/v1/organisations", &body).await
    }

    pub fn details() -> Value {
        json!({ "name": "Kirkgate Hospice", "kind": "community", "contact": "Information desk, 0113 496 0100" })
    }

    /// Everything that its administrator may read about it.
    pub async fn file(&self) -> Value {
        let answer = self.admin.get(&self.path("/file")).await;
        assert_done(&answer);
        answer.json()
    }

    pub async fn set_schedule(&self) -> Answer {
        let schedule = json!({
            "gives": ["demographics", "medications"], "receives": ["allergies", "medications"],
            "lawful_basis": "6(1)(e), 9(2)(h)", "retention": "As in the NHS Records Management Code of Practice",
        });
        put(&self.admin, &self.path("/schedule"), &json!({ "schedule": schedule })).await
    }

    /// The user id of a person who has signed in.
    pub async fn user_id(&self, name: &str) -> String {
        let list = self.admin.get(&self.path("/users")).await.json();
        let people = list["people"].as_array().unwrap();
        let person = people.iter().find(|person| person["name"] == name);
        person.unwrap_or_else(|| panic!("{name} is not in {list}"))["user"].as_str().unwrap().to_owned()
    }

    pub async fn appoint(&self, duty: &str, user: &str) -> Answer {
        put(&self.admin, &self.path(&format!("/signatories/{duty}")), &json!({ "user": user })).await
    }

    /// Appoints three people, who have signed in before. Returns each with their duty.
    pub async fn appoint_all(&self) -> Vec<(&'static str, Actor)> {
        let guardian = self.platform.actor("joining-guardian").await;
        let officer = self.platform.actor("joining-officer").await;
        let signatories = [
            ("siro", "Nadia Brook", self.admin.clone()),
            ("caldicott-guardian", "Dr Paul Ferris", guardian),
            ("data-protection-officer", "Imran Shaw", officer),
        ];
        let mut appointed = vec![];
        for (duty, name, actor) in signatories {
            assert_done(&self.appoint(duty, &self.user_id(name).await).await);
            appointed.push((duty, actor));
        }
        appointed
    }

    /// Signs the text as it is now.
    pub async fn sign(&self, signatory: &Actor, duty: &str) -> Answer {
        let agreement = signatory.get(&self.path("/agreements")).await.json();
        let text_hash = agreement["text"]["text_hash"].as_str().unwrap_or_default();
        self.sign_hash(signatory, duty, text_hash).await
    }

    pub async fn sign_hash(&self, signatory: &Actor, duty: &str, text_hash: &str) -> Answer {
        let body = json!({ "duty": duty, "text_hash": text_hash });
        signatory.post(&self.path("/agreements/signatures"), &body).await
    }

    pub async fn put_system(&self, base_url: &str) -> Answer {
        let system = json!({
            "id": SYSTEM, "name": "Kirkgate records", "kind": "community", "base_url": base_url,
            "datasets": ["demographics", "medications"], "contact": "Information desk",
        });
        put(&self.admin, &self.system_path(""), &json!({ "system": system })).await
    }

    pub async fn set_credentials(&self, credentials: &Value) -> Answer {
        put(&self.admin, &self.system_path("/credentials"), &json!({ "credentials": credentials })).await
    }

    pub async fn check(&self) -> Answer {
        self.admin.send(Method::POST, &self.system_path("/checks"), Some(("application/json", Bytes::new()))).await
    }

    /// Runs the check. Returns the names of what failed.
    pub async fn failed_checks(&self) -> Vec<String> {
        let answer = self.check().await;
        assert_done(&answer);
        let receipt = answer.json();
        let checks = receipt["result"]["report"]["checks"].as_array().unwrap();
        let failed = checks.iter().filter(|check| check["outcome"] == "failed");
        failed.map(|check| check["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Takes the system live.
    pub async fn go_live(&self) -> Answer {
        self.admin.post(&self.system_path("/live"), &json!({})).await
    }

    /// Moves the organisation to another state.
    pub async fn move_to(&self, state: &str) -> Answer {
        put(&self.admin, &self.path("/state"), &json!({ "to": state, "reason": "All is ready" })).await
    }

    /// Names the safety testers and the organisations of the pilot.
    pub async fn set_testers(&self, testers: &[&Actor], pilots: &[&str]) -> Answer {
        let mut users = vec![];
        for tester in testers {
            let own = tester.get("/api/identity/v1/sessions").await.json();
            users.push(own["sessions"][0]["user"].clone());
        }
        put(&self.admin, &self.system_path("/testers"), &json!({ "testers": users, "pilots": pilots })).await
    }

    /// Switches the medicines to a stage, for one receiving organisation or for all.
    pub async fn step(&self, stage: &str, receiver: Option<&str>) -> Answer {
        let user_view = "Ten people of the patients' group read it and want it shared";
        self.switch(stage, receiver, ("Dr Paul Ferris, Caldicott guardian", user_view)).await
    }

    pub async fn step_without_sign_off(&self, stage: &str) -> Answer {
        self.switch(stage, None, ("", "")).await
    }

    pub async fn step_without_user_view(&self, stage: &str) -> Answer {
        self.switch(stage, None, ("Dr Paul Ferris, Caldicott guardian", "")).await
    }

    async fn switch(&self, stage: &str, receiver: Option<&str>, (signed_off_by, user_view): (&str, &str)) -> Answer {
        let rule = json!({ "dataset": "medications", "receiver": receiver, "stage": stage });
        let body = json!({ "rule": rule, "signed_off_by": signed_off_by, "user_view": user_view });
        self.admin.post(&self.system_path("/switches"), &body).await
    }
}
