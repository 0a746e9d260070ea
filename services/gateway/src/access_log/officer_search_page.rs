//! The officers' search of the log, and the state of its tree. Reading the log is itself recorded. The page must name only
//! staff, organisations and ids, never a patient.

use askama::Template;
use axum::{extract::Query, http::StatusCode, response::Response};
use jiff::{Timestamp, ToSpan as _, civil::DateTime};
use lcr_contracts::{
    Failure,
    audit::{AccessKind, Entry, EntryQuery, LogState, Outcome},
    identity::Registry,
};
use lcr_model::{OdsCode, PersonId, london};
use serde::Deserialize;

use crate::{
    access_log::{
        officer_log::officer_table,
        officer_person_page::{load_registry, require_officer},
    },
    layout::{
        Layout, Nav,
        format::{encode_query_value, format_count},
        html,
        table::Table,
    },
    web::{
        error_page::{ErrorPage, as_cannot_record},
        session::SignedInReader,
    },
};

const UNUSUAL_SEARCH_DAYS: i64 = 28;
/// Entries read per page. The outcome is filtered afterwards.
const PAGE_SIZE: u16 = 200;

/// The search form as it was sent. The page is filled with it again.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct LogSearchForm {
    #[serde(default)]
    user: String,
    #[serde(default)]
    org: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    before: String,
}

#[derive(Template)]
#[template(path = "privacy.html")]
struct PrivacyPage {
    layout: Layout,
    input: LogSearchForm,
    organisations: Vec<(String, String)>,
    problem: Option<String>,
    results: Option<LogSearchResults>,
    /// Users who searched unusually often in the last 28 days. Shown before the first search.
    unusual: Option<Table>,
    /// `None` if audit did not answer.
    state: Option<LogState>,
}

struct LogSearchResults {
    summary: String,
    table: Table,
    older: Option<String>,
}

pub(crate) async fn search(reader: SignedInReader, Query(input): Query<LogSearchForm>) -> Result<Response, ErrorPage> {
    require_officer(&reader)?;
    let deps = &reader.app.deps;
    let registry = load_registry(&reader).await;
    let (problem, results) = match input.query() {
        Err(failure) => (Some(failure.outward().to_owned()), None),
        Ok(None) => (None, None),
        Ok(Some(query)) => {
            let entries = deps.audit.entries(&reader.caller(), query).await;
            let entries = entries.map_err(|failure| reader.error_page(&as_cannot_record(failure)))?;
            let matching: Vec<Entry> = entries.iter().filter(|entry| input.matches_outcome(entry)).cloned().collect();
            let table = officer_table(&matching, &registry, true);
            (
                None,
                Some(LogSearchResults {
                    summary: input.summary(matching.len(), entries.len()),
                    older: input.older_link(&entries),
                    table,
                }),
            )
        }
    };
    let unusual = if problem.is_none() && results.is_none() {
        Some(load_unusual_searches(&reader, &registry).await?)
    } else {
        None
    };
    let state = deps.audit.log_state().await.ok();
    let mut organisations: Vec<(String, String)> = registry
        .organisations
        .iter()
        .map(|organisation| (organisation.ods.to_string(), organisation.name.clone()))
        .collect();
    organisations.sort_by(|(_, a), (_, b)| a.cmp(b));
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let layout = reader.layout("The log", Nav::Log);
    Ok(html(status, &PrivacyPage { layout, input, organisations, problem, results, unusual, state }))
}

async fn load_unusual_searches(reader: &SignedInReader, registry: &Registry) -> Result<Table, ErrorPage> {
    let deps = &reader.app.deps;
    let from = deps.clock.now() - UNUSUAL_SEARCH_DAYS * 24.hours();
    let what = Some(AccessKind::UnusualSearch);
    let query = EntryQuery { what, from: Some(from), limit: Some(PAGE_SIZE), ..EntryQuery::default() };
    let entries = deps.audit.entries(&reader.caller(), query).await;
    let entries = entries.map_err(|failure| reader.error_page(&as_cannot_record(failure)))?;
    Ok(Table {
        caption: "Unusual searching".into(),
        empty: "Nobody whose log you read searched unusually often in the last 28 days.".into(),
        ..officer_table(&entries, registry, false)
    })
}

impl LogSearchForm {
    /// The query for audit, or `None` if the form is empty.
    fn query(&self) -> Result<Option<EntryQuery>, Failure> {
        let non_empty = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let fields = [&self.user, &self.org, &self.person, &self.from, &self.until, &self.outcome, &self.before];
        if fields.iter().all(|text| text.trim().is_empty()) {
            return Ok(None);
        }
        let person = non_empty(&self.person).map(|text| text.parse::<PersonId>()).transpose();
        let before = non_empty(&self.before).map(|text| text.parse()).transpose();
        Ok(Some(EntryQuery {
            person: person.map_err(|_| Failure::bad_request("Choose the person by way of the search."))?,
            user: non_empty(&self.user),
            what: None,
            org: non_empty(&self.org).map(OdsCode::new),
            from: parse_time(&self.from, "From")?,
            until: parse_time(&self.until, "Until")?,
            before: before.map_err(|_| Failure::bad_request("That page of the log is not known."))?,
            limit: Some(PAGE_SIZE),
        }))
    }

    fn matches_outcome(&self, entry: &Entry) -> bool {
        match self.outcome.as_str() {
            "allowed" => entry.opened.outcome == Outcome::Allowed,
            "refused" => entry.opened.outcome == Outcome::Refused,
            _ => true,
        }
    }

    fn summary(&self, matching: usize, total: usize) -> String {
        let count = format_count(total, "entry", "entries");
        if self.outcome.is_empty() { format!("{count}, newest first.") } else { format!("{matching} of {count} read.") }
    }

    fn older_link(&self, entries: &[Entry]) -> Option<String> {
        let last = entries.last().filter(|_| entries.len() == usize::from(PAGE_SIZE))?;
        let mut out = format!("/privacy?before={}", last.opened.id);
        let parameters = [
            ("user", &self.user),
            ("org", &self.org),
            ("person", &self.person),
            ("from", &self.from),
            ("until", &self.until),
            ("outcome", &self.outcome),
        ];
        for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
            out += &format!("&{name}={}", encode_query_value(value));
        }
        Some(out)
    }
}

/// Parses a day and time from the form, which are in London time.
fn parse_time(text: &str, label: &str) -> Result<Option<Timestamp>, Failure> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let invalid = || Failure::bad_request(format!("{label} could not be read: enter a day and a time."));
    let at: DateTime = text.parse().map_err(|_| invalid())?;
    let zone = london::zone();
    zone.to_timestamp(at).map(Some).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_london_time() {
        let parse = |text| parse_time(text, "From").map(|at| at.map(|at| at.to_string()));
        assert_eq!(parse("2026-07-05T14:05").unwrap().as_deref(), Some("2026-07-05T13:05:00Z"));
        assert_eq!(parse("2026-01-05T14:05").unwrap().as_deref(), Some("2026-01-05T14:05:00Z"));
        assert_eq!(parse("2026-01-05").unwrap().as_deref(), Some("2026-01-05T00:00:00Z"));
        assert_eq!(parse(" ").unwrap(), None);
        assert!(parse("yesterday").is_err());
    }

    #[test]
    fn an_empty_form_makes_no_query_and_an_error_repeats_no_input() {
        assert_eq!(LogSearchForm::default().query().unwrap(), None);
        let form = LogSearchForm { outcome: "refused".into(), ..LogSearchForm::default() };
        assert!(form.query().unwrap().is_some());
        let form = LogSearchForm { person: "SMITH".into(), ..LogSearchForm::default() };
        assert!(!form.query().unwrap_err().outward().contains("SMITH"));
    }
}
