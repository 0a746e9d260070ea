//! Text that the officer's log and the patient's log share: organisations, roles, kinds of information and entry
//! numbers.

use lcr_contracts::registry::Registry;
use lcr_model::{Dataset, OdsCode, Role};
use uuid::Uuid;

/// The organisation's name, or its code if the registry does not have it.
pub(crate) fn organisation_name(registry: &Registry, ods: &OdsCode) -> String {
    let organisation = registry.organisation(ods);
    organisation.map_or_else(|| format!("organisation {ods}"), |one| one.name.clone())
}

pub fn role_with_article(role: Role) -> String {
    let words = role.words();
    format!("{} {words}", if words.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" })
}

/// The kind of information, as patients call it.
pub fn dataset_in_plain_english(dataset: Dataset) -> &'static str {
    match dataset {
        Dataset::Demographics => "name and contact details",
        Dataset::Alerts => "safety alerts",
        Dataset::Allergies => "allergies",
        Dataset::Medications => "medicines",
        Dataset::Diagnoses => "health conditions",
        Dataset::Results => "test results",
        Dataset::Documents => "letters and documents",
        Dataset::Encounters => "visits and hospital stays",
        Dataset::Referrals => "referrals",
        Dataset::Appointments => "appointments",
        Dataset::Procedures => "operations and procedures",
        Dataset::Immunisations => "vaccinations",
        Dataset::Contacts => "family and other contacts",
        Dataset::SocialCare => "social care",
        Dataset::CarePlans => "care plans",
        Dataset::EndOfLife => "plans for the end of life",
        Dataset::Safeguarding => "safeguarding notes",
    }
}

/// The last eight digits of an entry's id, short enough to read out. The first digits are a time and would repeat.
pub fn entry_number(entry: Uuid) -> String {
    let text = entry.simple().to_string().to_uppercase();
    format!("{}-{}", &text[24..28], &text[28..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_has_the_article_of_its_sound() {
        assert_eq!(role_with_article(Role::Gp), "a GP");
        assert_eq!(role_with_article(Role::EdClinician), "an emergency department clinician");
        assert_eq!(role_with_article(Role::CaldicottGuardian), "a Caldicott guardian");
    }
}
