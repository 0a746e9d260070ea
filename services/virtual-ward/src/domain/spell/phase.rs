//! The phase of a stay, and the warnings about it. The name of a warning is stored and must never change.

use serde::{Deserialize, Serialize};

/// The phase of a stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// No message has opened the stay.
    #[default]
    Unknown,
    /// Expected, not yet in a bed.
    Expected,
    /// Attends as out-patient or in the emergency department.
    Attending,
    Admitted,
}

/// A reason to doubt a row. `texts.rs` has the sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Warning {
    AdmissionFromTransfer,
    AdmissionFromDischarge,
    /// A second admission names another place.
    MovedByAdmission,
    /// A transfer came from a place that no message had named.
    MoveMissing,
    /// An admission for another place was sent after the patient left.
    AdmittedAgain,
    /// The hospital's times say that the patient left before the admission.
    LeftBeforeAdmitted,
    /// The admission was cancelled, but a later transfer says that the patient is here.
    MovedAfterCancel,
    /// A transfer was sent after the patient had left.
    MovedAfterLeaving,
    /// The time of admission lies in the future.
    AdmittedInFuture,
    /// A cancel does not match the last message of its event and was not applied.
    CancelUnclear,
    /// An update deletes the time of leaving, but no message cancels the discharge.
    LeavingDeleted,
    /// The hospital's clock and the order of arrival disagree.
    OrderUnsure,
    /// The hospital first sent the visit for another patient.
    VisitCorrected,
    /// The hospital also uses the visit number for another patient.
    VisitShared,
}
