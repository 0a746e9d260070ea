//! The privacy officer's search of the log, and where its tree stands. Reading the log is itself an entry; the
//! page names staff, organisations and ids, and nobody looked at.

use askama::Template;
use axum::{extract::Query, http::StatusCode, response::Response};
use jiff::{Timestamp, ToSpan as _, civil::DateTime, tz::TimeZone};
use lcr_contracts::{
    Failure,
    audit::{Entry, EntryQuery, LogState, Outcome, What},
    identity::Registry,
};
use lcr_model::{OdsCode, PersonId};
use serde::Deserialize;

use crate::{
    page::{Frame, Nav, html},
    pages::log::{may_read, registry},
    session::SignedInReader,
    trouble::{Trouble, keeper_is_down},
    view::{
        log::officers_table,
        table::Table,
        words::{count, in_query},
    },
};

/// How far back unusual searching is shown.
const DAYS_OF_UNUSUAL: i64 = 28;
/// Entries read for one page, before the outcome is chosen among them.
const READ: u16 = 200;

/// The form, as it was sent and as it is drawn again.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Fields {
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
    frame: Frame,
    typed: Fields,
    organisations: Vec<(String, String)>,
    problem: Option<String>,
    found: Option<Found>,
    /// Of the last 28 days: who searched more often than anybody at work does.
    unusual: Option<Table>,
    /// `None` when it cannot be told now.
    state: Option<LogState>,
}

struct Found {
    words: String,
    table: Table,
    older: Option<String>,
}

pub(crate) async fn search(reader: SignedInReader, Query(typed): Query<Fields>) -> Result<Response, Trouble> {
    may_read(&reader)?;
    let deps = &reader.app.deps;
    let registry = registry(&reader).await;
    let (problem, found) = match typed.query() {
        Err(failure) => (Some(failure.outward().to_owned()), None),
        Ok(None) => (None, None),
        Ok(Some(query)) => {
            let read = deps.audit.entries(&reader.caller(), query).await;
            let read = read.map_err(|failure| reader.fails(&keeper_is_down(failure)))?;
            let wanted: Vec<Entry> = read.iter().filter(|entry| typed.wants(entry)).cloned().collect();
            let table = officers_table(&wanted, &registry, true);
            (
                None,
                Some(Found {
                    words: typed.found(wanted.len(), read.len()),
                    older: typed.older(&read),
                    table,
                }),
            )
        }
    };
    let unusual =
        if problem.is_none() && found.is_none() { Some(unusual(&reader, &registry).await?) } else { None };
    let state = deps.audit.log_state().await.ok();
    let mut organisations: Vec<(String, String)> =
        registry.organisations.iter().map(|one| (one.ods.to_string(), one.name.clone())).collect();
    organisations.sort_by(|one, other| one.1.cmp(&other.1));
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let frame = reader.frame("The log", Nav::Log);
    Ok(html(status, &PrivacyPage { frame, typed, organisations, problem, found, unusual, state }))
}

/// What an officer sees before they ask anything.
async fn unusual(reader: &SignedInReader, registry: &Registry) -> Result<Table, Trouble> {
    let deps = &reader.app.deps;
    let from = deps.clock.now() - DAYS_OF_UNUSUAL * 24.hours();
    let what = Some(What::UnusualSearch);
    let query = EntryQuery { what, from: Some(from), limit: Some(READ), ..EntryQuery::default() };
    let read = deps.audit.entries(&reader.caller(), query).await;
    let read = read.map_err(|failure| reader.fails(&keeper_is_down(failure)))?;
    Ok(Table {
        caption: "Unusual searching".into(),
        empty: "Nobody whose log you read searched unusually often in the last 28 days.".into(),
        ..officers_table(&read, registry, false)
    })
}

impl Fields {
    /// The question to the log; `None` while nothing was asked.
    fn query(&self) -> Result<Option<EntryQuery>, Failure> {
        let given = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let asked =
            [&self.user, &self.org, &self.person, &self.from, &self.until, &self.outcome, &self.before];
        if asked.iter().all(|text| text.trim().is_empty()) {
            return Ok(None);
        }
        let person = given(&self.person).map(|text| text.parse::<PersonId>()).transpose();
        let before = given(&self.before).map(|text| text.parse()).transpose();
        Ok(Some(EntryQuery {
            person: person.map_err(|_| Failure::bad_request("Choose the person by way of the search."))?,
            user: given(&self.user),
            what: None,
            org: given(&self.org).map(OdsCode::new),
            from: time(&self.from, "From")?,
            until: time(&self.until, "Until")?,
            before: before.map_err(|_| Failure::bad_request("That page of the log is not known."))?,
            limit: Some(READ),
        }))
    }

    fn wants(&self, entry: &Entry) -> bool {
        match self.outcome.as_str() {
            "allowed" => entry.opened.outcome == Outcome::Allowed,
            "refused" => entry.opened.outcome == Outcome::Refused,
            _ => true,
        }
    }

    fn found(&self, shown: usize, read: usize) -> String {
        let all = count(read, "entry", "entries");
        if self.outcome.is_empty() {
            format!("{all}, newest first.")
        } else {
            format!("{shown} of {all} read.")
        }
    }

    fn older(&self, read: &[Entry]) -> Option<String> {
        let last = read.last().filter(|_| read.len() == usize::from(READ))?;
        let mut out = format!("/privacy?before={}", last.opened.id);
        let kept = [
            ("user", &self.user),
            ("org", &self.org),
            ("person", &self.person),
            ("from", &self.from),
            ("until", &self.until),
            ("outcome", &self.outcome),
        ];
        for (name, value) in kept.iter().filter(|(_, value)| !value.is_empty()) {
            out += &format!("&{name}={}", in_query(value));
        }
        Some(out)
    }
}

/// A day and time as the form sends it, in Leeds.
fn time(text: &str, label: &str) -> Result<Option<Timestamp>, Failure> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || Failure::bad_request(format!("{label} could not be read: enter a day and a time."));
    let at: DateTime = text.parse().map_err(|_| wrong())?;
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    zone.to_timestamp(at).map(Some).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_leeds() {
        let read = |text| time(text, "From").map(|at| at.map(|at| at.to_string()));
        assert_eq!(read("2026-07-05T14:05").unwrap().as_deref(), Some("2026-07-05T13:05:00Z"));
        assert_eq!(read("2026-01-05T14:05").unwrap().as_deref(), Some("2026-01-05T14:05:00Z"));
        assert_eq!(read("2026-01-05").unwrap().as_deref(), Some("2026-01-05T00:00:00Z"));
        assert_eq!(read(" ").unwrap(), None);
        assert!(read("yesterday").is_err());
    }

    #[test]
    fn nothing_is_asked_of_the_log_before_the_form_is_filled() {
        assert_eq!(Fields::default().query().unwrap(), None);
        let fields = Fields { outcome: "refused".into(), ..Fields::default() };
        assert!(fields.query().unwrap().is_some());
        let fields = Fields { person: "SMITH".into(), ..Fields::default() };
        assert!(!fields.query().unwrap_err().outward().contains("SMITH"));
    }
}
