//! A partner sends a list of a hundred thousand people: the time until it is accepted and until a member's record opens,
//! and the most memory that it takes in each process.

use std::time::{Duration, Instant};

use lcr_model::{Clock, ServiceName, SystemClock};
use lcr_tests::Platform;
use serde_json::{Value, json};

use super::evidence::{Parties, episode};
use crate::{
    kernel::{forget_peak, peak_mb, resident_mb},
    load::Client,
    report::Report,
};

/// The most that a list may have.
const MEMBERS: usize = 100_000;
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// Shorter than the life of a token.
const GIVE_UP: Duration = Duration::from_mins(4);

pub async fn measure(platform: &Platform, form: &str, report: &mut Report) {
    let parties = Parties::sign_in(platform).await;
    let (sender, list) = (Client::new(parties.sender.token.as_deref()), list(platform));
    let processes = processes(platform);
    let before: Vec<f64> = processes.iter().map(|(_, process)| resident_mb(*process)).collect();
    for (_, process) in &processes {
        forget_peak(*process);
    }
    let sent = Instant::now();
    assert_eq!(sender.post(&format!("{}/api/feeds/v1/fhir", platform.origin()), &list).await, 200);
    let note = "100,000 members, on disk before the answer";
    report.add(&format!("group: accepted, {form}"), sent.elapsed().as_secs_f64(), "s", note);
    parties.wait_for_decision(true, POLL_INTERVAL, GIVE_UP).await;
    report.add(&format!("group: a member opens, {form}"), sent.elapsed().as_secs_f64(), "s", "from sending");
    for ((name, process), before) in processes.into_iter().zip(before) {
        let note = format!("VmHWM; {before:.0} MB before");
        report.add(&format!("group: most memory of {name}, {form}"), peak_mb(process), "MB", &note);
    }
}

/// The processes through which the list goes, with their names.
fn processes(platform: &Platform) -> Vec<(String, u32)> {
    let Some(split) = platform.split_if_any() else {
        return vec![("platform, city and bench".to_owned(), std::process::id())];
    };
    let services = [ServiceName::Gateway, ServiceName::Feeds, ServiceName::Consent];
    services.into_iter().map(|service| (service.to_string(), split.process_id(service, 0).unwrap())).collect()
}

/// A Bundle with a caseload of invented people, and one person of the city whom the social worker can then open.
fn list(platform: &Platform) -> Value {
    let mut bundle = episode(platform, true);
    let known = bundle["entry"][0]["resource"]["id"].as_str().unwrap().to_owned();
    let invented = (1..MEMBERS).map(|number| format!("0-{number:06}"));
    let member = |id: String| json!({ "entity": { "reference": format!("Patient/{id}") } });
    let members: Vec<Value> = invented.chain([known]).map(member).collect();
    let kind = json!({ "system": "https://fhir.leedscarerecord.uk/CodeSystem/care-link", "code": "caseload" });
    bundle["identifier"]["value"] = json!("everybody");
    bundle["entry"][1] = json!({
        "fullUrl": "https://adult-social-care.city.example/Group/everybody",
        "resource": {
            "resourceType": "Group", "id": "everybody", "meta": { "lastUpdated": SystemClock.now().to_string() },
            "type": "person", "actual": true, "active": true, "code": { "coding": [kind] }, "member": members,
        },
    });
    bundle
}
