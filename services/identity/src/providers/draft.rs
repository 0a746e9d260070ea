//! The rules for a provider that an organisation describes. Pure, but for the list of addresses that may be called. A refusal says
//! what to change.

use lcr_contracts::{
    Failure,
    partners::sign_in::{ClaimProfile, ProviderDraft},
    vocabulary::OrganisationKind,
};
use lcr_model::OdsCode;
use lcr_web::Outbound;

use crate::{
    oidc::{assertion_key, claims::entra_tenant},
    people,
    store::provider::ProviderRow,
    systems::address,
};

const MAX_ROLES: usize = 200;
const MAX_DOMAINS: usize = 20;
const MAX_ACR: usize = 10;
/// The longest client id, role name or `acr`.
const MAX_TEXT: usize = 200;
/// The longest domain name (RFC 1035).
const MAX_DOMAIN: usize = 253;

/// Domains whose owners belong to many organisations.
const SHARED_DOMAINS: [&str; 13] = [
    "nhs.net",
    "nhs.uk",
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "hotmail.co.uk",
    "live.com",
    "live.co.uk",
    "yahoo.com",
    "yahoo.co.uk",
    "icloud.com",
    "proton.me",
];

/// The draft with its texts trimmed, if everything in it can be used by an organisation of this kind.
pub fn checked(draft: ProviderDraft, kind: &OrganisationKind, outbound: &Outbound) -> Result<ProviderDraft, Failure> {
    let draft = trimmed(draft);
    let issuer = address::callable(&draft.issuer, outbound)?;
    if issuer.query().is_some() {
        return Err(Failure::bad_request("An issuer has no query: remove the part from `?`."));
    }
    if !is_text(&draft.client_id) {
        return Err(Failure::bad_request("The client id is 1 to 200 characters, as your provider shows it."));
    }
    check_profile(&draft)?;
    check_roles(&draft, kind)?;
    check_domains(&draft.email_domains)?;
    if draft.acr.len() > MAX_ACR || !draft.acr.iter().all(|acr| is_text(acr) && !acr.contains(' ')) {
        return Err(Failure::bad_request("Name at most 10 `acr` values, each without a space."));
    }
    if draft.algorithm != "EdDSA" && assertion_key::algorithm_named(&draft.algorithm).is_none() {
        let words = "We sign for a provider with EdDSA, ES384, RS256, RS512 or PS256. Choose one that yours accepts.";
        return Err(Failure::bad_request(words));
    }
    Ok(draft)
}

fn trimmed(mut draft: ProviderDraft) -> ProviderDraft {
    for text in [&mut draft.issuer, &mut draft.client_id, &mut draft.algorithm] {
        *text = text.trim().to_owned();
    }
    for domain in &mut draft.email_domains {
        *domain = domain.trim().trim_start_matches('@').to_ascii_lowercase();
    }
    for acr in &mut draft.acr {
        *acr = acr.trim().to_owned();
    }
    draft
}

fn is_text(text: &str) -> bool {
    (1..=MAX_TEXT).contains(&text.len()) && !text.contains(char::is_control)
}

fn check_profile(draft: &ProviderDraft) -> Result<(), Failure> {
    match draft.profile {
        ClaimProfile::NhsLogin => Err(Failure::bad_request(
            "NHS login is for patients. The platform's operators set it up; choose how your staff sign in.",
        )),
        ClaimProfile::EntraId if entra_tenant(&draft.issuer).is_none() => Err(Failure::bad_request(
            "The issuer of Entra ID names your tenant: https://login.microsoftonline.com/ and your tenant id and /v2.0.",
        )),
        _ => Ok(()),
    }
}

fn check_roles(draft: &ProviderDraft, kind: &OrganisationKind) -> Result<(), Failure> {
    if draft.roles.len() > MAX_ROLES || !draft.roles.keys().all(|name| is_text(name)) {
        return Err(Failure::bad_request("Name at most 200 roles or groups, each of 1 to 200 characters."));
    }
    let roles = people::roles_of(kind);
    match draft.roles.values().find(|role| !roles.contains(role)) {
        Some(role) => {
            let words =
                format!("The provider of an organisation of your kind cannot make somebody a {}.", role.words());
            Err(Failure::bad_request(words))
        }
        None => Ok(()),
    }
}

fn check_domains(domains: &[String]) -> Result<(), Failure> {
    if domains.len() > MAX_DOMAINS || !domains.iter().all(|domain| is_domain(domain)) {
        return Err(Failure::bad_request("Name at most 20 e-mail domains, such as hospital.nhs.uk."));
    }
    if domains.iter().any(|domain| SHARED_DOMAINS.contains(&domain.as_str())) {
        let words = "An e-mail domain that many organisations share, such as nhs.net, cannot belong to one of them.";
        return Err(Failure::bad_request(words));
    }
    Ok(())
}

/// Whether the text, in small letters, is a domain name with at least two parts.
pub fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        let is_plain = label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        (1..=63).contains(&label.len()) && is_plain && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= MAX_DOMAIN && text.contains('.') && text.split('.').all(is_label)
}

/// Whether the drafts differ in whom the provider vouches for, as what, and how well proved.
pub fn vouches_differently(before: &ProviderDraft, after: &ProviderDraft) -> bool {
    (&before.client_id, before.profile, &before.roles, &before.acr)
        != (&after.client_id, after.profile, &after.roles, &after.acr)
}

/// Why another organisation's provider stands in the way, if one does.
pub fn taken_by_another(draft: &ProviderDraft, ods: &OdsCode, stored: &[ProviderRow]) -> Option<&'static str> {
    let mut others = stored.iter().filter(|row| row.organisation != *ods);
    if others.clone().any(|row| row.draft.issuer == draft.issuer) {
        return Some("Another organisation signs in with this issuer. Ask the platform's operators if that is wrong.");
    }
    let has_domain = |row: &ProviderRow| row.draft.email_domains.iter().any(|one| draft.email_domains.contains(one));
    others.any(has_domain).then_some(
        "Another organisation has one of these e-mail domains. Ask the platform's operators if that is wrong.",
    )
}

#[cfg(test)]
mod tests {
    use lcr_contracts::FailureKind;
    use lcr_model::Role;
    use lcr_web::EgressRules;
    use serde_json::{Value, json};

    use super::*;

    fn draft(change: Value) -> ProviderDraft {
        let mut value = json!({"issuer": "https://login.example.org/realms/staff", "client_id": "lcr"});
        let Value::Object(change) = change else { panic!("an object") };
        value.as_object_mut().unwrap().extend(change);
        serde_json::from_value(value).unwrap()
    }

    fn check(change: Value) -> Result<ProviderDraft, Failure> {
        checked(draft(change), &OrganisationKind::GpPractice, &Outbound::new(EgressRules::default()).unwrap())
    }

    #[test]
    fn a_usable_draft_is_taken_with_its_texts_trimmed() {
        let taken = check(json!({"client_id": " lcr ", "email_domains": ["@Hospital.NHS.uk "], "acr": ["AAL2 "],
            "algorithm": "PS256", "roles": {"gp-group": "gp"}}))
        .unwrap();
        assert_eq!((taken.client_id.as_str(), taken.acr[0].as_str()), ("lcr", "AAL2"));
        assert_eq!(taken.email_domains, ["hospital.nhs.uk"]);
        assert!(check(json!({"profile": "entra-id", "issuer": "https://login.microsoftonline.com/9a1c/v2.0"})).is_ok());
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_the_reason() {
        for (change, words) in [
            (json!({"issuer": "http://login.example.org"}), "may call"),
            (json!({"issuer": "https://127.0.0.1/"}), "may call"),
            (json!({"issuer": "https://169.254.169.254/"}), "may call"),
            (json!({"issuer": "https://identity.lcr.svc/"}), "may call"),
            (json!({"issuer": "https://login.example.org/?x=1"}), "no query"),
            (json!({"issuer": "not an address"}), "not a URL"),
            (json!({"client_id": " "}), "client id"),
            (json!({"profile": "nhs-login"}), "for patients"),
            (json!({"profile": "entra-id", "issuer": "https://login.microsoftonline.com/common/v2.0"}), "tenant"),
            (json!({"roles": {"admins": "platform-admin"}}), "platform administrator"),
            (json!({"roles": {"people": "patient"}}), "patient"),
            (json!({"roles": {"stewards": "data-steward"}}), "data steward"),
            (json!({"roles": {"buyers": "commissioner"}}), "commissioner"),
            (json!({"roles": {"ward": "ward-nurse"}}), "ward nurse"),
            (json!({"roles": {"": "gp"}}), "200 roles"),
            (json!({"email_domains": ["nhs.net"]}), "many organisations share"),
            (json!({"email_domains": ["hospital"]}), "e-mail domains"),
            (json!({"email_domains": ["a@b.nhs.uk"]}), "e-mail domains"),
            (json!({"acr": ["AAL2 AAL3"]}), "without a space"),
            (json!({"algorithm": "HS256"}), "We sign"),
            (json!({"algorithm": "none"}), "We sign"),
        ] {
            let failure = check(change.clone()).unwrap_err();
            assert_eq!(failure.kind, FailureKind::BadRequest, "{change}");
            assert!(failure.outward().contains(words), "{change}: {}", failure.outward());
        }
    }

    #[test]
    fn sessions_end_only_if_the_provider_vouches_differently() {
        let before = draft(json!({"roles": {"gps": "gp"}, "acr": ["AAL2"]}));
        let same = |change: Value| !vouches_differently(&before, &draft(change));
        assert!(same(json!({"roles": {"gps": "gp"}, "acr": ["AAL2"], "email_domains": ["a.nhs.uk"]})));
        for change in [
            json!({"roles": {}, "acr": ["AAL2"]}),
            json!({"roles": {"gps": "gp"}, "acr": ["AAL3"]}),
            json!({"roles": {"gps": "gp"}, "acr": ["AAL2"], "client_id": "other"}),
            json!({"roles": {"gps": "gp"}, "acr": ["AAL2"], "profile": "keycloak"}),
        ] {
            assert!(!same(change.clone()), "{change}");
        }
    }

    #[test]
    fn an_issuer_and_a_domain_belong_to_one_organisation() {
        let row = |ods: &str, change: Value| ProviderRow {
            draft: draft(change),
            organisation: OdsCode::new(ods),
            checks: vec![],
            version: 1,
            passed_domains: vec![],
        };
        let own = OdsCode::new("Y90001");
        let new = draft(json!({"email_domains": ["a.nhs.uk"]}));
        assert!(taken_by_another(&new, &own, &[row("Y90001", json!({"email_domains": ["a.nhs.uk"]}))]).is_none());
        assert!(taken_by_another(&new, &own, &[row("Y90002", json!({}))]).unwrap().contains("issuer"));
        let other = row("Y90002", json!({"issuer": "https://b.example.org", "email_domains": ["a.nhs.uk"]}));
        assert!(taken_by_another(&new, &own, &[other]).unwrap().contains("domains"));
        assert_eq!(Role::PlatformAdmin.words(), "platform administrator");
    }
}
