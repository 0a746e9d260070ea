//! A clinic whose FHIR server serves the resources of a test, and a GP who reads its patient's record and pages. It must
//! never check anything but that requests succeed.

use std::{fs, time::Duration};

use lcr_city::FolderSource;
use lcr_testkit::Folder;
use lcr_tests::{Actor, Browser, Options, Platform, record_json};
use serde_json::{Value, json};

pub const NHS_NUMBER: &str = "9991000003";
pub const SOURCE: &str = "clinic";

pub struct Scene {
    pub platform: Platform,
    pub gp: Actor,
    pub person: String,
    // Both must live as long as the platform.
    _server: FolderSource,
    _folder: Folder,
}

impl Scene {
    /// Starts a platform without a city, whose only source has one patient with these resources.
    pub async fn of(resources: Vec<Value>) -> Self {
        let folder = Folder::new("life").unwrap();
        for (at, resource) in resources.into_iter().chain([patient()]).enumerate() {
            fs::write(folder.path().join(format!("{at}.json")), with_patient(resource).to_string()).unwrap();
        }
        let server = lcr_city::serve_folder(folder.path(), 0).await.unwrap();
        let options = Options {
            city: false,
            deadline: Duration::from_secs(6),
            sources: vec![("Clinic".to_owned(), server.base_url())],
            ..Options::default()
        };
        let platform = Platform::start(options).await;
        Box::pin(platform.wait_loaded()).await;
        let gp = platform.actor("gp").await;
        let person = gp.find_person(NHS_NUMBER).await;
        Self { platform, gp, person, _server: server, _folder: folder }
    }

    pub async fn record(&self) -> Value {
        let answer = self.gp.record(&self.person).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub async fn browser(&self) -> Browser {
        self.platform.browser("gp").await
    }

    /// The visible text of one of the person's pages.
    pub async fn page(&self, path: &str) -> String {
        let html = self.browser().await.get(&format!("/people/{}{path}", self.person)).await.text();
        visible_text(&html)
    }

    /// The resources of a FHIR search by the person.
    pub async fn fhir(&self, kind: &str) -> Vec<Value> {
        let answer = self.gp.get(&format!("/fhir/R4/{kind}?patient={}", self.person)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let bundle = answer.json();
        let matches = record_json::list(&bundle, "entry").filter(|one| one["search"]["mode"] == "match");
        matches.map(|one| one["resource"].clone()).collect()
    }
}

/// The visible text of a page, without tags and with single spaces.
pub fn visible_text(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in html.chars() {
        match letter {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            letter if !inside => text.push(letter),
            _ => {}
        }
    }
    let text = text
        .replace("&#39;", "'")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">");
    text.replace("&amp;", "&").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn patient() -> Value {
    json!({ "resourceType": "Patient", "id": "p1", "birthDate": "1961-02-03", "gender": "female",
        "identifier": [{ "system": "https://fhir.nhs.uk/Id/nhs-number", "value": NHS_NUMBER }],
        "name": [{ "use": "official", "family": "HALLIWELL", "given": ["Nora"] }] })
}

/// Adds a reference to the patient if the resource has none.
fn with_patient(mut resource: Value) -> Value {
    let kind = resource["resourceType"].as_str().unwrap_or_default().to_owned();
    let field = match kind.as_str() {
        "Patient" | "Medication" | "Binary" | "Practitioner" => return resource,
        "AllergyIntolerance" | "Immunization" | "RelatedPerson" => "patient",
        _ => "subject",
    };
    let names_one = resource.get("subject").is_some() || resource.get("patient").is_some();
    if !names_one && kind != "Appointment" {
        resource[field] = json!({ "reference": "Patient/p1" });
    }
    resource
}

/// The entry of a dataset whose title contains `title`.
pub fn entry<'r>(record: &'r Value, dataset: &str, title: &str) -> Option<&'r Value> {
    let found = record_json::entries(record, dataset).into_iter();
    found.into_iter().find(|entry| entry["title"].as_str().is_some_and(|one| one.contains(title)))
}

/// The counts and reasons of the items of a dataset that are not shown.
pub fn not_shown(record: &Value, dataset: &str) -> Vec<(u64, String)> {
    let rows = record_json::list(record, "not_shown").filter(|one| one["dataset"] == dataset);
    rows.map(|one| (one["count"].as_u64().unwrap(), one["reason"].as_str().unwrap().to_owned())).collect()
}
