//! The claim profiles of the known kinds of provider: where each names the organisation and the roles. Pure.

use lcr_model::Role;
use serde_json::Value;

use super::{Candidate, ClaimRules, Claims, texts_of, verified_patient};

/// The names of our own: `org_code` and `role`. The map may translate the role; without a map it is one of ours.
pub(super) fn plain(rules: &ClaimRules<'_>, claims: &Claims) -> (Vec<Candidate>, Option<String>) {
    // A patient's token may have an empty one.
    let named = claims.0.get("org_code").and_then(Value::as_str);
    let org = named.or(rules.organisation);
    let mut names = claims.texts("role");
    if names.is_empty() {
        names.extend(rules.role);
    }
    let to_role = |name: &str| {
        if rules.roles.is_empty() { name.parse::<Role>().ok() } else { rules.roles.get(name).copied() }
    };
    let to_candidate = |name: &str| {
        let role = to_role(name)?;
        Some(Candidate { org: org?.to_owned(), role, role_id: None, title: String::new() })
    };
    let candidates = names.into_iter().filter_map(to_candidate).collect();
    (candidates, org.filter(|org| !org.is_empty()).map(str::to_owned))
}

/// CIS2: each entry of `nhsid_nrbac_roles` is a job role (`R…`) at an organisation. `selected_roleid` is the one that the user
/// chose at the provider.
pub(super) fn cis2(rules: &ClaimRules<'_>, claims: &Claims) -> (Vec<Candidate>, Option<String>) {
    let entries = claims.0.get("nhsid_nrbac_roles").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let selected = claims.text("selected_roleid");
    let text = |entry: &Value, name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
    let is_selected = |entry: &&Value| selected.is_none() || text(entry, "person_roleid").as_deref() == selected;
    let of_owner =
        |entry: &&Value| rules.organisation.is_none() || text(entry, "org_code").as_deref() == rules.organisation;
    let entries: Vec<&Value> = entries.iter().filter(is_selected).collect();
    let to_candidate = |entry: &&Value| {
        let code = text(entry, "role_code")?;
        let job = code.split(':').find(|part| part.starts_with('R'))?;
        let role = rules.roles.get(job).or_else(|| rules.roles.get(&code)).copied()?;
        Some(Candidate {
            org: text(entry, "org_code")?,
            role,
            role_id: text(entry, "person_roleid"),
            title: text(entry, "role_name").map(|name| job_title(&name)).unwrap_or_default(),
        })
    };
    let org = entries.iter().copied().find(of_owner).or(entries.first().copied());
    (entries.iter().filter_map(to_candidate).collect(), org.and_then(|entry| text(entry, "org_code")))
}

/// The last part of a CIS2 role name: `"Clinical":"Medical":"General Medical Practitioner"`.
fn job_title(name: &str) -> String {
    name.rsplit("\":\"").next().unwrap_or(name).trim_matches('"').to_owned()
}

/// Roles at the provider's own organisation, by the map.
pub(super) fn owned(rules: &ClaimRules<'_>, names: Vec<&str>) -> (Vec<Candidate>, Option<String>) {
    let Some(org) = rules.organisation else { return (vec![], None) };
    let to_candidate = |name: &str| {
        let role = rules.roles.get(name).copied()?;
        Some(Candidate { org: org.to_owned(), role, role_id: Some(name.to_owned()), title: String::new() })
    };
    let mut candidates: Vec<Candidate> = names.into_iter().filter_map(to_candidate).collect();
    // Two groups with the same role are one choice.
    candidates.sort_by_key(|candidate| candidate.role);
    candidates.dedup_by_key(|candidate| candidate.role);
    (candidates, Some(org.to_owned()))
}

/// Keycloak's realm roles and groups. A group is a path: `/clinical/gp` is found as `/clinical/gp` and `clinical/gp`.
pub(super) fn keycloak_roles(claims: &Claims) -> Vec<&str> {
    let realm = claims.0.get("realm_access").and_then(|access| access.get("roles"));
    let mut names = realm.map(texts_of).unwrap_or_default();
    for group in claims.texts("groups") {
        names.extend([group, group.trim_start_matches('/')]);
    }
    names
}

/// Entra's stable id of a user is `oid`; `sub` differs for each client. The tenant must be the one of the issuer.
pub(super) fn entra_subject<'c>(issuer: &str, claims: &'c Claims) -> Result<&'c str, &'static str> {
    let tenant = entra_tenant(issuer).ok_or("the issuer names no tenant")?;
    if claims.text("tid") != Some(tenant) {
        return Err("the token is from another tenant");
    }
    claims.text("oid").ok_or("the token names no object id")
}

/// The tenant of an Entra issuer: `https://login.microsoftonline.com/{tenant}/v2.0`.
pub fn entra_tenant(issuer: &str) -> Option<&str> {
    let tenant = issuer.strip_prefix("https://")?.split('/').nth(1)?;
    (!matches!(tenant, "" | "common" | "organizations" | "consumers")).then_some(tenant)
}

/// NHS login signs in patients, and only those with full proof. They belong to no organisation.
pub(super) fn nhs_login(claims: &Claims) -> (Vec<Candidate>, Option<String>) {
    let patient = verified_patient(claims);
    let candidate =
        patient.map(|_| Candidate { org: String::new(), role: Role::Patient, role_id: None, title: String::new() });
    (candidate.into_iter().collect(), None)
}
