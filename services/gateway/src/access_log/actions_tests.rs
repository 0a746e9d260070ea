//! Tests of `actions.rs`.

use super::*;

#[test]
fn each_kind_of_access_is_an_action_of_its_own() {
    use AccessKind as K;
    let (page, file) = ([Dataset::Demographics, Dataset::Documents], [Dataset::Documents]);
    for (what, datasets, presumed, expected) in [
        (K::Record, &page[..], false, Action::LookedAtRecord),
        (K::Record, &page[..], true, Action::MayHaveLooked),
        (K::Record, &file[..], false, Action::OpenedDocument),
        (K::Record, &file[..], true, Action::MayHaveOpenedDocument),
        (K::Fhir, &file[..], false, Action::LookedAtRecord),
        (K::Record, &[][..], false, Action::ReadName),
        (K::Identity, &[][..], true, Action::ReadName),
        (K::Search, &[][..], true, Action::FoundInSearch),
        (K::WardList, &[][..], false, Action::SeenOnList),
        (K::WardList, &[][..], true, Action::MayHaveBeenOnList),
        (K::CareList, &[][..], true, Action::SeenOnCareList),
        (K::Choices, &[][..], true, Action::UsedChoices),
        (K::Claim, &[][..], true, Action::StatedReason),
        (K::AuditLog, &[][..], true, Action::ReadLog),
        (K::Incident, &[][..], true, Action::WorkedOnIncident),
        (K::Review, &[][..], true, Action::ReviewedLink),
        (K::Explanation, &[][..], true, Action::AskedWhetherAllowed),
        (K::UnusualSearch, &[][..], true, Action::SearchedOften),
        (K::Unknown, &[][..], true, Action::Unknown),
    ] {
        assert_eq!(action(what, Outcome::Allowed, datasets, presumed), expected, "{what:?}");
        let refused = match what {
            K::WardList => Action::LeftOffList,
            K::CareList => Action::LeftOffCareList,
            _ => Action::Refused,
        };
        assert_eq!(action(what, Outcome::Refused, datasets, presumed), refused, "{what:?}");
    }
}

#[test]
fn the_banner_is_named_only_if_nothing_else_was_opened() {
    use Dataset::{Alerts, Allergies, Demographics, Medications, Results};
    for (datasets, expected) in [
        (vec![Demographics, Allergies, Medications, Results], vec![Medications, Results]),
        (vec![Demographics, Alerts, Allergies], vec![Alerts, Allergies]),
        (vec![Demographics], vec![Demographics]),
        (vec![], vec![]),
    ] {
        assert_eq!(main_datasets(&datasets), expected);
    }
}
