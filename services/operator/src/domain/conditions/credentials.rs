//! The `CredentialsReady` condition: whether the Secret of a system gave credentials. It must never show a value.

use lcr_contracts::registry::CredentialKind;

use super::{ConditionValue, NOT_PROBED, status_false, status_true, status_unknown};
use crate::{
    crd::PartnerSystem,
    domain::{
        credentials::{CredentialsFault, kind_name},
        managed_elsewhere,
    },
};

/// The reasons of this condition after the Secret was read.
pub(super) const REASONS: [&str; 8] =
    ["Read", "NoNamespace", "Forbidden", "NoSecret", "UnknownType", "MissingKey", "InvalidValue", "NoTokenUrl"];

/// The value of the condition. `observed` is the result of the last reading, or none before the first.
pub(super) fn credentials_value(
    system: &PartnerSystem,
    observed: Option<&Result<CredentialKind, CredentialsFault>>,
    previous: impl FnOnce() -> Option<ConditionValue>,
) -> ConditionValue {
    if managed_elsewhere(system) {
        return status_unknown("KeptInPortal", "the portal keeps its credentials");
    }
    let Some(name) = &system.spec.credentials_ref else {
        return status_true("NotNeeded", "the system asks us for none");
    };
    match observed {
        Some(Ok(kind)) => status_true("Read", format!("{}, from the Secret `{name}`", kind_name(*kind))),
        Some(Err(fault)) => status_false(fault.reason(), fault.message(name)),
        None => previous().unwrap_or_else(|| status_unknown(NOT_PROBED, "its Secret has not been read yet")),
    }
}
