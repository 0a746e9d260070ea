//! Confidentiality labels of items. Who may see past a label must be decided by policy, not here.

crate::open_names! {
    /// What a source's confidentiality label says of an item. `services/consent/policies/labels.cedar` says who sees it.
    Label {
        /// HL7 confidentiality R, without a topic.
        Restricted "restricted",
        /// HL7 confidentiality V.
        VeryRestricted "very-restricted",
        MentalHealth "mental-health",
        /// Drugs and alcohol.
        SubstanceMisuse "substance-misuse",
        SexualHealth "sexual-health",
        Violence "violence",
        Safeguarding "safeguarding",
        /// Barred by law for every reader: fertility treatment, gender recognition, sexually transmitted disease.
        Barred "barred",
        /// A label that this version does not know.
        Unknown "unknown",
    }
}

impl Label {
    /// All labels.
    pub const KNOWN: [Self; 9] = [
        Self::Restricted,
        Self::VeryRestricted,
        Self::MentalHealth,
        Self::SubstanceMisuse,
        Self::SexualHealth,
        Self::Violence,
        Self::Safeguarding,
        Self::Barred,
        Self::Unknown,
    ];
}
