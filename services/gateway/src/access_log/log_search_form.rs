//! The form by which officers search the log, as a query and as links. An error must never repeat what was typed, and a link
//! must never carry a name.

use jiff::{SignedDuration, Timestamp, civil::DateTime};
use lcr_contracts::{
    Failure,
    audit::{Entry, EntryQuery, Outcome},
};
use lcr_model::{OdsCode, PersonId, london};
use serde::{Deserialize, Serialize};

use crate::layout::format::{encode_query_value, format_count};

/// How far back a search by name goes without a start. The log has no index of names.
const NAME_SEARCH: SignedDuration = SignedDuration::from_hours(28 * 24);
/// Entries read per page. The outcome is filtered afterwards.
pub(crate) const PAGE_SIZE: u16 = 200;

/// The search form as it was sent. The page is filled with it again.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct LogSearchForm {
    /// The random id of a stored search. The link has no other fields of the search then.
    #[serde(default)]
    pub r: String,
    /// The id of one user, from a link.
    #[serde(default)]
    pub user: String,
    /// Part of a user's name as shown.
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub org: String,
    #[serde(default)]
    pub person: String,
    #[serde(default)]
    pub from: String,
    #[serde(default)]
    pub until: String,
    #[serde(default)]
    pub outcome: String,
    #[serde(default)]
    pub before: String,
    /// `yes` if the people concerned are to be named.
    #[serde(default)]
    pub names: String,
}

impl LogSearchForm {
    /// The stored search with the page and the choice of names from a link.
    pub fn with_page_of(self, link: &Self) -> Self {
        Self { r: link.r.clone(), before: link.before.clone(), names: link.names.clone(), ..self }
    }

    /// The query for audit, or `None` if the form is empty.
    pub fn query(&self, now: Timestamp) -> Result<Option<EntryQuery>, Failure> {
        let non_empty = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        if self.fields().iter().all(|(_, text)| text.trim().is_empty()) && self.before.trim().is_empty() {
            return Ok(None);
        }
        let person = non_empty(&self.person).map(|text| text.parse::<PersonId>()).transpose();
        let before = non_empty(&self.before).map(|text| text.parse()).transpose();
        Ok(Some(EntryQuery {
            person: person.map_err(|_| Failure::bad_request("Choose the person by way of the search."))?,
            user: non_empty(&self.user),
            name: non_empty(&self.name),
            what: None,
            org: non_empty(&self.org).map(OdsCode::new),
            from: parse_time(&self.from, "From")?.or_else(|| self.has_default_start().then(|| now - NAME_SEARCH)),
            until: parse_time(&self.until, "Until")?,
            before: before.map_err(|_| Failure::bad_request("That page of the log is not known."))?,
            limit: Some(PAGE_SIZE),
        }))
    }

    /// The outcome, and the name once more: the previous version of audit does not know names.
    pub fn matches(&self, entry: &Entry) -> bool {
        let name = self.name.trim().to_lowercase();
        let is_named = entry.opened.actor.name.to_lowercase().contains(&name);
        is_named
            && match self.outcome.as_str() {
                "allowed" => entry.opened.outcome == Outcome::Allowed,
                "refused" => entry.opened.outcome == Outcome::Refused,
                _ => true,
            }
    }

    /// Whether the search begins 28 days ago because the officer gave a name and no start.
    fn has_default_start(&self) -> bool {
        !self.name.trim().is_empty() && self.from.trim().is_empty()
    }

    /// The address of the form that opens an incident about this search's person and user.
    pub fn incident_link(&self) -> Option<String> {
        let person: PersonId = self.person.trim().parse().ok()?;
        Some(format!("/privacy/incidents?person={person}&user={}", encode_query_value(self.user.trim())))
    }

    pub fn summary(&self, matching: usize, total: usize) -> String {
        let count = format_count(total, "entry", "entries");
        let words =
            if matching == total { format!("{count}, newest first.") } else { format!("{matching} of {count} read.") };
        if self.has_default_start() {
            format!("{words} Of the last 28 days: enter a start to search further back.")
        } else {
            words
        }
    }

    pub fn older_link(&self, entries: &[Entry]) -> Option<String> {
        let last = entries.last().filter(|_| entries.len() == usize::from(PAGE_SIZE))?;
        self.link(&[("before", last.opened.id.to_string().as_str()), ("names", self.names.as_str())])
    }

    /// What was searched for.
    fn fields(&self) -> [(&'static str, &str); 7] {
        [
            ("user", self.user.as_str()),
            ("name", self.name.as_str()),
            ("org", self.org.as_str()),
            ("person", self.person.as_str()),
            ("from", self.from.as_str()),
            ("until", self.until.as_str()),
            ("outcome", self.outcome.as_str()),
        ]
    }

    /// The address of the same search with these parameters: by its random id if it is stored. `None` if the address would
    /// have to carry a name.
    pub fn link(&self, more: &[(&'static str, &str)]) -> Option<String> {
        let stored = [("r", self.r.as_str())];
        let typed = self.fields();
        let fields = if self.r.is_empty() { &typed[..] } else { &stored[..] };
        if fields.iter().any(|(name, value)| *name == "name" && !value.trim().is_empty()) {
            return None;
        }
        let before = [("before", self.before.as_str())];
        let before = before.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
        let parameters = more.iter().chain(before).chain(fields).filter(|(_, value)| !value.is_empty());
        let pairs: Vec<String> =
            parameters.map(|(name, value)| format!("{name}={}", encode_query_value(value))).collect();
        Some(format!("/privacy?{}", pairs.join("&")))
    }
}

/// Parses a day and time from the form, which are in London time.
pub(crate) fn parse_time(text: &str, label: &str) -> Result<Option<Timestamp>, Failure> {
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
#[path = "log_search_form_tests.rs"]
mod tests;
