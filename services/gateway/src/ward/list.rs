//! A ward list as its page shows it: counts, filters, tables, and the text of an empty list. It must never show a row that
//! virtual-ward did not return.

use lcr_contracts::ward::{ListOf, RowPatient};
use lcr_model::PersonId;

use crate::{
    layout::table::Table,
    search::people::similar_name_warnings,
    ward::{
        change_mark::{ChangeMark, StayVersions},
        columns::{Column, FURTHER_PREFIX, Order},
        filters::{DEFAULT_ORDER, FilterLink, ListOptions, filter_links},
        further_fields::{self, FILTER_PREFIX},
        list_context::ListContext,
        list_header::{completeness_line, empty_list_text, list_field, list_query},
        row_version::RowVersions,
        settings_form::{SettingsForm, settings_form},
        stay_list::{ListParts, StayList},
        stay_row::StayRow,
    },
};

const NO_MATCH: &str = "Nothing matches this filter. Choose All to see everything.";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListView {
    pub completeness: String,
    pub counts: Vec<String>,
    /// The sentence that says what new and changed are compared with.
    pub explanation: String,
    pub has_marks: bool,
    pub filter_links: Vec<FilterLink>,
    pub sort_links: Vec<SortLink>,
    /// Filters by a hospital's own fields.
    pub field_filters: Vec<further_fields::FieldFilter>,
    /// The list, filters and order of the address: hidden fields of the form of `field_filters`.
    pub query_fields: Vec<(String, String)>,
    pub settings_form: SettingsForm,
    /// The page sets the widths of standard columns only.
    pub has_standard_columns: bool,
    pub similar_names: Vec<String>,
    pub tables: Vec<Table>,
    /// Shown instead of the tables, if there are none.
    pub empty: String,
    /// The versions of all rows, which an open page sends when it listens for changes.
    pub row_versions: String,
    pub reload_href: String,
    pub all: StayVersions,
    /// The stays that pass the filters.
    pub shown: StayVersions,
}

/// A link that sorts the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortLink {
    pub label: String,
    pub href: String,
    pub current: bool,
    /// Reverses the order. Only the current order has it.
    pub reversed_href: Option<String>,
}

/// The address of a list without filters.
pub fn href(of: &ListOf, left: bool) -> String {
    format!("{}?{}", if left { "/ward/discharged" } else { "/ward" }, list_query(of))
}

pub fn list_view<L: StayList>(list: &L, context: ListContext<'_>) -> ListView {
    let ListContext { of, options, baseline, settings, now, .. } = context;
    let ListParts { as_of, days, rows, hospitals } = list.parts();
    let base = href(of, L::LEFT);
    // An empty list hides nothing.
    let is_hidden = |field: &str| !rows.is_empty() && rows.iter().all(|row| row.is_hidden(field));
    let count = |options: &ListOptions| rows.iter().filter(|row| options.matches(*row, baseline, now)).count();
    let version = |row: &L::Row| (row.common().spell.clone(), row.common().version);
    let columns = list.columns();
    ListView {
        completeness: completeness_line(as_of, hospitals),
        counts: list.counts(baseline, now),
        explanation: baseline.explanation(now),
        has_marks: rows.iter().any(|row| row.mark(baseline, now) != ChangeMark::Seen),
        filter_links: filter_links(&base, options, L::LEFT, hospitals, is_hidden, count),
        sort_links: sort_links(&base, options, &columns, L::MAIN_ORDERS),
        field_filters: list.field_filters(options),
        query_fields: query_fields(of, options),
        settings_form: settings_form(&columns, settings, options),
        has_standard_columns: settings.columns.is_empty() && columns.iter().all(Column::is_standard),
        similar_names: similar_names(rows.iter().map(|row| row.common().who)),
        tables: list.tables(&context),
        empty: empty_text(rows.is_empty(), || empty_list_text(of, hospitals, days, as_of)),
        row_versions: RowVersions::of(rows).encode(),
        reload_href: options.href(&base),
        all: rows.iter().map(version).collect(),
        shown: rows.iter().filter(|row| options.matches(*row, baseline, now)).map(version).collect(),
    }
}

/// The main orders, the hospitals' own fields, and the current order with its reverse.
fn sort_links(base: &str, options: &ListOptions, columns: &[Column], main: &[(&str, &str)]) -> Vec<SortLink> {
    let order = &options.order;
    let known = columns.iter().any(|column| column.name == order.column);
    let current_name = if known { order.column.as_str() } else { main.first().map_or("", |(name, _)| *name) };
    let is_main = |name: &str| main.iter().any(|(one, _)| *one == name);
    let others = columns
        .iter()
        .filter(|column| column.name.starts_with(FURTHER_PREFIX) || column.name == current_name)
        .filter(|column| !is_main(&column.name))
        .map(|column| (column.name.as_str(), column.heading.as_ref()));
    let sorted_href = |order: Order| ListOptions { order, ..options.clone() }.href(base);
    let link = |(name, label): (&str, &str)| {
        let current = name == current_name;
        // The list's own order needs no parameter, which keeps its address short.
        let column = if main.first().is_some_and(|(first, _)| *first == name) { "" } else { name };
        let descending = !(order.descending && known);
        let reversed = || sorted_href(Order { column: name.to_owned(), descending });
        SortLink {
            label: label.to_owned(),
            href: sorted_href(Order::ascending(column)),
            current,
            reversed_href: current.then(reversed),
        }
    };
    main.iter().copied().chain(others).map(link).collect()
}

fn query_fields(of: &ListOf, options: &ListOptions) -> Vec<(String, String)> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let (field, name) = list_field(of);
    let mut out = vec![pair(field, name)];
    out.extend(options.query_pairs().into_iter().filter(|(name, _)| !name.starts_with(FILTER_PREFIX)));
    if options.order != options.defaults.order {
        let column = options.order.column.as_str();
        out.push(pair("sort", if column.is_empty() { DEFAULT_ORDER } else { column }));
        out.extend(options.order.descending.then(|| pair("desc", "true")));
    }
    out
}

fn empty_text(no_rows: bool, text: impl FnOnce() -> String) -> String {
    if no_rows { text() } else { NO_MATCH.to_owned() }
}

/// Warnings of similar names. Two stays of one person give none.
fn similar_names<'a>(people: impl Iterator<Item = &'a RowPatient>) -> Vec<String> {
    let names: Vec<(Option<PersonId>, &str, &str)> =
        people.map(|who| (who.person, who.patient.family.as_str(), who.patient.given.as_str())).collect();
    similar_name_warnings(&names)
}
