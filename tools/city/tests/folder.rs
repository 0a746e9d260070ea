//! A folder of FHIR files as a source.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

/// A temporary folder for one test, removed when dropped.
struct TempFolder(PathBuf);

impl TempFolder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lcr-city-{name}-{}", std::process::id()));
        fs::create_dir_all(path.join("deeper")).expect("a folder");
        Self(path)
    }

    fn put(&self, name: &str, content: &str) {
        fs::write(self.0.join(name), content).expect("a file");
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        let _left_to_the_system = fs::remove_dir_all(&self.0);
    }
}

async fn get(url: String) -> Value {
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new().get(url).send().await.expect("an answer").json().await.expect("JSON")
}

#[tokio::test]
async fn bundles_and_resources_are_served_and_the_rest_is_counted() {
    let folder = TempFolder::new("mixed");
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": "urn:uuid:aaaa", "resource": {"resourceType": "Patient", "id": "p1",
            "identifier": [{"system": "urn:x", "value": "42"}]}},
        {"fullUrl": "urn:uuid:bbbb", "resource": {"resourceType": "Condition", "subject": {"reference": "urn:uuid:aaaa"}}},
        {"fullUrl": "urn:uuid:cccc", "resource": {"resourceType": "Appointment", "id": "a1", "status": "booked",
            "participant": [{"actor": {"reference": "urn:uuid:aaaa"}, "status": "accepted"}]}},
    ]});
    folder.put("bundle.json", &bundle.to_string());
    let flag = json!({"resourceType": "Flag", "id": "f1", "subject": {"reference": "Patient/p1"}});
    folder.put("deeper/flag.json", &flag.to_string());
    folder.put("notes.txt", "not JSON");
    folder.put("other.json", r#"{"hello": "there"}"#);
    let source = lcr_city::serve_folder(&folder.0, 0).await.expect("a source");
    assert_eq!((source.resources(), source.patients(), source.skipped()), (4, 1, 2));
    let base = source.base_url();
    assert_eq!(get(format!("{base}/Patient?identifier=urn:x|42")).await["total"], 1);
    assert_eq!(get(format!("{base}/Patient?identifier=urn:y|42")).await["total"], 0);
    let conditions = get(format!("{base}/Condition?patient=p1")).await;
    assert_eq!(conditions["entry"][0]["resource"]["subject"]["reference"], "Patient/p1");
    assert_eq!(conditions["entry"][0]["resource"]["id"], "bbbb", "an id where the file gave none");
    assert_eq!(get(format!("{base}/Appointment?patient=p1")).await["total"], 1);
    assert_eq!(get(format!("{base}/Flag?subject=Patient/p1")).await["total"], 1);
    assert_eq!(get(format!("{base}/Flag/f1")).await["id"], "f1");
    source.shutdown().await;
}

#[tokio::test]
async fn a_missing_folder_is_an_error() {
    assert!(lcr_city::serve_folder(&PathBuf::from("/no/such/folder"), 0).await.is_err());
}
