//! Each rule for the claims of a launch token refuses what it is for.

#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};

use super::*;

const ORIGIN: &str = "https://record.example.nhs.uk";
const NOW: i64 = 1_800_000_000;

fn client() -> Client {
    Client {
        id: "practice-system".into(),
        name: "A practice's system".into(),
        org: "Y90001".into(),
        role: "fhir-client".into(),
        scope: "fhir.read".into(),
        jwks: String::new(),
        launch_roles: "gp receptionist privacy-officer patient".into(),
        frame_ancestors: "https://emis.example.nhs.uk".into(),
        jwks_url: String::new(),
        per_minute: 0,
        requests_per_minute: None,
        suspended: false,
        suspended_by_platform: false,
        removed: false,
        kept_by: "seed".into(),
        last_used_at: None,
    }
}

fn claims() -> Value {
    json!({
        "iss": "practice-system", "sub": "practice-system", "aud": format!("{ORIGIN}/launch"),
        "iat": NOW - 10, "exp": NOW + 50, "jti": "once",
        "user": { "id": "u1", "name": "Dr Aisha Khan", "role": "gp" }, "org": "Y90001",
        "patient": { "nhs_number": "943 476 5919", "birth_date": "1945-07-14" },
    })
}

/// The result for the claims with one of them replaced; `at` is its path.
fn check_with(at: &str, value: Value) -> Result<VerifiedLaunch, &'static str> {
    let mut claims = claims();
    if !at.is_empty() {
        *claims.pointer_mut(at).unwrap() = value;
    }
    check_claims(claims, &client())
}

fn check_claims(claims: Value, client: &Client) -> Result<VerifiedLaunch, &'static str> {
    check(serde_json::from_value(claims).unwrap(), client, ORIGIN, Timestamp::from_second(NOW).unwrap())
}

#[test]
fn a_valid_launch_names_its_user_and_its_patient() {
    let launch = check_with("", Value::Null).ok().unwrap();
    assert_eq!((launch.user.as_str(), launch.role), ("u1", Role::Gp));
    assert_eq!((launch.nhs_number.as_str(), launch.birth_date.to_string().as_str()), ("9434765919", "1945-07-14"));
    assert_eq!((launch.issued.as_second(), launch.expires, launch.embed), (NOW - 10, NOW + 50, false));
}

#[test]
fn each_wrong_claim_is_refused() {
    for (at, value, reason) in [
        ("/iss", json!("another"), "another client"),
        ("/sub", json!("another"), "another client"),
        ("/aud", json!(format!("{ORIGIN}/oauth2/token")), "audience"),
        ("/aud", json!(["https://elsewhere.example/launch"]), "audience"),
        ("/iat", json!(NOW - 11), "not a life of 1 to 60 seconds"),
        ("/exp", json!(NOW - 10), "not a life of 1 to 60 seconds"),
        ("/exp", json!(NOW), "expired"),
        ("/iat", json!(NOW + 6), "issued in the future"),
        ("/org", json!("Z9H01"), "another organisation"),
        ("/user/role", json!("king"), "unknown role"),
        ("/user/role", json!("consultant"), "a role that the client may not vouch for"),
        ("/user/id", json!(" "), "a user or token without a name"),
        ("/user/name", json!("a\nb"), "a user or token without a name"),
        ("/jti", json!(""), "a user or token without a name"),
        ("/patient/nhs_number", json!("9434765918"), "not an NHS number"),
        ("/patient/birth_date", json!("14 July"), "not a birth date"),
    ] {
        assert_eq!(check_with(at, value.clone()).err(), Some(reason), "{at} {value}");
    }
}

#[test]
fn no_client_vouches_for_an_officer_an_administrator_a_machine_or_a_patient() {
    let every_role: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    let client = Client { launch_roles: every_role.join(" "), ..client() };
    let launched = Role::ALL.iter().filter(|role| {
        let mut claims = claims();
        claims["user"]["role"] = json!(role.as_str());
        check_claims(claims, &client).is_ok()
    });
    let launched: Vec<&str> = launched.map(|role| role.as_str()).collect();
    assert_eq!(
        launched,
        [
            "gp",
            "consultant",
            "ed-clinician",
            "ward-nurse",
            "community-nurse",
            "social-worker",
            "childrens-social-worker",
            "mental-health",
            "pharmacist",
            "paramedic",
            "out-of-hours-gp",
            "care-home",
        ]
    );
}

#[test]
fn only_a_client_with_origins_may_frame() {
    let mut framed = claims();
    framed["embed"] = json!(true);
    assert!(check_claims(framed.clone(), &client()).is_ok_and(|launch| launch.embed));
    let without = Client { frame_ancestors: String::new(), ..client() };
    assert_eq!(check_claims(framed, &without).err(), Some("the client may not frame"));
}
