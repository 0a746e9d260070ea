//! "Your list": which columns a reader wants, in which order, what rows are sorted by and which filters are on when the
//! list opens. A form of selects, so that it works without script.

use std::collections::BTreeMap;

use lcr_contracts::ward::ListSettings;

use super::{
    chips::Wanted,
    columns::{Column, FURTHER, PATIENT, chosen},
};

/// What the names of the form's fields begin with.
const PLACE: &str = "col-";
const NOW: &str = "now-";
/// More columns than this are nobody's choice.
const MOST: usize = 60;

/// The form as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    pub columns: Vec<OwnColumn>,
    pub orders: Vec<Choice>,
    pub descending: bool,
    /// The filters that are on now, as fields of the form.
    pub now: Vec<(String, String)>,
    /// Filters are kept already.
    pub filtered: bool,
    /// Anything differs from the standard list.
    pub is_set: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnColumn {
    /// The field's name.
    pub field: String,
    pub words: String,
    /// Its place; 0 while it is not shown.
    pub place: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub name: String,
    pub words: String,
    pub chosen: bool,
}

pub fn own(there_are: &[Column], settings: &ListSettings, wanted: &Wanted) -> Own {
    let shown: Vec<Column> =
        chosen(there_are, settings).into_iter().filter(|column| column.name != PATIENT).collect();
    let others = there_are.iter().filter(|column| column.name != PATIENT);
    let column = |column: &Column| OwnColumn {
        field: format!("{PLACE}{}", column.name),
        words: column.words.to_string(),
        place: shown.iter().position(|one| one == column).map_or(0, |at| at + 1),
    };
    let order = settings.order.as_deref().unwrap_or_default();
    let choice = |column: &Column| Choice {
        name: column.name.clone(),
        words: column.words.to_string(),
        chosen: column.name == order,
    };
    Own {
        columns: others.map(column).collect(),
        orders: there_are.iter().map(choice).collect(),
        descending: settings.descending,
        now: wanted.filters().into_iter().map(|(name, value)| (format!("{NOW}{name}"), value)).collect(),
        filtered: !settings.filters.is_empty(),
        is_set: *settings != ListSettings::default(),
    }
}

/// The settings that a form names. `before` keeps the columns and filters that this page had no field for.
pub fn read(form: &BTreeMap<String, String>, before: &ListSettings) -> ListSettings {
    let given = |name: &str| form.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let places = form.iter().filter_map(|(field, place)| {
        let place: usize = place.parse().ok().filter(|place| *place > 0)?;
        Some((place, field.strip_prefix(PLACE)?.to_owned()))
    });
    let mut places: Vec<(usize, String)> = places.collect();
    places.sort();
    let mut columns: Vec<String> = places.into_iter().map(|(_, name)| name).collect();
    // A field of a hospital that has nobody on this page today.
    let unnamed = before
        .columns
        .iter()
        .filter(|name| name.starts_with(FURTHER) && !form.contains_key(&format!("{PLACE}{name}")));
    columns.extend(unnamed.cloned());
    columns.truncate(MOST);
    let filters = match given("filters") {
        Some("now") => now(form),
        Some("kept") => before.filters.clone(),
        _ => vec![],
    };
    ListSettings {
        columns,
        order: given("order").map(ToOwned::to_owned),
        descending: given("order").is_some() && given("descending") == Some("true"),
        filters,
    }
}

fn now(form: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let fields = form.iter().filter_map(|(name, value)| Some((name.strip_prefix(NOW)?, value)));
    let mut filters: Vec<(String, String)> =
        fields.map(|(name, value)| (name.to_owned(), value.clone())).collect();
    filters.sort();
    filters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> BTreeMap<String, String> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_form_names_columns_by_their_places() {
        let sent = form(&[("col-plan", "1"), ("col-ward", "2"), ("col-bed", ""), ("order", "plan")]);
        let settings = read(&sent, &ListSettings::default());
        assert_eq!(settings.columns, ["plan", "ward"]);
        assert_eq!((settings.order.as_deref(), settings.descending), (Some("plan"), false));
    }

    #[test]
    fn a_field_of_a_hospital_without_a_row_today_is_kept() {
        let before = ListSettings { columns: vec!["further-news".into()], ..ListSettings::default() };
        assert_eq!(read(&form(&[("col-plan", "1")]), &before).columns, ["plan", "further-news"]);
        let sent = form(&[("col-plan", "1"), ("col-further-news", "")]);
        assert_eq!(read(&sent, &before).columns, ["plan"], "taken off by its own field");
    }

    #[test]
    fn the_filters_of_now_are_kept_only_where_asked() {
        let filter = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let before = ListSettings { filters: vec![filter("show", "new")], ..ListSettings::default() };
        let sent = |how: &str| form(&[("filters", how), ("now-show", "ready"), ("now-f-risk", "high")]);
        assert_eq!(read(&sent("now"), &before).filters, [filter("f-risk", "high"), filter("show", "ready")]);
        assert_eq!(read(&sent("kept"), &before).filters, before.filters);
        assert!(read(&sent("none"), &before).filters.is_empty());
    }
}
