//! The conditions in the status of a `PartnerSystem`, computed from the resource, the observation, the previous
//! conditions and the time. `lastTransitionTime` must change only with the status: otherwise each status write would
//! cause the next one.
//!
//! `Ready` is true only if an agreement is in force, the mesh objects are written, identity has the row, the credentials are
//! read, and the system answers with a good certificate (or is a feed, which calls us). A suspended system is never ready.

mod certificate;
mod credentials;
mod live;
mod reachability;
mod ready;

pub use certificate::Certificate;
use jiff::{Timestamp, Unit};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use lcr_contracts::registry::CredentialKind;
use reachability::{endpoint_values, previous_value};

use super::{
    agreement::{self, AgreementState},
    credentials::CredentialsFault,
};
use crate::crd::{Agreement, PartnerSystem};

pub const AGREEMENT: &str = "AgreementCurrent";
pub const CREDENTIALS: &str = "CredentialsReady";
pub const CERTIFICATE: &str = "CertificateValid";
pub const REACHABLE: &str = "Reachable";
pub const READY: &str = "Ready";
pub const LIVE: &str = "Live";
/// All conditions, in the order of the status.
pub const TYPES: [&str; 6] = [AGREEMENT, CREDENTIALS, CERTIFICATE, REACHABLE, READY, LIVE];

/// What the operator observed of one system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The error if its mesh objects could not be written.
    pub mesh_objects: Result<(), String>,
    /// Whether identity has the row of this resource. None before this process's first push.
    pub registered: Option<bool>,
    /// The reason if identity refused the row or one of its clients.
    pub refusal: Option<String>,
    /// The result of reading its Secret. None before the first reading, and for systems without one.
    pub credentials: Option<Result<CredentialKind, CredentialsFault>>,
    /// The last probe of its endpoint. None before the first probe, and for systems without an endpoint.
    pub probe: Option<ProbeResult>,
}

/// The result of probing an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeResult {
    pub connection: Result<(), ProbeFailure>,
    pub certificate: Option<Certificate>,
}

/// The reason why an endpoint was not reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeFailure {
    NoAddress,
    NotPermitted,
    TimedOut,
    NoConnection,
    NoTls,
}

/// The condition reason before the first probe.
const NOT_PROBED: &str = "NotLookedYet";

/// A condition without its transition time.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ConditionValue {
    status: &'static str,
    reason: &'static str,
    message: String,
}

fn status_true(reason: &'static str, message: impl Into<String>) -> ConditionValue {
    ConditionValue { status: "True", reason, message: message.into() }
}

fn status_false(reason: &'static str, message: impl Into<String>) -> ConditionValue {
    ConditionValue { status: "False", reason, message: message.into() }
}

fn status_unknown(reason: &'static str, message: impl Into<String>) -> ConditionValue {
    ConditionValue { status: "Unknown", reason, message: message.into() }
}

/// Computes the conditions of `system`.
pub fn conditions(
    system: &PartnerSystem,
    observation: &Observation,
    previous: &[Condition],
    now: Timestamp,
) -> Vec<Condition> {
    let agreement_state = agreement::state_of(system, now);
    let agreement = agreement_value(system, agreement_state);
    let seen = || previous_value(system, CREDENTIALS, previous);
    let credentials = credentials::credentials_value(system, observation.credentials.as_ref(), seen);
    let (certificate, reachable) = endpoint_values(system, observation, previous, now);
    let registered = observation.registered.unwrap_or_else(|| ready::was_registered(system, previous));
    let own_part = ready::own_part_value(system, agreement_state, observation, registered, &credentials);
    let is_set_up = own_part.is_none();
    let ready = own_part.unwrap_or_else(|| ready::partner_part_value(&certificate, &reachable));
    let live = live::live_value(system, agreement_state.is_in_force(), is_set_up);
    let values = [agreement, credentials, certificate, reachable, ready, live];
    TYPES.into_iter().zip(values).map(|(type_, value)| to_condition(system, type_, value, previous, now)).collect()
}

/// The status of one condition, or "Unknown" if it is absent.
pub fn status_of<'c>(conditions: &'c [Condition], type_: &str) -> &'c str {
    conditions.iter().find(|one| one.type_ == type_).map_or("Unknown", |one| one.status.as_str())
}

fn to_condition(
    system: &PartnerSystem,
    type_: &str,
    value: ConditionValue,
    previous: &[Condition],
    now: Timestamp,
) -> Condition {
    let before = previous.iter().find(|one| one.type_ == type_ && one.status == value.status);
    // The API server stores whole seconds. The time we send must equal the time it returns.
    let now = now.round(Unit::Second).unwrap_or(now);
    Condition {
        type_: type_.to_owned(),
        status: value.status.to_owned(),
        reason: value.reason.to_owned(),
        message: value.message,
        observed_generation: system.metadata.generation,
        last_transition_time: before.map_or(Time(now), |one| one.last_transition_time.clone()),
    }
}

fn agreement_value(system: &PartnerSystem, agreement_state: AgreementState) -> ConditionValue {
    let spec = &system.spec;
    let Some(Agreement { reference, signed_on, expires, signatories }) = &spec.agreement else {
        return status_false("NotSigned", "there is no agreement");
    };
    let until = expires.map_or_else(|| "until it is ended".to_owned(), |last| format!("until {last}"));
    match agreement_state {
        AgreementState::Current => {
            let duties: Vec<&str> = signatories.iter().map(|one| one.duty.words()).collect();
            let by =
                if duties.is_empty() { String::new() } else { format!("; signed by the {}", duties.join(", the ")) };
            status_true("Current", format!("{reference}, {until}{by}"))
        }
        AgreementState::SignedInPortal => status_true("SignedInPortal", "the agreement is signed in the portal"),
        AgreementState::Expired => status_false("Expired", format!("{reference} was valid {until}")),
        AgreementState::NotSigned => match signed_on {
            Some(day) => status_false("NotSigned", format!("{reference} begins on {day}")),
            None => status_false("NotSigned", format!("{reference} is not signed")),
        },
    }
}

#[cfg(test)]
#[path = "conditions_tests.rs"]
mod tests;
