//! The form "Your list": the columns a reader wants, their order, the order of rows, and the filters when the list
//! opens. It consists of selects, so that it works without script.

use std::collections::BTreeMap;

use lcr_contracts::ward::ListSettings;

use crate::ward::{
    columns::{Column, FURTHER_PREFIX, PATIENT_COLUMN, chosen_columns},
    filters::ListOptions,
};

/// The prefixes of the form's fields.
const COLUMN_PREFIX: &str = "col-";
const FILTER_PREFIX: &str = "now-";
const MAX_COLUMNS: usize = 60;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsForm {
    pub columns: Vec<ColumnField>,
    pub orders: Vec<OrderOption>,
    pub descending: bool,
    /// The filters that are on now, as hidden fields.
    pub current_filters: Vec<(String, String)>,
    /// Whether filters are saved.
    pub has_saved_filters: bool,
    /// Whether anything differs from the standard list.
    pub is_customised: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnField {
    pub field_name: String,
    pub heading: String,
    /// The position from 1, or 0 if the column is not shown.
    pub position: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderOption {
    pub name: String,
    pub heading: String,
    pub chosen: bool,
}

pub fn settings_form(available: &[Column], settings: &ListSettings, options: &ListOptions) -> SettingsForm {
    let shown: Vec<Column> =
        chosen_columns(available, settings).into_iter().filter(|column| column.name != PATIENT_COLUMN).collect();
    let others = available.iter().filter(|column| column.name != PATIENT_COLUMN);
    let column = |column: &Column| ColumnField {
        field_name: format!("{COLUMN_PREFIX}{}", column.name),
        heading: column.heading.to_string(),
        position: shown.iter().position(|one| one == column).map_or(0, |at| at + 1),
    };
    let order = settings.order.as_deref().unwrap_or_default();
    let choice = |column: &Column| OrderOption {
        name: column.name.clone(),
        heading: column.heading.to_string(),
        chosen: column.name == order,
    };
    SettingsForm {
        columns: others.map(column).collect(),
        orders: available.iter().map(choice).collect(),
        descending: settings.descending,
        current_filters: options
            .query_pairs()
            .into_iter()
            .map(|(name, value)| (format!("{FILTER_PREFIX}{name}"), value))
            .collect(),
        has_saved_filters: !settings.filters.is_empty(),
        is_customised: *settings != ListSettings::default(),
    }
}

/// Reads the settings from a form. Columns that the page had no field for stay as they were.
pub fn read_settings(form: &BTreeMap<String, String>, before: &ListSettings) -> ListSettings {
    let value_of = |name: &str| form.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let positions = form.iter().filter_map(|(field, position)| {
        let position: usize = position.parse().ok().filter(|position| *position > 0)?;
        Some((position, field.strip_prefix(COLUMN_PREFIX)?.to_owned()))
    });
    let mut positions: Vec<(usize, String)> = positions.collect();
    positions.sort();
    let mut columns: Vec<String> = positions.into_iter().map(|(_, name)| name).collect();
    // A hospital's own field has no select while the hospital has no patient on the page.
    let absent = before
        .columns
        .iter()
        .filter(|name| name.starts_with(FURTHER_PREFIX) && !form.contains_key(&format!("{COLUMN_PREFIX}{name}")));
    columns.extend(absent.cloned());
    columns.truncate(MAX_COLUMNS);
    let filters = match value_of("filters") {
        Some("now") => current_filters(form),
        Some("kept") => before.filters.clone(),
        _ => vec![],
    };
    ListSettings {
        columns,
        order: value_of("order").map(ToOwned::to_owned),
        descending: value_of("order").is_some() && value_of("descending") == Some("true"),
        filters,
    }
}

fn current_filters(form: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let fields = form.iter().filter_map(|(name, value)| Some((name.strip_prefix(FILTER_PREFIX)?, value)));
    let mut filters: Vec<(String, String)> = fields.map(|(name, value)| (name.to_owned(), value.clone())).collect();
    filters.sort();
    filters
}

#[cfg(test)]
#[path = "settings_form_tests.rs"]
mod tests;
