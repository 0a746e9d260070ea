//! Claim profiles: which claims of a verified ID token name the subject, the organisation and the roles. Pure. A role that the
//! provider's map does not name is skipped and must never be guessed.

mod profiles;

use std::collections::BTreeMap;

use jiff::civil::Date;
use lcr_contracts::partners::sign_in::ClaimProfile;
use lcr_model::Role;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use self::profiles::{cis2, entra_subject, keycloak_roles, nhs_login, owned, plain};

pub use self::profiles::entra_tenant;

/// NHS login's highest level of proof (P9). With less, somebody could link themselves to another person's record.
const FULL_PROOF: &str = "P9";

const EMAIL: &str = "email";
const EMAIL_VERIFIED: &str = "email_verified";

/// What is read from `/userinfo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingClaims {
    Nothing,
    /// Only the e-mail address, by which the organisation's directory finds its people. Without it the sign-in goes on.
    Email,
    /// What the profile cannot do without.
    All,
}

/// How one provider's claims are read.
#[derive(Debug, Clone, Copy)]
pub struct ClaimRules<'a> {
    pub issuer: &'a str,
    pub profile: ClaimProfile,
    /// Our role for each role or group of the provider.
    pub roles: &'a BTreeMap<String, Role>,
    /// The organisation of users whose token names none: the owner's, or that of a trial.
    pub organisation: Option<&'a str>,
    /// Only for trials: the role of users whose token names none.
    pub role: Option<&'a str>,
    /// Whether the platform's operators keep the provider, and so know what its users may change about themselves.
    pub is_kept_by_operators: bool,
}

/// What a user may sign in as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub org: String,
    pub role: Role,
    /// The provider's own id of this role, such as CIS2's `person_roleid`.
    #[serde(default)]
    pub role_id: Option<String>,
    /// The provider's own name of this role.
    #[serde(default)]
    pub title: String,
}

/// Who a token is about, as its profile reads it.
#[expect(clippy::struct_field_names, reason = "`subject` is the name of the claim")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub subject: String,
    pub name: String,
    /// The name they sign in with, often an e-mail address.
    pub user_name: Option<String>,
    pub sid: Option<String>,
    pub acr: Option<String>,
    pub candidates: Vec<Candidate>,
    /// Their organisation, also if no role of theirs is known.
    pub org: Option<String>,
}

/// The verified identity of a patient: enough for patient-index to link the sign-in to a person.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedPatient {
    pub nhs_number: String,
    pub birth_date: Date,
    pub family: String,
    pub given: String,
}

impl std::fmt::Debug for VerifiedPatient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VerifiedPatient(…)")
    }
}

/// The claims of a verified token. They have no `Debug`, because they may name a patient.
#[derive(Clone)]
pub struct Claims(Map<String, Value>);

impl Claims {
    pub fn new(value: Value) -> Option<Self> {
        if let Value::Object(claims) = value { Some(Self(claims)) } else { None }
    }

    /// The text of a claim, if it is a text and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The texts of a claim that is one text or a list.
    fn texts(&self, name: &str) -> Vec<&str> {
        self.0.get(name).map(texts_of).unwrap_or_default()
    }

    /// Adds the claims of `/userinfo`, which must be about the same subject. A claim of the ID token stays as it is, and the check of
    /// its e-mail address is never taken from here.
    pub fn add_user_info(&mut self, answer: Value) -> Result<(), &'static str> {
        self.add_email(&answer)?;
        if let Value::Object(answer) = answer {
            for (name, value) in
                answer.into_iter().filter(|(name, _)| ![EMAIL, EMAIL_VERIFIED].contains(&name.as_str()))
            {
                self.0.entry(name).or_insert(value);
            }
        }
        Ok(())
    }

    /// Adds the e-mail address of `/userinfo`, which must be about the same subject, and whether the provider has verified it. Both
    /// are of one answer, so that the check of one address never counts for another. One of the ID token stays as it is.
    pub fn add_email(&mut self, answer: &Value) -> Result<(), &'static str> {
        let answer = answer.as_object().ok_or("the user info is not an object")?;
        if answer.get("sub").and_then(Value::as_str) != self.text("sub") {
            return Err("the user info is about another subject");
        }
        if self.text(EMAIL).is_some() {
            return Ok(());
        }
        for name in [EMAIL, EMAIL_VERIFIED] {
            match answer.get(name) {
                Some(value) => self.0.insert(name.to_owned(), value.clone()),
                None => self.0.remove(name),
            };
        }
        Ok(())
    }

    /// The claims of the profile that are not in the ID token, and that `/userinfo` may have.
    pub fn missing(&self, profile: ClaimProfile) -> MissingClaims {
        let email = || if self.text(EMAIL).is_some() { MissingClaims::Nothing } else { MissingClaims::Email };
        match profile {
            ClaimProfile::NhsLogin => MissingClaims::All,
            ClaimProfile::Cis2 if !self.0.contains_key("nhsid_nrbac_roles") => MissingClaims::All,
            ClaimProfile::Cis2 | ClaimProfile::Plain | ClaimProfile::Keycloak => email(),
            // The name that somebody signs in with is `upn`, which is in the ID token alone.
            ClaimProfile::EntraId => MissingClaims::Nothing,
        }
    }
}

fn texts_of(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text.as_str()],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    }
}

/// Reads the claims of a verified token.
pub fn read(rules: &ClaimRules<'_>, claims: &Claims) -> Result<Subject, &'static str> {
    let subject = match rules.profile {
        ClaimProfile::EntraId => entra_subject(rules.issuer, claims)?,
        _ => claims.text("sub").ok_or("the token names no subject")?,
    };
    let (candidates, org) = match rules.profile {
        ClaimProfile::Plain => plain(rules, claims),
        ClaimProfile::Cis2 => cis2(rules, claims),
        ClaimProfile::EntraId => owned(rules, [claims.texts("roles"), claims.texts("groups")].concat()),
        ClaimProfile::Keycloak => owned(rules, keycloak_roles(claims)),
        ClaimProfile::NhsLogin => nhs_login(claims),
    };
    Ok(Subject {
        subject: subject.to_owned(),
        name: display_name(claims),
        user_name: user_name(rules, claims).map(str::to_owned),
        sid: claims.text("sid").map(str::to_owned),
        acr: claims.text("acr").map(str::to_owned),
        candidates: without_repeats(candidates),
        org,
    })
}

/// The data of a patient with full proof. `None` if the proof or a part is missing.
pub fn verified_patient(claims: &Claims) -> Option<VerifiedPatient> {
    if claims.text("identity_proofing_level") != Some(FULL_PROOF) {
        return None;
    }
    Some(VerifiedPatient {
        nhs_number: claims.text("nhs_number")?.to_owned(),
        birth_date: claims.text("birthdate")?.parse().ok()?,
        family: claims.text("family_name")?.to_owned(),
        given: claims.text("given_name")?.to_owned(),
    })
}

/// The text under which a user signs in, for finding a person whom an administrator added. A text that the user can set alone, such as an e-mail address that the provider has not verified,
/// must not find somebody else's entry.
fn user_name<'c>(rules: &ClaimRules<'_>, claims: &'c Claims) -> Option<&'c str> {
    if rules.profile == ClaimProfile::EntraId {
        // `preferred_username` and `email` can be changed, and are no proof of who somebody is.
        return claims.text("upn");
    }
    let is_verified = claims.0.get(EMAIL_VERIFIED).and_then(Value::as_bool) == Some(true);
    let chosen_counts = rules.profile == ClaimProfile::Plain && rules.is_kept_by_operators;
    let chosen = || claims.text("preferred_username").filter(|_| chosen_counts);
    // One name alone: beside a verified address, a chosen name could be somebody else's.
    claims.text(EMAIL).filter(|_| is_verified).or_else(chosen)
}

fn display_name(claims: &Claims) -> String {
    let full = claims.text("name").or_else(|| claims.text("display_name")).map(str::to_owned);
    let parts = || Some(format!("{} {}", claims.text("given_name")?, claims.text("family_name")?));
    full.or_else(parts).unwrap_or_else(|| "Name not given".to_owned())
}

/// Several groups may mean the same role; the user chooses between different ones only.
fn without_repeats(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        let is_same = |one: &Candidate| {
            (&one.org, one.role, &one.role_id) == (&candidate.org, candidate.role, &candidate.role_id)
        };
        if !kept.iter().any(is_same) {
            kept.push(candidate);
        }
    }
    kept
}

#[cfg(test)]
#[path = "claims_tests.rs"]
mod tests;
