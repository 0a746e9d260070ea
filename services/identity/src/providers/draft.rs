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
#[path = "draft_tests.rs"]
mod tests;
