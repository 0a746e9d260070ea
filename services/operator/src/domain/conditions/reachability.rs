//! The conditions that a probe of the source decides. A source that was not probed must never be called reachable.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use super::{
    super::is_suspended, CERTIFICATE, ConditionValue, NOT_PROBED, Observation, ProbeFailure, REACHABLE, certificate,
    credentials, status_false, status_true, status_unknown,
};
use crate::crd::{PartnerSystem, Protocol};

/// The values of `CertificateValid` and `Reachable`.
pub(super) fn endpoint_values(
    system: &PartnerSystem,
    observation: &Observation,
    previous: &[Condition],
    now: Timestamp,
) -> (ConditionValue, ConditionValue) {
    let both = |value: ConditionValue| (value.clone(), value);
    if system.spec.protocol != Protocol::FhirR4 {
        return both(status_unknown("CallsUs", "a feed calls us; the feeds service authenticates it"));
    }
    if is_suspended(system) {
        return both(status_unknown("Suspended", "the system or its organisation is suspended"));
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
pub(super) fn previous_value(system: &PartnerSystem, type_: &str, previous: &[Condition]) -> Option<ConditionValue> {
    const PROBED: [&str; 11] = [
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
    let mut reasons = PROBED.into_iter().chain(credentials::REASONS);
    let reason = reasons.find(|reason| *reason == before.reason)?;
    let status = ["True", "False", "Unknown"].into_iter().find(|status| *status == before.status)?;
    Some(ConditionValue { status, reason, message: before.message.clone() })
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
