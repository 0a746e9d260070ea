//! The trigger events of a stay, in the order that decides between events of the same time. The order must never change.

use serde::{Deserialize, Serialize};

/// The trigger event. The order decides between events of the same time: opening a stay comes before moving it, and a
/// cancel after what it cancels (HL7 v2.5.1, chapter 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpellEvent {
    /// A14, A05: expected, in no bed.
    PreAdmit,
    /// A27, A38.
    CancelPreAdmit,
    /// A04: out-patient or emergency attendance.
    Register,
    /// A01.
    Admit,
    /// A06: out-patient or attender becomes in-patient.
    ToInpatient,
    /// A07.
    ToOutpatient,
    /// A02.
    Transfer,
    /// A15.
    PendingTransfer,
    /// A26.
    CancelPendingTransfer,
    /// A21.
    LeaveOut,
    /// A52.
    CancelLeaveOut,
    /// A22.
    LeaveReturn,
    /// A53.
    CancelLeaveReturn,
    /// A08, and any message that updates the stay without moving it. Never moves a patient.
    Update,
    /// A16.
    PendingDischarge,
    /// A25.
    CancelPendingDischarge,
    /// A03.
    Discharge,
    /// A12.
    CancelTransfer,
    /// A13.
    CancelDischarge,
    /// A11.
    CancelAdmit,
    /// A whole FHIR Encounter: the state at that time.
    Snapshot,
}

impl SpellEvent {
    /// The name in database keys. It must never change.
    pub fn key(self) -> &'static str {
        match self {
            Self::PreAdmit => "PreAdmit",
            Self::CancelPreAdmit => "CancelPreAdmit",
            Self::Register => "Register",
            Self::Admit => "Admit",
            Self::ToInpatient => "ToInpatient",
            Self::ToOutpatient => "ToOutpatient",
            Self::Transfer => "Transfer",
            Self::PendingTransfer => "PendingTransfer",
            Self::CancelPendingTransfer => "CancelPendingTransfer",
            Self::LeaveOut => "LeaveOut",
            Self::CancelLeaveOut => "CancelLeaveOut",
            Self::LeaveReturn => "LeaveReturn",
            Self::CancelLeaveReturn => "CancelLeaveReturn",
            Self::Update => "Update",
            Self::PendingDischarge => "PendingDischarge",
            Self::CancelPendingDischarge => "CancelPendingDischarge",
            Self::Discharge => "Discharge",
            Self::CancelTransfer => "CancelTransfer",
            Self::CancelDischarge => "CancelDischarge",
            Self::CancelAdmit => "CancelAdmit",
            Self::Snapshot => "Snapshot",
        }
    }
}
