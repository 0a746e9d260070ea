//! The `Ready` condition: what is not done yet, first on our side and then on the partner's. It must name one thing, the first.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use super::{
    super::{agreement::AgreementState, is_suspended},
    ConditionValue, NOT_PROBED, Observation, READY, status_false, status_true, status_unknown,
};
use crate::crd::PartnerSystem;

/// Whether the previous leader saw this spec registered.
pub(super) fn was_registered(system: &PartnerSystem, previous: &[Condition]) -> bool {
    let before =
        previous.iter().find(|one| one.type_ == READY && one.observed_generation == system.metadata.generation);
    // These reasons are only reached after registration.
    let after_registration = ["InPlace", "NotAnswering", "CertificateRefused", "CredentialsNotReady", NOT_PROBED];
    before.is_some_and(|one| after_registration.contains(&one.reason.as_str()))
}

/// The value of `Ready` while our own part is not done. None if it is.
pub(super) fn own_part_value(
    system: &PartnerSystem,
    agreement_state: AgreementState,
    observation: &Observation,
    registered: bool,
    credentials: &ConditionValue,
) -> Option<ConditionValue> {
    if is_suspended(system) {
        return Some(status_false("Suspended", "its egress is closed and its messages are refused"));
    }
    if !agreement_state.is_in_force() {
        return Some(status_false("NoAgreement", "no agreement is in force, so nothing is shared"));
    }
    if let Err(reason) = &observation.mesh_objects {
        return Some(status_false("WayNotOpen", format!("its mesh objects are not written: {reason}")));
    }
    if let Some(reason) = &observation.refusal {
        return Some(status_false("Refused", format!("identity refuses it: {reason}")));
    }
    if !registered {
        return Some(status_false("NotRegistered", "identity has not accepted its row yet"));
    }
    (credentials.status == "False").then(|| status_false("CredentialsNotReady", credentials.message.clone()))
}

/// The value of `Ready` once our own part is done.
pub(super) fn partner_part_value(certificate: &ConditionValue, reachable: &ConditionValue) -> ConditionValue {
    match certificate.reason {
        "Expired" | "NotTrusted" => status_false("CertificateRefused", certificate.message.clone()),
        // Our part is done, but readers of `True` expect the system to work.
        _ if reachable.status == "False" => status_false("NotAnswering", reachable.message.clone()),
        _ if reachable.reason == NOT_PROBED => status_unknown(NOT_PROBED, "registered; not probed yet"),
        _ => status_true("InPlace", "registered, and its egress is open"),
    }
}
