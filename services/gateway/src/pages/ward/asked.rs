//! Which list was asked for, and which is a reader's own when none was. What a query holds is checked here and
//! never repeated in an error.

use lcr_contracts::{
    Failure,
    identity::{Organisation, Registry},
    ward::ListOf,
};
use lcr_model::{OdsCode, Role};
use serde::Deserialize;

use crate::{
    roles::{PRACTICE, has_lists},
    session::SignedInReader,
    view::ward::chips::{Order, Show, Wanted},
};

/// The days of the second list.
pub(crate) const WINDOW: u8 = 28;

/// As links and forms ask.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Asked {
    practice: Option<String>,
    team: Option<String>,
    ward: Option<String>,
    consultant: Option<String>,
    #[serde(default)]
    show: String,
    hospital: Option<String>,
    #[serde(default)]
    sort: String,
}

impl Asked {
    /// The one list that is named; `None` when none is. Empty fields of a form name nothing.
    pub fn list(&self) -> Result<Option<ListOf>, Failure> {
        let given = |field: &Option<String>| {
            field.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(ToOwned::to_owned)
        };
        let named = [
            given(&self.practice).map(|text| code(&text).map(ListOf::Practice)),
            given(&self.team).map(|text| code(&text).map(ListOf::Team)),
            given(&self.ward).map(|text| name(text).map(ListOf::Ward)),
            given(&self.consultant).map(|text| name(text).map(ListOf::Consultant)),
        ];
        let mut named = named.into_iter().flatten();
        match (named.next(), named.next()) {
            (one, None) => one.transpose(),
            _ => Err(Failure::bad_request("Choose one list: a practice, a team, a ward or a consultant.")),
        }
    }

    pub fn wanted(&self) -> Wanted {
        Wanted {
            show: Show::named(&self.show),
            hospital: self.hospital.clone().filter(|source| !source.is_empty()),
            order: if self.sort == "ward" { Order::Ward } else { Order::Leaving },
        }
    }
}

fn code(text: &str) -> Result<OdsCode, Failure> {
    let holds = (3..=12).contains(&text.len()) && text.chars().all(|one| one.is_ascii_alphanumeric());
    let words = "A practice or team is named by its ODS code: 3 to 12 letters and digits.";
    holds.then(|| OdsCode::new(text.to_ascii_uppercase())).ok_or_else(|| Failure::bad_request(words))
}

fn name(text: String) -> Result<String, Failure> {
    if text.chars().count() > 100 || text.chars().any(char::is_control) {
        return Err(Failure::bad_request("A ward or consultant is named in up to 100 characters."));
    }
    Ok(text)
}

/// The reader's own organisation, where the registry knows it.
pub(crate) fn own<'a>(reader: &SignedInReader, registry: &'a Registry) -> Option<&'a Organisation> {
    registry.organisations.iter().find(|one| one.ods == reader.signed_in.actor.org)
}

/// The list a reader starts with: their practice's or their team's. Hospital staff choose a ward.
pub(crate) fn default_list(reader: &SignedInReader, registry: &Registry) -> Option<ListOf> {
    let actor = &reader.signed_in.actor;
    match own(reader, registry).map(|one| one.kind.as_str()) {
        _ if !has_lists(actor.role) => None,
        Some("neighbourhood-team") => Some(ListOf::Team(actor.org.clone())),
        Some("gp-practice") => Some(ListOf::Practice(actor.org.clone())),
        // Without the registry a practice's staff still have their practice.
        _ if PRACTICE.contains(&actor.role) => Some(ListOf::Practice(actor.org.clone())),
        _ => None,
    }
}

/// Whether wards and consultants are this reader's own hospital's.
pub(crate) fn chooses_wards(reader: &SignedInReader, registry: &Registry) -> bool {
    let roles = [Role::Consultant, Role::EdClinician, Role::WardNurse, Role::MentalHealth];
    let team = own(reader, registry).is_some_and(|one| one.kind == "neighbourhood-team");
    reader.is(&roles) && !team
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Result<Option<ListOf>, Failure> {
        axum::extract::Query::<Asked>::try_from_uri(&format!("/ward?{query}").parse().unwrap())
            .unwrap()
            .0
            .list()
    }

    #[test]
    fn exactly_one_list_is_named_or_none() {
        assert_eq!(asked("").unwrap(), None);
        assert_eq!(asked("ward=&consultant=+").unwrap(), None, "an empty form names nothing");
        assert_eq!(asked("practice=b86000").unwrap(), Some(ListOf::Practice(OdsCode::new("B86000"))));
        assert_eq!(asked("ward=+J27+").unwrap(), Some(ListOf::Ward("J27".into())));
        for bad in [
            "practice=B86000&ward=J27",
            "practice=B8",
            "team=B86%20000",
            &format!("ward={}", "x".repeat(101)),
        ] {
            let failure = asked(bad).unwrap_err();
            assert!(!failure.outward().contains("J27") && !failure.outward().contains("xxx"), "{bad}");
        }
    }
}
