//! `/internal`: users are refused. A service needs its own token for the callee and the token of the user it acts for. The
//! gateway must never route to `/internal`, whatever the spelling.

#[path = "internal/paths.rs"]
mod paths;

use lcr_contracts::{
    audit::AccessKind,
    consent::{DecisionRequest, RequestedPerson},
};
use lcr_model::{Dataset, PersonId, ServiceName, ViewId};
use lcr_tests::{Actor, Platform};
use paths::{INTERNAL_PATHS, SERVICE_ONLY_PATHS};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::FREDRICA;

const SERVICE_TOKEN: &str = "lcr-service-token";

fn internal_path(path: &str) -> String {
    format!("/internal/v1/{path}")
}

fn ask(audience: ServiceName, person: &str) -> Value {
    let person = RequestedPerson {
        person: person.parse().unwrap_or(PersonId(uuid::Uuid::nil())),
        index_version: 1,
        identities: vec![],
    };
    json!(DecisionRequest {
        audience,
        view: ViewId::new(),
        what: AccessKind::Record,
        people: vec![person],
        datasets: vec![Dataset::Allergies],
    })
}

async fn post_status(who: &Actor, path: &str, person: &str) -> u16 {
    let body = ask(ServiceName::RecordAggregation, person).to_string();
    who.send(Method::POST, &internal_path(path), Some(("application/json", body.into()))).await.status
}

#[test]
fn every_internal_path_is_in_the_list_and_served_from_one_place() {
    let listed = INTERNAL_PATHS.iter().flat_map(|(_, _, paths)| paths.iter());
    let listed: Vec<String> = listed
        .chain(SERVICE_ONLY_PATHS.iter().flat_map(|(_, paths)| paths.iter()))
        .map(|path| internal_path(path))
        .collect();
    let root = lcr_testkit::root();
    let all = ["services", "libs"].map(|folder| lcr_testkit::data::files(&root.join(folder)).unwrap());
    for file in all.into_iter().flatten() {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let source = file.extension().is_some_and(|end| end == "rs") && !file.to_string_lossy().contains("tests");
        let paths = text.split('"').filter(|one| source && one.starts_with("/internal/v1/"));
        for path in paths.filter(|path| !path.contains('{')) {
            let known = listed.iter().any(|known| known == path);
            assert!(known || file.ends_with("path.rs"), "{path} of {} is not in the list", file.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_refused_at_paths_for_services_without_a_user() {
    let platform = Platform::start_loaded().await;
    let gp = platform.actor("gp").await;
    let token = gp.token.clone().unwrap();
    for (service, paths) in SERVICE_ONLY_PATHS {
        for path in paths {
            let at = |who: Actor| who.at(platform.service_url(service));
            for who in [platform.anonymous(), gp.clone(), gp.clone().with_header(SERVICE_TOKEN, &token)] {
                assert_eq!(post_status(&at(who), path, "").await, 401, "{service} {path}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_service_with_its_own_token_and_its_user_passes_internal() {
    let platform = Platform::start_loaded().await;
    let (gp, keys) = (platform.actor("gp").await, platform.keys());
    let person = gp.find_person(FREDRICA).await;
    let token = gp.token.clone().unwrap();
    let paths =
        INTERNAL_PATHS.iter().flat_map(|(service, caller, paths)| paths.iter().map(|path| (*service, *caller, *path)));
    for (service, caller, path) in paths {
        let at = |who: Actor| who.at(platform.service_url(service));
        let with = |token: &str| gp.clone().with_header(SERVICE_TOKEN, token);
        let (good, elsewhere) = (
            keys.service_token(caller, service),
            keys.service_token(caller, if service == caller { ServiceName::Audit } else { caller }),
        );
        let alone = platform.anonymous().with_header(SERVICE_TOKEN, &good);
        let cases = [
            ("nobody", platform.anonymous()),
            ("a user alone", gp.clone()),
            ("a service without a user", alone.clone()),
            ("a service token of another audience", with(&elsewhere)),
            ("a user token as service token", with(&token)),
            ("a service token as user token", alone.clone().with_token(good.clone())),
            ("an expired user token", with(&good).with_token(keys.issued_seconds_ago(&token, 301))),
            ("a user token that is not valid yet", with(&good).with_token(keys.issued_seconds_ago(&token, -60))),
            ("an altered user token", with(&good).with_token(altered(&token))),
            ("an altered service token", with(&altered(&good))),
        ];
        for (who, actor) in cases {
            assert_eq!(post_status(&at(actor), path, &person).await, 401, "{who} at {service} {path}");
        }
        let status = post_status(&at(with(&good)), path, &person).await;
        assert_ne!(status, 401, "{caller} with its user at {service} {path}");
    }
}

fn altered(token: &str) -> String {
    let (head, signature) = token.rsplit_once('.').unwrap();
    let flipped: String = signature.chars().rev().collect();
    format!("{head}.{flipped}")
}

#[tokio::test(flavor = "multi_thread")]
async fn only_record_aggregation_gets_its_permits_and_resolves_people() {
    let platform = Platform::start_loaded().await;
    let (gp, keys) = (platform.actor("gp").await, platform.keys());
    let person = gp.find_person(FREDRICA).await;
    for caller in ServiceName::ALL {
        let to = |service| {
            let token = keys.service_token(*caller, service);
            gp.clone().with_header(SERVICE_TOKEN, &token).at(platform.service_url(service))
        };
        let permits = to(ServiceName::Consent);
        let answer = permits.post("/internal/v1/permits", &ask(ServiceName::RecordAggregation, &person)).await;
        let expected = if *caller == ServiceName::RecordAggregation { 200 } else { 403 };
        assert_eq!(answer.status, expected, "{caller} asks for a permit of record-aggregation");
        assert_eq!(answer.json()["permit"].is_string(), expected == 200, "{caller}");
        let about = json!({ "about": person, "with": null });
        let resolved = to(ServiceName::PatientIndex).post("/internal/v1/people/resolve", &about).await;
        assert_eq!(resolved.status, expected, "{caller} resolves");
    }
}

/// Spellings of the path to consent's permits. They are sent raw, because HTTP clients would normalise them.
const SPELLINGS: [&str; 16] = [
    "/internal/v1/permits",
    "/api/consent/internal/v1/permits",
    "/api/consent/v1/../internal/v1/permits",
    "/api/consent/v1/%2e%2e/internal/v1/permits",
    "/api/consent/v1/%2E%2E%2Finternal%2Fv1%2Fpermits",
    "/api/consent/v1/..%2finternal/v1/permits",
    "/api/consent/v1//internal/v1/permits",
    "/api/consent//internal/v1/permits",
    "/api/consent/v1/..;/internal/v1/permits",
    "/api/consent/v1/%252e%252e/internal/v1/permits",
    "/api/consent/v1/%69nternal/v1/permits",
    "/api/consent/%69nternal/v1/permits",
    "/api/consent/INTERNAL/v1/permits",
    "/api/consent/v1/\\..\\internal\\v1\\permits",
    "/fhir/R4/../../internal/v1/permits",
    "/auth/../internal/v1/permits",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_routes_internal_in_no_spelling() {
    let platform = Platform::start_loaded().await;
    let (gp, keys) = (platform.actor("gp").await, platform.keys());
    let person = gp.find_person(FREDRICA).await;
    let body = ask(ServiceName::RecordAggregation, &person).to_string();
    let service_token = keys.service_token(ServiceName::RecordAggregation, ServiceName::Consent);
    for path in SPELLINGS {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost:{}\r\nAuthorization: Bearer {}\r\n{SERVICE_TOKEN}: {service_token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            platform.ports.gateway,
            gp.token.as_deref().unwrap(),
            body.len()
        );
        let mut socket = TcpStream::connect(("127.0.0.1", platform.ports.gateway)).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let _ = socket.read_to_string(&mut answer).await;
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(matches!(status, "400" | "404" | "405"), "{path}: {answer}");
        assert!(!answer.contains("\"permit\""), "{path}");
    }
}
