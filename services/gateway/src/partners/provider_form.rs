//! The form of a sign-in provider: issuer, client id, claims, roles, domains.

use std::collections::BTreeMap;

use lcr_contracts::partners::sign_in::{ClaimProfile, ProviderDraft};
use lcr_model::Role;

use crate::forms::{form::Form, form_input::Values};

const PROFILES: [(ClaimProfile, &str, &str); 5] = [
    (ClaimProfile::EntraId, "entra-id", "Microsoft Entra ID"),
    (ClaimProfile::Cis2, "cis2", "NHS CIS2"),
    (ClaimProfile::Keycloak, "keycloak", "Keycloak"),
    (ClaimProfile::NhsLogin, "nhs-login", "NHS login (patients)"),
    (ClaimProfile::Plain, "plain", "Another, with the claims org_code and role"),
];
const ALGORITHMS: [&str; 5] = ["EdDSA", "ES384", "RS256", "RS512", "PS256"];

/// `draft` is `None` for a new provider, whose issuer is typed.
pub(crate) fn provider_fields(form: Form, draft: Option<&ProviderDraft>) -> Form {
    let text = |of: fn(&ProviderDraft) -> String| draft.map(of).unwrap_or_default();
    let form = match draft {
        Some(_) => form,
        None => form.line("issuer", "Issuer", "Such as https://login.microsoftonline.com/…/v2.0.", ""),
    };
    let profile = draft.map_or("entra-id", |one| profile_name(one.profile));
    // Patients sign in at NHS login, and no partner's staff does.
    let offered = PROFILES.iter().filter(|(one, name, _)| *one != ClaimProfile::NhsLogin || *name == profile);
    let profiles = offered.map(|(_, name, words)| ((*name).to_owned(), (*words).to_owned())).collect();
    let algorithm = draft.map_or("PS256", |one| one.algorithm.as_str());
    form.line("client_id", "Client id", "As you registered us at the provider.", text(|one| one.client_id.clone()))
        .select("profile", "Which provider it is", profiles, profile)
        .select("algorithm", "How we sign to it", algorithms(), algorithm)
        .long(
            "roles",
            "Roles",
            "One a line: the role or group of the provider, an equals sign, our role. Such as: LCR-Nurses = \
                ward-nurse. Our roles are named below.",
            text(|one| {
                one.roles.iter().map(|(theirs, ours)| format!("{theirs} = {ours}")).collect::<Vec<_>>().join("\n")
            }),
        )
        .long(
            "email_domains",
            "E-mail domains of your staff",
            "One a line, such as example.nhs.uk.",
            text(|one| one.email_domains.join("\n")),
        )
        .long(
            "acr",
            "Required strength of sign-in (acr, not required)",
            "One value a line. Empty: any.",
            text(|one| one.acr.join("\n")),
        )
        .reason("Why you change this (not required)")
}

fn algorithms() -> Vec<(String, String)> {
    let words = |name: &str| match name {
        "PS256" => "PS256, with a certificate (Entra ID)".to_owned(),
        other => other.to_owned(),
    };
    ALGORITHMS.map(|name| (name.to_owned(), words(name))).to_vec()
}

fn profile_name(profile: ClaimProfile) -> &'static str {
    PROFILES.iter().find(|(one, _, _)| *one == profile).map_or("plain", |(_, name, _)| *name)
}

pub(crate) fn profile_words(profile: ClaimProfile) -> &'static str {
    PROFILES.iter().find(|(one, _, _)| *one == profile).map_or("another", |(_, _, words)| *words)
}

/// # Errors
/// What is wrong, without what was typed.
pub(crate) fn read_provider(values: &Values, issuer: Option<String>) -> Result<ProviderDraft, String> {
    let profile = PROFILES.iter().find(|(_, name, _)| *name == values.text("profile"));
    Ok(ProviderDraft {
        issuer: issuer.or_else(|| values.optional("issuer")).ok_or_else(|| "Enter the issuer.".to_owned())?,
        client_id: values.optional("client_id").ok_or_else(|| "Enter the client id.".to_owned())?,
        profile: profile.map(|(profile, _, _)| *profile).ok_or_else(|| "Choose which provider it is.".to_owned())?,
        roles: read_roles(values)?,
        email_domains: values.lines("email_domains"),
        acr: values.lines("acr"),
        algorithm: values.optional("algorithm").ok_or_else(|| "Choose how we sign to it.".to_owned())?,
    })
}

fn read_roles(values: &Values) -> Result<BTreeMap<String, Role>, String> {
    let pairs = values.pairs("roles", '=', "the roles")?;
    pairs.into_iter().enumerate().map(|(at, pair)| read_role(at, pair)).collect()
}

fn read_role(at: usize, (theirs, ours): (String, String)) -> Result<(String, Role), String> {
    let problem = |_| format!("Line {} of the roles does not end with a role of ours.", at + 1);
    ours.parse::<Role>().map(|ours| (theirs, ours)).map_err(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_read_line_by_line_and_a_wrong_one_is_named_by_its_number() {
        let read = |roles: &str| {
            let json = serde_json::json!({ "issuer": "https://id.test", "client_id": "lcr", "profile": "entra-id", "algorithm": "PS256", "roles": roles });
            read_provider(&serde_json::from_value(json).unwrap(), None)
        };
        let draft = read("Nurses = ward-nurse\nDoctors = gp").unwrap();
        assert_eq!(draft.roles["Nurses"], Role::WardNurse);
        assert_eq!(draft.profile, ClaimProfile::EntraId);
        assert_eq!(read("Nurses = matron").unwrap_err(), "Line 1 of the roles does not end with a role of ours.");
    }
}
