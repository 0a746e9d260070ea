//! Clearances: the part of a dataset or list that a role sees, by the `@limit` of a policy. A reader that does not know a
//! clearance must show nothing of its dataset.

use crate::Dataset;

crate::open_names! {
    /// A limit on a dataset or list.
    Clearance {
        DiagnosesFunctional "diagnoses:functional",
        DocumentsDischarge "documents:discharge",
        DocumentsDischargeClinicCarePlan "documents:discharge-clinic-care-plan",
        DocumentsLatestDischarge "documents:latest-discharge",
        DocumentsTitles "documents:titles",
        Encounters12Months "encounters:12-months",
        EncountersDates "encounters:dates",
        ReferralsTitles "referrals:titles",
        ResultsRenalLiverInr "results:renal-liver-inr",
        SafeguardingFlag "safeguarding:flag",
        SocialCareServices "social-care:services",
        WardListRowOnly "ward-list:row-only",
    }
}

impl Clearance {
    /// Whether it limits this dataset. A clearance of another version limits the dataset that its name begins with.
    pub fn limits(&self, dataset: Dataset) -> bool {
        self.as_str().split_once(':').is_some_and(|(name, _)| name == dataset.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clearance_reads_by_its_name_and_limits_its_dataset() {
        let titles = Clearance::from("documents:titles");
        assert_eq!((titles.clone(), titles.as_str()), (Clearance::DocumentsTitles, "documents:titles"));
        assert!(titles.limits(Dataset::Documents) && !titles.limits(Dataset::Referrals));
        let later = Clearance::from("results:of-a-later-version");
        assert!(later.limits(Dataset::Results), "an unknown limit is still a limit");
        assert_eq!(later.as_str(), "results:of-a-later-version");
        assert!(Dataset::ALL.iter().all(|dataset| !Clearance::WardListRowOnly.limits(*dataset)));
    }
}
