//! The access table: each documented call, the FHIR reads and the portal's pages, by every persona, about four people.
//! The agreed table is `tests/golden/access.txt`; a documented call that is missing here is a failure.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "access/paths.rs"]
mod paths;
#[path = "access/subjects.rs"]
mod subjects;
#[path = "access/table.rs"]
mod table;

use std::collections::BTreeSet;

use lcr_model::ServiceName;
use lcr_tests::{Actor, Answer, Browser, Platform};
use paths::{CALLS, FHIR, PAGES, partner_body};
use reqwest::Method;
use serde_json::json;
use subjects::{Subject, subjects};
use table::{cell, describe_granted, heading, write_rows};

async fn send_call(actor: &Actor, (service, method, path): (&str, &str, &str), subject: &Subject) -> Answer {
    let target = format!("/api/{service}{}", subject.fill(path));
    let number = json!({ "nhs_number": subject.1 });
    match (method, path) {
        (_, "/v1/people") => actor.get(&format!("{target}?nhs_number={}", subject.1)).await,
        (_, "/v1/inpatients" | "/v1/discharges" | "/v1/delays") => {
            actor.get(&format!("{target}?practice=Y90001")).await
        }
        (_, "/v1/leaves") => actor.get(&format!("{target}?first=0&limit=1")).await,
        ("get", _) => actor.get(&target).await,
        ("delete", _) if service == "identity" => {
            let body = json!({ "reason": "asked" }).to_string();
            actor.send(Method::DELETE, &target, Some(("application/json", body.into()))).await
        }
        ("delete", _) => actor.delete(&target).await,
        ("put", _) => {
            let body = partner_body(path).unwrap_or_default().to_string();
            actor.send(Method::PUT, &target, Some(("application/json", body.into()))).await
        }
        ("post", _) if service == "identity" => actor.post(&target, &partner_body(path).unwrap_or(json!({}))).await,
        (_, "/v1/decisions") => actor.post(&target, &json!({ "person": subject.2 })).await,
        // This direction changes no other row of the table, and the next call withdraws it.
        (_, "/v1/people/{id}/opt-out") => {
            actor.post(&target, &json!({ "direction": "into", "organisation": "Z9K01" })).await
        }
        (_, "/v1/reviews/{id}") => actor.post(&target, &json!({ "decision": "separate", "reason": "heard" })).await,
        // A reason that nobody offers: a claim would open the record in the rest of the table.
        (_, "/v1/people/{id}/relationships") => {
            actor.post(&target, &json!({ "reason": "none", "permission": "given" })).await
        }
        (_, "/v1/people/{id}/overrides") => {
            actor.post(&target, &json!({ "reason": "life-threatening", "text": "unconscious after a fall" })).await
        }
        (_, "/v1/claims/{claim}/review") => {
            actor.post(&target, &json!({ "outcome": "justified", "text": "heard" })).await
        }
        ("post", "/v1/incidents") => {
            let period = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
            let new = json!({ "title": "heard", "person": subject.2, "from": period.0, "until": period.1 });
            actor.post(&target, &new).await
        }
        (_, path) if path.ends_with("/shares") => actor.post(&target, &json!({ "organisation": "Z9K01" })).await,
        (_, path) if path.ends_with("/withdraw") => actor.post(&target, &json!({ "reason": "asked" })).await,
        (_, path) if path.ends_with("/review") => {
            actor.post(&target, &json!({ "uphold": true, "reason": "heard" })).await
        }
        (_, _) => actor.post(&target, &number).await,
    }
}

fn is_about_a_person(path: &str) -> bool {
    path.contains("{id}")
        || path.contains("{number}")
        || path == "/v1/decisions"
        || (path.starts_with("/v1/people") && !path.ends_with("/own"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_call_is_in_the_table() {
    let platform = Platform::start(lcr_tests::Options { city: false, ..Default::default() }).await;
    let mut documented = BTreeSet::new();
    for service in ServiceName::ALL.iter().filter(|one| CALLS.iter().any(|(name, ..)| *name == one.as_str())) {
        let document = platform.anonymous().at(platform.service_url(*service)).get("/openapi.json").await.json();
        for (path, methods) in document["paths"].as_object().unwrap() {
            let methods = methods.as_object().unwrap().keys();
            documented.extend(methods.map(|method| (service.to_string(), method.clone(), path.clone())));
        }
    }
    // The documents call the id of a message, claim or incident by the same name as a person's.
    let as_documented = |path: &str| {
        path.replace("{message}", "{id}").replace("claims/{claim}", "claims/{id}").replace("{incident}", "{id}")
    };
    let listed: BTreeSet<_> =
        CALLS.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), as_documented(c))).collect();
    assert_eq!(documented, listed);
}

#[tokio::test(flavor = "multi_thread")]
async fn access_matches_the_agreed_table() {
    let platform = Platform::start_loaded().await;
    platform.send_care().await;
    let subjects = subjects(&platform).await;
    let (mut actors, mut browsers): (Vec<Actor>, Vec<(&str, Browser)>) = (vec![platform.anonymous()], vec![]);
    for persona in lcr_demo_idp::personas() {
        actors.push(platform.actor(persona.name).await);
        if persona.kind != "client" {
            browsers.push((persona.name, platform.browser(persona.name).await));
        }
    }
    let mut text = String::from(
        "Every call and page by every persona of the demo city: what each is answered. Written by tests/tests/access.rs.\n",
    );
    for call in CALLS {
        let selected = if is_about_a_person(call.2) { &subjects[..] } else { &subjects[..1] };
        for subject in selected {
            let mut cells = vec![];
            for actor in &actors {
                let outcome = if call.2 == "/v1/stream" {
                    actor.status_of(&format!("/api/{}{}?practice=Y90001", call.0, call.2)).await.to_string()
                } else {
                    cell(call.2, &send_call(actor, call, subject).await)
                };
                cells.push((actor.name.clone(), outcome));
            }
            write_rows(
                &mut text,
                &heading(&format!("{} /api/{}{}", call.1.to_uppercase(), call.0, call.2), selected, subject),
                &cells,
            );
        }
    }
    for path in FHIR {
        let selected = if is_about_a_person(path) { &subjects[..] } else { &subjects[..1] };
        for subject in selected {
            let mut cells = vec![];
            for actor in &actors {
                cells.push((actor.name.clone(), cell(path, &actor.get(&subject.fill(path)).await)));
            }
            write_rows(&mut text, &heading(&format!("GET {path}"), selected, subject), &cells);
        }
    }
    for page in PAGES {
        let selected = if is_about_a_person(page) { &subjects[..] } else { &subjects[..1] };
        for subject in selected {
            let anonymous = platform.anonymous().get(&subject.fill(page)).await;
            let mut cells = vec![("anonymous".to_owned(), anonymous.status.to_string())];
            for (name, browser) in &browsers {
                cells.push(((*name).to_owned(), browser.get(&subject.fill(page)).await.status.to_string()));
            }
            write_rows(&mut text, &heading(&format!("page {page}"), selected, subject), &cells);
        }
    }
    text.push_str(&describe_granted(&actors, &subjects).await);
    lcr_testkit::golden::compare("access.txt", &text).unwrap();
}
