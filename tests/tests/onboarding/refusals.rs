//! What an organisation that joins may not do: each refusal is a problem document, and nothing is half-made.

use bytes::Bytes;
use lcr_tests::{PartnerSource, Platform, SourceBehaviour};
use lcr_web::{EgressRules, Outbound};
use reqwest::{Method, Url};
use serde_json::json;

use super::{EFFECT, FREDRICA, MEDICINE, assert_done, assert_problem, joining::Joining, put};

const NOT_CALLED: &str = "This is not an address we may call";

/// An organisation that has registered and set its schedule.
async fn registered(platform: &Platform) -> Joining<'_> {
    let joining = Joining::new(platform).await;
    assert_done(&joining.register().await);
    assert_done(&joining.set_schedule().await);
    joining
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ods_code_that_fails_its_pattern_registers_nothing() {
    let platform = Platform::start_loaded().await;
    let joining = Joining::new(&platform).await;
    for wrong in ["", "Z9", "Z9-01", "Z9X01Z9X01Z9X", "Z9 X01", "Z9\u{d8}01"] {
        assert_problem(&joining.register_as(wrong).await, 400, "ODS code");
    }
    assert_problem(&joining.register_as("Z9H99").await, 403, "Only an administrator whose own sign-in");
    assert_eq!(joining.admin.get(&joining.path("/file")).await.status, 404);
    let register = platform.anonymous().get("/api/identity/v1/sharing-register").await.text();
    assert!(!register.contains("Kirkgate Hospice"), "{register}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agreement_is_signed_once_for_each_duty_and_only_as_it_was_read() {
    let platform = Platform::start_loaded().await;
    let joining = registered(&platform).await;
    let signatories = joining.appoint_all().await;
    let (duty, siro) = &signatories[0];
    assert_problem(&joining.sign_hash(siro, duty, &"0".repeat(64)).await, 409, "The text has changed");
    assert_done(&joining.sign(siro, duty).await);
    let once = joining.file().await;
    assert_problem(&joining.sign(siro, duty).await, 409, "signed already");
    assert_problem(&joining.sign(siro, "caldicott-guardian").await, 403, "Only the person who is appointed");
    let twice = joining.file().await;
    assert_eq!(twice["agreement"], once["agreement"]);
    assert_eq!(twice["history"], once["history"], "a refusal leaves no entry");
}

/// Loopback is allowed in the demonstration alone, where the city's own sources are. `systems/address.rs` of identity tests it
/// without the demonstration.
#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_in_a_private_network_or_inside_the_platform_makes_no_system() {
    let platform = Platform::start_loaded().await;
    let joining = registered(&platform).await;
    let before = joining.file().await;
    for address in [
        "http://169.254.169.254/latest",
        "https://169.254.169.254/latest",
        "https://10.0.0.1/R4",
        "https://[fd00::1]/R4",
        "https://[::ffff:10.0.0.1]/R4",
        "https://consent.lcr.svc.cluster.local/R4",
        "https://identity:8443/R4",
        "https://metadata.internal/R4",
        "http://fhir.example.nhs.uk/R4",
    ] {
        assert_problem(&joining.put_system(address).await, 400, NOT_CALLED);
    }
    assert_problem(&joining.put_system("https://user:secret@fhir.example.nhs.uk/R4").await, 400, "no user name");
    let source = start_source(&platform, SourceBehaviour::Protected).await;
    assert_done(&joining.put_system(&source.base_url()).await);
    let mut credentials = source.credentials();
    credentials["token_url"] = json!("https://10.0.0.1/token");
    assert_problem(&joining.set_credentials(&credentials).await, 400, NOT_CALLED);
    let after = joining.file().await;
    assert_eq!(before["systems"], json!([]));
    assert_eq!(after["systems"][0]["credentials"], json!(null));
}

async fn start_source(platform: &Platform, behaviour: SourceBehaviour) -> PartnerSource {
    PartnerSource::start(&platform.city().cast().fredrica_smith, MEDICINE, behaviour).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_redirects_refuses_us_or_speaks_another_version_is_named_and_does_not_go_live() {
    let platform = Platform::start_loaded().await;
    let joining = registered(&platform).await;
    for (duty, signatory) in joining.appoint_all().await {
        assert_done(&joining.sign(&signatory, duty).await);
    }
    for (behaviour, failed) in [
        (SourceBehaviour::RedirectsTo("http://169.254.169.254/latest"), "capability"),
        (SourceBehaviour::RedirectsTo("http://127.0.0.1:1/R4/metadata"), "capability"),
        (SourceBehaviour::RefusesEverybody, "authentication"),
        (SourceBehaviour::OldVersion, "capability"),
    ] {
        let is_protected = behaviour == SourceBehaviour::OldVersion;
        let source = start_source(&platform, behaviour).await;
        assert_done(&joining.put_system(&source.base_url()).await);
        if is_protected {
            assert_done(&joining.set_credentials(&source.credentials()).await);
        }
        assert_eq!(joining.failed_checks().await, [failed]);
        assert_problem(&joining.go_live().await, 409, "passes its check first");
    }
    assert_eq!(joining.file().await["organisation"]["state"], "connecting");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_organisations_administrator_reads_and_changes_nothing() {
    let platform = Platform::start_loaded().await;
    let joining = registered(&platform).await;
    let before = joining.file().await;
    let stranger = platform.actor("org-admin").await;
    for path in ["/file", "/agreements", "/users", "/sessions", "/adoption", "/clients", "/providers", "/notices"] {
        assert_eq!(stranger.get(&joining.path(path)).await.status, 404, "{path}");
    }
    let details = json!({ "details": Joining::details() });
    assert_problem(&put(&stranger, &joining.path("/details"), &details).await, 403, "Only an administrator");
    let suspension = json!({ "to": "suspended", "reason": "Nobody asked us" });
    assert_problem(&put(&stranger, &joining.path("/state"), &suspension).await, 403, "Only an administrator");
    let person = json!({ "person": { "user_name": "stranger", "name": "Stranger", "roles": ["org-admin"] } });
    assert_problem(&put(&stranger, &joining.path("/users"), &person).await, 403, "its own people");
    let token = stranger.post(&joining.path("/scim-token"), &json!({})).await;
    assert_problem(&token, 403, "its own people");
    assert_eq!(joining.file().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_scim_is_refused_in_the_standards_own_form_and_adds_nobody() {
    let platform = Platform::start_loaded().await;
    let joining = registered(&platform).await;
    let receipt = joining.admin.post(&joining.path("/scim-token"), &json!({})).await;
    assert_done(&receipt);
    let token = receipt.json()["result"]["secret"].as_str().unwrap().to_owned();
    let client = platform.anonymous().with_token(token);
    for (body, kind) in [
        ("{", "invalidSyntax"),
        ("[]", "invalidSyntax"),
        (r#"{ "userName": 7 }"#, "invalidValue"),
        (r#"{ "userName": "" }"#, "invalidValue"),
        (r#"{ "userName": "sam", "active": "perhaps" }"#, "invalidValue"),
        (r#"{ "userName": "sam", "roles": [{ "value": "platform-admin" }] }"#, "invalidValue"),
    ] {
        let body = Some(("application/scim+json", Bytes::from(body)));
        let answer = client.send(Method::POST, "/scim/v2/Users", body).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert_eq!(answer.json()["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        assert_eq!(answer.json()["scimType"], kind, "{}", answer.text());
    }
    let listed = client.get("/scim/v2/Users").await;
    assert_eq!(listed.json()["totalResults"], 0, "{}", listed.text());
    let stranger = platform.anonymous().with_token("lcr-scim-0000").get("/scim/v2/Users").await;
    assert_eq!(stranger.status, 401, "{}", stranger.text());
}

/// A name is checked when it resolves, so that a changed DNS entry leads nowhere either (S-13).
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_resolves_to_this_machine_is_never_connected_to() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = format!("https://localhost:{}/R4/metadata", listener.local_addr().unwrap().port());
    let outbound = Outbound::new(EgressRules::default()).unwrap();
    let answer = outbound.send(Outbound::get(Url::parse(&address).unwrap(), EFFECT)).await;
    assert!(answer.is_err(), "it was called");
    assert!(listener.accept().is_err(), "nobody connected");
}

/// Nobody of an organisation that has not joined opens a record, whatever the patient's own practice shares.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_of_an_organisation_that_is_not_live_opens_a_record() {
    let platform = Platform::start_loaded().await;
    let joining = registered(&platform).await;
    let person = platform.actor("gp").await.find_person(FREDRICA).await;
    let nurse = platform.actor("joining-nurse").await;
    for reader in [&joining.admin, &nurse] {
        let refused = reader.record(&person).await;
        assert_eq!(refused.status, 403, "{}: {}", reader.name, refused.text());
    }
    let claim = json!({ "reason": "person-contacted-us", "permission": "given" });
    let claimed = nurse.post(&format!("/api/consent/v1/people/{person}/relationships"), &claim).await;
    let refused = nurse.record(&person).await;
    assert_eq!(refused.status, 403, "a claim opens nothing either: {} {}", claimed.text(), refused.text());
}
