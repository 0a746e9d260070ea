//! Which list was asked for, and which is a reader's own when none was. What a query holds is checked here and
//! never repeated in an error.

use std::collections::BTreeMap;

use lcr_contracts::{
    Failure,
    identity::{Organisation, Registry},
    ward::{ListOf, ListSettings},
};
use lcr_model::{OdsCode, Role};
use serde::Deserialize;

use crate::{
    roles::{PRACTICE, has_lists},
    session::SignedInReader,
    view::ward::{
        chips::{Opening, Show, USUAL, Wanted},
        columns::Order,
        further::FILTER,
    },
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
    watched: Option<String>,
    sort: Option<String>,
    desc: Option<String>,
    /// `show`, `hospital`, and a hospital's own fields by `f-` and their key.
    #[serde(flatten)]
    filters: BTreeMap<String, String>,
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
            given(&self.watched).map(|_| Ok(ListOf::Watched)),
        ];
        let mut named = named.into_iter().flatten();
        match (named.next(), named.next()) {
            (one, None) => one.transpose(),
            _ => Err(Failure::bad_request(
                "Choose one list: a practice, a team, a ward, a consultant or the patients you watch.",
            )),
        }
    }

    /// What is shown and in which order: as the address says, else as the reader's settings open the list.
    pub fn wanted(&self, settings: &ListSettings) -> Wanted {
        let by = settings.order.clone().unwrap_or_default();
        let own = Order { descending: settings.descending && !by.is_empty(), by };
        let order = match self.sort.as_deref() {
            None | Some("") => own.clone(),
            Some(USUAL) => Order::default(),
            Some(by) => Order { by: by.to_owned(), descending: self.desc.as_deref() == Some("true") },
        };
        let named = |name: &String| is_filter(name);
        let kept: BTreeMap<String, String> =
            settings.filters.iter().filter(|(name, _)| named(name)).cloned().collect();
        let filters = if self.filters.keys().any(named) { &self.filters } else { &kept };
        let given = |name: &str| filters.get(name).filter(|value| !value.is_empty()).cloned();
        let further = filters.iter().filter_map(|(name, value)| {
            let key = name.strip_prefix(FILTER)?;
            (!value.is_empty()).then(|| (key.to_owned(), value.clone()))
        });
        Wanted {
            show: given("show").map(|show| Show::named(&show)).unwrap_or_default(),
            hospital: given("hospital"),
            further: further.collect(),
            order,
            opening: Opening { filtered: !kept.is_empty(), order: own },
        }
    }
}

fn is_filter(name: &str) -> bool {
    matches!(name, "show" | "hospital") || name.starts_with(FILTER)
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
        assert_eq!(asked("watched=true&show=new").unwrap(), Some(ListOf::Watched));
        for bad in [
            "practice=B86000&ward=J27",
            "practice=B86000&watched=true",
            "practice=B8",
            "team=B86%20000",
            &format!("ward={}", "x".repeat(101)),
        ] {
            let failure = asked(bad).unwrap_err();
            assert!(!failure.outward().contains("J27") && !failure.outward().contains("xxx"), "{bad}");
        }
    }

    #[test]
    fn the_readers_settings_open_the_list_unless_the_address_says_otherwise() {
        let wanted = |query: &str| {
            let uri = format!("/ward?{query}").parse().unwrap();
            let filters = vec![("show".to_owned(), "ready".to_owned()), ("gone".to_owned(), "1".to_owned())];
            let settings = ListSettings {
                order: Some("plan".into()),
                descending: true,
                filters,
                ..ListSettings::default()
            };
            axum::extract::Query::<Asked>::try_from_uri(&uri).unwrap().0.wanted(&settings)
        };
        let opened = wanted("practice=B86000");
        assert_eq!(
            (opened.show, opened.order.by.as_str(), opened.order.descending),
            (Show::Ready, "plan", true)
        );
        assert_eq!(wanted("practice=B86000&show=all").show, Show::All);
        let filtered = wanted("f-risk=high&f-other=&sort=ward");
        assert_eq!(
            (filtered.show, filtered.order),
            (Show::All, Order::by("ward")),
            "the filters are the address's"
        );
        assert_eq!(filtered.further, BTreeMap::from([("risk".to_owned(), "high".to_owned())]));
        assert_eq!(wanted("sort=usual").order, Order::default());
    }
}
