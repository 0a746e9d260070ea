//! The filters of a list: plain links, each with its count. A filter in an address names a status, a hospital or a
//! field's value, and must never name a patient.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use lcr_contracts::ward::{HospitalActivity, InpatientRow};

use crate::{
    layout::format::encode_query_value,
    ward::{
        change_mark::{Baseline, ChangeMark},
        columns::Order,
        further_fields::FILTER_PREFIX,
        stay_row::StayRow,
    },
};

/// Which rows of a list are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StatusFilter {
    #[default]
    All,
    /// Expected to leave today.
    Leaving,
    /// No longer need a hospital bed.
    Ready,
    /// New or changed since the reader last viewed the list.
    New,
    /// Back in hospital.
    Back,
    /// No letter in the record yet.
    NoLetter,
}

const INPATIENTS: [(StatusFilter, &str); 4] = [
    (StatusFilter::All, "All"),
    (StatusFilter::Leaving, "Expected to leave today"),
    (StatusFilter::Ready, "No longer need a hospital bed"),
    (StatusFilter::New, "New or changed"),
];
const DISCHARGED: [(StatusFilter, &str); 4] = [
    (StatusFilter::All, "All"),
    (StatusFilter::Back, "Back in hospital"),
    (StatusFilter::NoLetter, "No letter yet"),
    (StatusFilter::New, "New or changed"),
];

/// The filters and the order of a list, as the address gives them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListOptions {
    pub status: StatusFilter,
    /// The source of the one hospital to show.
    pub hospital: Option<String>,
    /// Filters by a hospital's own fields: key and value.
    pub further: BTreeMap<String, String>,
    pub order: Order,
    pub defaults: ListDefaults,
}

/// The reader's saved filters and order, which apply when the address gives none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListDefaults {
    pub has_filters: bool,
    pub order: Order,
}

/// The `sort` value for the list's own order, for readers whose settings name another.
pub const DEFAULT_ORDER: &str = "usual";

/// A link that applies one filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterLink {
    pub label: String,
    pub href: String,
    pub current: bool,
}

impl StatusFilter {
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Leaving => "leaving",
            Self::Ready => "ready",
            Self::New => "new",
            Self::Back => "back",
            Self::NoLetter => "no-letter",
        }
    }

    /// An unknown name shows everything, so that no filter hides rows by mistake.
    pub fn parse(name: &str) -> Self {
        let all = [Self::Leaving, Self::Ready, Self::New, Self::Back, Self::NoLetter];
        all.into_iter().find(|one| one.name() == name).unwrap_or_default()
    }

    /// The field that the filter needs. Without it the count would be 0, which reads as "none".
    fn required_field(self) -> Option<&'static str> {
        match self {
            Self::Leaving => Some("expected_discharge"),
            Self::Ready => Some("reside"),
            Self::Back => Some("back"),
            Self::NoLetter => Some("letter"),
            Self::All | Self::New => None,
        }
    }

    pub fn matches(self, row: &impl StayRow, baseline: &Baseline, now: Timestamp) -> bool {
        match self {
            Self::All => true,
            Self::New => row.mark(baseline, now) != ChangeMark::Seen,
            Self::Leaving | Self::Ready | Self::Back | Self::NoLetter => row.passes(self, now),
        }
    }
}

impl ListOptions {
    pub fn matches(&self, row: &impl StayRow, baseline: &Baseline, now: Timestamp) -> bool {
        let source = row.common().source.as_str();
        self.hospital.as_deref().is_none_or(|hospital| hospital == source)
            && self.status.matches(row, baseline, now)
            && row.passes_further(&self.further)
    }

    /// The filters as name and value pairs of a query.
    pub fn query_pairs(&self) -> Vec<(String, String)> {
        let status = (self.status != StatusFilter::All).then(|| ("show".to_owned(), self.status.name().to_owned()));
        let hospital = self.hospital.as_ref().map(|source| ("hospital".to_owned(), source.clone()));
        let further = self.further.iter().filter(|(_, value)| !value.is_empty());
        let further = further.map(|(key, value)| (format!("{FILTER_PREFIX}{key}"), value.clone()));
        status.into_iter().chain(hospital).chain(further).collect()
    }

    /// The list's address with these filters and order: `/ward?practice=B86000&show=new`.
    pub fn href(&self, base: &str) -> String {
        let mut filters = self.query_pairs();
        if filters.is_empty() && self.defaults.has_filters {
            filters.push(("show".to_owned(), "all".to_owned()));
        }
        let mut out = base.to_owned();
        for (name, value) in filters {
            out += &format!("&{}={}", encode_query_value(&name), encode_query_value(&value));
        }
        if self.order != self.defaults.order {
            let by = if self.order.column.is_empty() { DEFAULT_ORDER } else { &self.order.column };
            out += &format!("&sort={}", encode_query_value(by));
            out += if self.order.descending { "&desc=true" } else { "" };
        }
        out
    }

    fn with_filter(&self, status: StatusFilter, hospital: Option<String>) -> Self {
        Self { status, hospital, ..self.clone() }
    }
}

pub(super) fn expected_discharge_date(row: &InpatientRow) -> Option<Date> {
    row.expected_discharge.as_ref().map(|cell| cell.value.date)
}

/// The filter links of a list. A hospital without rows gets none. `is_hidden` tells which fields this reader sees in
/// no row, `count` how many rows a filter shows.
pub fn filter_links(
    base: &str,
    options: &ListOptions,
    left: bool,
    hospitals: &[HospitalActivity],
    is_hidden: impl Fn(&str) -> bool,
    count: impl Fn(&ListOptions) -> usize,
) -> Vec<FilterLink> {
    let link = |label: &str, to: ListOptions| FilterLink {
        label: format!("{label} {}", count(&to)),
        href: to.href(base),
        current: to == *options,
    };
    let of_list = if left { DISCHARGED } else { INPATIENTS };
    let mut out: Vec<FilterLink> = of_list
        .into_iter()
        .filter(|(status, _)| *status == options.status || !status.required_field().is_some_and(&is_hidden))
        .map(|(status, label)| link(label, options.with_filter(status, options.hospital.clone())))
        .collect();
    let only = |one: &HospitalActivity| ListOptions {
        hospital: Some(one.source.to_string()),
        ..options.with_filter(StatusFilter::All, None)
    };
    let mut with_rows = hospitals.iter().filter(|one| count(&only(one)) > 0).peekable();
    if with_rows.peek().is_some() || options.hospital.is_some() {
        out.push(link("Every hospital", options.with_filter(options.status, None)));
    }
    out.extend(
        with_rows.map(|one| link(&one.hospital, options.with_filter(options.status, Some(one.source.to_string())))),
    );
    out
}

#[cfg(test)]
#[path = "filters_tests.rs"]
mod tests;
