//! The four conditions in the status of a `PartnerSystem`, computed from the resource, the observation, the previous
//! conditions and the time. `lastTransitionTime` must change only with the status: otherwise each status write would
//! cause the next one.
//!
//! `Ready` is true only if an agreement is in force, the mesh objects are written, identity has the row, and the system
//! answers with a good certificate (or is a feed, which calls us). A suspended system is never ready.

mod certificate;

use jiff::{Timestamp, Unit};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

use super::agreement::{self, AgreementState};
use crate::crd::{Agreement, PartnerSystem, Protocol};

pub use certificate::Certificate;

pub const AGREEMENT: &str = "AgreementCurrent";
pub const CERTIFICATE: &str = "CertificateValid";
pub const REACHABLE: &str = "Reachable";
pub const READY: &str = "Ready";
/// All conditions, in the order of the status.
pub const TYPES: [&str; 4] = [AGREEMENT, CERTIFICATE, REACHABLE, READY];

/// What the operator observed of one system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The error if its mesh objects could not be written.
    pub mesh_objects: Result<(), String>,
    /// Whether identity has the row of this resource. None before this process's first push.
    pub registered: Option<bool>,
    /// The reason if identity refused the row.
    pub refusal: Option<String>,
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
    let (certificate, reachable) = endpoint_values(system, observation, previous, now);
    let registered = observation.registered.unwrap_or_else(|| was_registered(system, previous));
    let ready = ready_value(system, agreement_state, observation, registered, &certificate, &reachable);
    let values = [agreement, certificate, reachable, ready];
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
    let Some(Agreement { reference, signed_on, expires }) = &spec.agreement else {
        return status_false("NotSigned", "there is no agreement");
    };
    let until = expires.map_or_else(|| "until it is ended".to_owned(), |last| format!("until {last}"));
    match agreement_state {
        AgreementState::Current => status_true("Current", format!("{reference}, {until}")),
        AgreementState::SignedInPortal => status_true("SignedInPortal", "the agreement is signed in the portal"),
        AgreementState::Expired => status_false("Expired", format!("{reference} was valid {until}")),
        AgreementState::NotSigned => match signed_on {
            Some(day) => status_false("NotSigned", format!("{reference} begins on {day}")),
            None => status_false("NotSigned", format!("{reference} is not signed")),
        },
    }
}

/// The values of `CertificateValid` and `Reachable`.
fn endpoint_values(
    system: &PartnerSystem,
    observation: &Observation,
    previous: &[Condition],
    now: Timestamp,
) -> (ConditionValue, ConditionValue) {
    let both = |value: ConditionValue| (value.clone(), value);
    if system.spec.protocol != Protocol::FhirR4 {
        return both(status_unknown("CallsUs", "a feed calls us; the feeds service authenticates it"));
    }
    if system.spec.suspended {
        return both(status_unknown("Suspended", "the system is suspended"));
    }
    match &observation.probe {
        Some(probe) => {
            let bundle = system.spec.trust_bundle_ref.as_deref();
            (certificate::certificate_value(probe.certificate.as_ref(), bundle, now), reachable_value(probe.connection))
        }
        None => (
            previous_value(system, CERTIFICATE, previous).unwrap_or_else(not_probed_yet),
            previous_value(system, REACHABLE, previous).unwrap_or_else(not_probed_yet),
        ),
    }
}

fn not_probed_yet() -> ConditionValue {
    status_unknown(NOT_PROBED, "not probed yet")
}

/// The result that another replica, or this one before a restart, recorded for the same spec.
fn previous_value(system: &PartnerSystem, type_: &str, previous: &[Condition]) -> Option<ConditionValue> {
    const REASONS: [&str; 11] = [
        "Answers",
        "NoAddress",
        "NotPermitted",
        "TimedOut",
        "NoConnection",
        "NoTls",
        "Valid",
        "ExpiresSoon",
        "Expired",
        "NotTrusted",
        "NotSeen",
    ];
    let before = previous.iter().find(|one| one.type_ == type_)?;
    if before.observed_generation != system.metadata.generation {
        return None;
    }
    let reason = REASONS.into_iter().find(|reason| *reason == before.reason)?;
    let status = ["True", "False", "Unknown"].into_iter().find(|status| *status == before.status)?;
    Some(ConditionValue { status, reason, message: before.message.clone() })
}

/// Whether the previous leader saw this spec registered.
fn was_registered(system: &PartnerSystem, previous: &[Condition]) -> bool {
    let before =
        previous.iter().find(|one| one.type_ == READY && one.observed_generation == system.metadata.generation);
    // These reasons are only reached after registration.
    let after_registration = ["InPlace", "NotAnswering", "CertificateRefused", NOT_PROBED];
    before.is_some_and(|one| after_registration.contains(&one.reason.as_str()))
}

fn reachable_value(connection: Result<(), ProbeFailure>) -> ConditionValue {
    match connection {
        Ok(()) => status_true("Answers", "it answers over TLS"),
        Err(ProbeFailure::NoAddress) => status_false("NoAddress", "its name has no address"),
        Err(ProbeFailure::NotPermitted) => {
            status_false("NotPermitted", "its address is private, and not within egressAllow")
        }
        Err(ProbeFailure::TimedOut) => status_false("TimedOut", "it does not answer in time"),
        Err(ProbeFailure::NoConnection) => status_false("NoConnection", "it accepts no connection"),
        Err(ProbeFailure::NoTls) => status_false(
            "NoTls",
            "it accepted the connection but spoke no TLS: the partner or our egress policy refuses us",
        ),
    }
}

fn ready_value(
    system: &PartnerSystem,
    agreement_state: AgreementState,
    observation: &Observation,
    registered: bool,
    certificate: &ConditionValue,
    reachable: &ConditionValue,
) -> ConditionValue {
    if system.spec.suspended {
        return status_false("Suspended", "its egress is closed and its messages are refused");
    }
    if !agreement_state.is_in_force() {
        return status_false("NoAgreement", "no agreement is in force, so nothing is shared");
    }
    if let Err(reason) = &observation.mesh_objects {
        return status_false("WayNotOpen", format!("its mesh objects are not written: {reason}"));
    }
    if let Some(reason) = &observation.refusal {
        return status_false("Refused", format!("identity refused its row: {reason}"));
    }
    if !registered {
        return status_false("NotRegistered", "identity has not accepted its row yet");
    }
    match certificate.reason {
        "Expired" | "NotTrusted" => status_false("CertificateRefused", certificate.message.clone()),
        // Our part is done, but readers of `True` expect the system to work.
        _ if reachable.status == "False" => status_false("NotAnswering", reachable.message.clone()),
        _ if reachable.reason == NOT_PROBED => status_unknown(NOT_PROBED, "registered; not probed yet"),
        _ => status_true("InPlace", "registered, and its egress is open"),
    }
}

#[cfg(test)]
#[path = "conditions_tests.rs"]
mod tests;
