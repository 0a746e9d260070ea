//! The query parameters of the ward pages, and the list a reader gets without any. An error must never repeat a
//! parameter.

use std::collections::BTreeMap;

use lcr_contracts::{
    Failure,
    registry::{Organisation, Registry},
    vocabulary::OrganisationKind,
    ward::{ListOf, ListSettings},
};
use lcr_model::OdsCode;
use serde::Deserialize;

use crate::{
    roles::{HOSPITAL_ROLES, PRACTICE_ROLES, has_ward_lists},
    ward::{
        columns::Order,
        filters::{DEFAULT_ORDER, ListDefaults, ListOptions, StatusFilter},
        further_fields::FILTER_PREFIX,
    },
    web::session::SignedInReader,
};

/// The query parameters of links and forms.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct ListQuery {
    practice: Option<String>,
    team: Option<String>,
    ward: Option<String>,
    consultant: Option<String>,
    specialty: Option<String>,
    emergency: Option<String>,
    watched: Option<String>,
    sort: Option<String>,
    desc: Option<String>,
    /// `show`, `hospital`, and a hospital's own fields as `f-` and their key.
    #[serde(flatten)]
    filters: BTreeMap<String, String>,
}

impl ListQuery {
    /// The list that the query names, or `None`. Empty fields name nothing.
    ///
    /// # Errors
    /// `BadRequest` if it names more than one list or an impossible name.
    pub fn list(&self) -> Result<Option<ListOf>, Failure> {
        let non_empty = |field: &Option<String>| {
            field.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(ToOwned::to_owned)
        };
        let named = [
            non_empty(&self.practice).map(|text| parse_ods_code(&text).map(ListOf::Practice)),
            non_empty(&self.team).map(|text| parse_ods_code(&text).map(ListOf::Team)),
            non_empty(&self.ward).map(|text| check_name(text).map(ListOf::Ward)),
            non_empty(&self.consultant).map(|text| check_name(text).map(ListOf::Consultant)),
            non_empty(&self.specialty).map(|text| check_name(text).map(ListOf::Specialty)),
            non_empty(&self.emergency).map(|_| Ok(ListOf::Emergency)),
            non_empty(&self.watched).map(|_| Ok(ListOf::Watched)),
        ];
        let mut named = named.into_iter().flatten();
        match (named.next(), named.next()) {
            (list, None) => list.transpose(),
            _ => Err(Failure::bad_request(
                "Choose one list: a practice, a team, a ward, a consultant, a specialty, the emergency department or the \
                 patients you watch.",
            )),
        }
    }

    /// The filters and order: those of the query, else those of the reader's settings.
    pub fn options(&self, settings: &ListSettings) -> ListOptions {
        let by = settings.order.clone().unwrap_or_default();
        let own_order = Order { descending: settings.descending && !by.is_empty(), column: by };
        let order = match self.sort.as_deref() {
            None | Some("") => own_order.clone(),
            Some(DEFAULT_ORDER) => Order::default(),
            Some(by) => Order { column: by.to_owned(), descending: self.desc.as_deref() == Some("true") },
        };
        let saved: BTreeMap<String, String> =
            settings.filters.iter().filter(|(name, _)| is_filter(name)).cloned().collect();
        let filters = if self.filters.keys().any(|name| is_filter(name)) { &self.filters } else { &saved };
        let value_of = |name: &str| filters.get(name).filter(|value| !value.is_empty()).cloned();
        let further = filters.iter().filter_map(|(name, value)| {
            let key = name.strip_prefix(FILTER_PREFIX)?;
            (!value.is_empty()).then(|| (key.to_owned(), value.clone()))
        });
        ListOptions {
            status: value_of("show").map(|show| StatusFilter::parse(&show)).unwrap_or_default(),
            hospital: value_of("hospital"),
            further: further.collect(),
            order,
            defaults: ListDefaults { has_filters: !saved.is_empty(), order: own_order },
        }
    }
}

fn is_filter(name: &str) -> bool {
    matches!(name, "show" | "hospital") || name.starts_with(FILTER_PREFIX)
}

fn parse_ods_code(text: &str) -> Result<OdsCode, Failure> {
    let problem = "A practice or team is named by its ODS code: 3 to 12 letters and digits.";
    OdsCode::parse(text).ok_or_else(|| Failure::bad_request(problem))
}

fn check_name(text: String) -> Result<String, Failure> {
    if text.chars().count() > 100 || text.chars().any(char::is_control) {
        return Err(Failure::bad_request("A ward, consultant or specialty is named in up to 100 characters."));
    }
    Ok(text)
}

/// The reader's organisation, if the registry knows it.
pub(crate) fn own_organisation<'a>(reader: &SignedInReader, registry: &'a Registry) -> Option<&'a Organisation> {
    registry.organisation(&reader.signed_in.actor.org)
}

/// The list that a reader starts with: their practice's or their team's. `None` for hospital staff, who choose a ward.
pub(crate) fn default_list(reader: &SignedInReader, registry: &Registry) -> Option<ListOf> {
    let actor = &reader.signed_in.actor;
    match own_organisation(reader, registry).map(|own| &own.kind) {
        _ if !has_ward_lists(actor.role) => None,
        Some(OrganisationKind::NeighbourhoodTeam) => Some(ListOf::Team(actor.org.clone())),
        Some(OrganisationKind::GpPractice) => Some(ListOf::Practice(actor.org.clone())),
        // If the registry is unavailable, practice staff still get their practice's list.
        _ if PRACTICE_ROLES.contains(&actor.role) => Some(ListOf::Practice(actor.org.clone())),
        _ => None,
    }
}

/// Whether to offer the choice of a ward or consultant: to clinicians outside neighbourhood teams.
pub(crate) fn can_choose_wards(reader: &SignedInReader, registry: &Registry) -> bool {
    let team = own_organisation(reader, registry).is_some_and(|own| own.kind == OrganisationKind::NeighbourhoodTeam);
    reader.has_role(&HOSPITAL_ROLES) && !team
}

#[cfg(test)]
#[path = "query_tests.rs"]
mod tests;
