//! Kinds of evidence that an organisation cares for a person, and the reasons that a user gives without evidence. What any
//! of them opens must be decided by policy, not here.

use crate::RelationshipKind;

crate::open_names! {
    /// The kind of a care link: evidence from a source that an organisation cares for a person.
    CareLinkKind {
        Referral "referral", Appointment "appointment",
        /// On a caseload of community, mental health or social care.
        Caseload "caseload",
        /// Lives in a care home.
        Resident "resident",
        /// An open case of an ambulance service, 111 or out of hours.
        UrgentCase "urgent-case",
        SafeguardingEnquiry "safeguarding-enquiry",
        /// On the list of a multidisciplinary team meeting.
        MeetingList "meeting-list",
        /// A community pharmacy that the person or their practice nominated for prescriptions.
        NominatedPharmacy "nominated-pharmacy",
        /// A hospital discharged the person to the organisation.
        DischargedTo "discharged-to",
    }
}

impl CareLinkKind {
    /// The kinds that this version knows.
    pub const KNOWN: [Self; 9] = [
        Self::Referral,
        Self::Appointment,
        Self::Caseload,
        Self::Resident,
        Self::UrgentCase,
        Self::SafeguardingEnquiry,
        Self::MeetingList,
        Self::NominatedPharmacy,
        Self::DischargedTo,
    ];

    /// The relationship that it is evidence for. A kind of another version is evidence for none.
    pub fn relationship(&self) -> RelationshipKind {
        match self {
            Self::Referral => RelationshipKind::ReferredHere,
            Self::Appointment => RelationshipKind::AppointmentHere,
            Self::Caseload => RelationshipKind::OnCaseload,
            Self::Resident => RelationshipKind::ResidentHere,
            Self::UrgentCase => RelationshipKind::UrgentCaseHere,
            Self::SafeguardingEnquiry => RelationshipKind::SafeguardingEnquiry,
            Self::MeetingList => RelationshipKind::OnMeetingList,
            Self::NominatedPharmacy => RelationshipKind::NominatedPharmacy,
            Self::DischargedTo => RelationshipKind::DischargedTo28Days,
            Self::Other(_) => RelationshipKind::None,
        }
    }
}

crate::open_names! {
    /// Why a user without a recorded link says that they care for the person.
    ClaimReason {
        /// The person is with the user now.
        PersonIsHere "person-is-here",
        /// The person, or somebody for them, contacted the user.
        PersonContactedUs "person-contacted-us",
        /// Referred, but no record of it has arrived.
        ReferredToUs "referred-to-us",
        /// Covers for a colleague who cares for the person.
        Covering "covering",
    }
}

impl ClaimReason {
    /// The reasons that a user can choose.
    pub const OFFERED: [Self; 4] = [Self::PersonIsHere, Self::PersonContactedUs, Self::ReferredToUs, Self::Covering];
}

crate::open_names! {
    /// Why a user overrides a refusal in an emergency. Each reason opens only the datasets that it needs.
    OverrideReason {
        LifeThreatening "life-threatening", CannotConsent "cannot-consent", SeriousHarm "serious-harm",
    }
}

impl OverrideReason {
    /// The reasons that a user can choose.
    pub const OFFERED: [Self; 3] = [Self::LifeThreatening, Self::CannotConsent, Self::SeriousHarm];
}

crate::open_names! {
    /// Whether the person gave permission to open their record.
    Permission {
        Given "given",
        /// The person cannot be asked: unconscious, without capacity, not present.
        CannotBeAsked "cannot-be-asked",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_kind_is_evidence_for_a_relationship_of_its_own() {
        let kinds: std::collections::HashSet<_> = CareLinkKind::KNOWN.iter().map(CareLinkKind::relationship).collect();
        assert_eq!(kinds.len(), CareLinkKind::KNOWN.len());
        assert!(!kinds.contains(&RelationshipKind::None));
        assert_eq!(CareLinkKind::from("of-a-later-version").relationship(), RelationshipKind::None);
    }
}
