//! What a provider may vouch for, and whom it signs in. A provider of an organisation must never vouch for another organisation,
//! for patients or for the platform's administrators.

use lcr_contracts::partners::sign_in::ClaimProfile;
use lcr_model::OdsCode;

use super::{
    claims::{Candidate, ClaimRules},
    provider::Provider,
};
use crate::domain;

impl Provider {
    /// How its claims are read.
    pub fn claim_rules(&self) -> ClaimRules<'_> {
        let owner = self.owner().map(OdsCode::as_str);
        ClaimRules {
            issuer: self.issuer(),
            profile: self.settings().profile,
            roles: &self.settings().roles,
            organisation: owner.or(self.settings().organisation.as_deref()).or_else(|| self.only_organisation()),
            role: self.settings().role.as_deref(),
            is_kept_by_operators: self.owner().is_none(),
        }
    }

    /// The one organisation of a provider whose tokens never name one.
    fn only_organisation(&self) -> Option<&str> {
        let is_owned = matches!(self.settings().profile, ClaimProfile::EntraId | ClaimProfile::Keycloak);
        match self.settings().organisations.as_slice() {
            [one] if is_owned => Some(one),
            _ => None,
        }
    }

    /// Whether a token's `acr` is one of those that the settings need, and the one that this sign-in needs.
    pub fn is_assured(&self, needed: Option<&str>, acr: Option<&str>) -> bool {
        let by_settings =
            self.settings().acr.is_empty() || acr.is_some_and(|acr| self.acr().iter().any(|one| one == acr));
        by_settings && needed.is_none_or(|needed| acr == Some(needed))
    }

    /// Whether it may sign in somebody in this role at this organisation. The kind of the organisation limits the roles further:
    /// `session_rules.rs` holds to that in the write that begins the session.
    pub fn may_vouch_for(&self, candidate: &Candidate) -> bool {
        if self.owner().is_some() && !domain::is_given_by_organisation(candidate.role) {
            return false;
        }
        if domain::is_patient(candidate.role) {
            self.settings().patients || self.signs_in_patients_only()
        } else {
            !self.signs_in_patients_only() && self.serves_organisation(&candidate.org)
        }
    }

    /// Whether it may sign in members of this organisation.
    pub fn serves_organisation(&self, ods: &str) -> bool {
        self.settings().organisations.is_empty() || self.settings().organisations.iter().any(|one| one == ods)
    }

    /// Whether it names this organisation as one of its own.
    pub fn is_for_organisation(&self, ods: &str) -> bool {
        self.settings().organisations.iter().any(|one| one == ods)
    }

    /// Whether owners of e-mail addresses of this domain, in small letters, sign in here.
    pub fn serves_domain(&self, domain: &str) -> bool {
        self.settings().email_domains.iter().any(|one| one == domain)
    }

    /// NHS login signs in nobody but patients.
    pub fn signs_in_patients_only(&self) -> bool {
        self.settings().profile == ClaimProfile::NhsLogin
    }

    /// Whether it signs in users of the record system at this FHIR base address.
    pub fn launches_from(&self, iss: &str) -> bool {
        self.settings().launch_issuers.iter().any(|one| one.trim_end_matches('/') == iss)
    }

    /// The origins that may frame what a launch opens.
    pub fn frame_ancestors(&self) -> &[String] {
        &self.settings().frame_ancestors
    }
}
