//! What the line "You can see this record because …" says of an emergency: until when an override is in force and the button that
//! ends it, or a link to the form of one. The link must be there only if something is withheld that an override may show.

use jiff::Timestamp;
use lcr_contracts::record::{Omission, Record};
use lcr_model::{Dataset, Relationship, Role, SourceState};

use crate::{
    cache::open_overrides::OpenOverride,
    layout::{
        format::{format_count, format_time},
        fragments::{Fragment, emergency_fragment},
    },
    record::tabs::CurrentPage,
    state::App,
    web::session::SignedInReader,
};

/// What a reader may know and do about an emergency. The default says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Emergency {
    /// The datasets that the reader's role sees. `None` if it may not override.
    seen: Option<Vec<Dataset>>,
    /// The reader's override, if it opened the record.
    pub open: Option<OpenEmergency>,
}

/// An override in force, as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenEmergency {
    /// The claim that the button ends.
    pub claim: String,
    /// Until when it is in force, and how long that is.
    pub words: String,
}

impl OpenEmergency {
    fn new(open: OpenOverride, now: Timestamp) -> Self {
        let seconds = open.until.duration_since(now).as_secs();
        // Rounded up, so that the last seconds are not no time at all.
        let minutes = usize::try_from(seconds.saturating_add(59) / 60).unwrap_or(0);
        let left = format_count(minutes, "minute", "minutes");
        let (until, now) = (format_time(open.until), format_time(now));
        Self { claim: open.claim.to_string(), words: format!("until {until} ({left} left at {now})") }
    }
}

impl Emergency {
    /// For a page of this record.
    pub async fn load(reader: &SignedInReader, record: &Record) -> Self {
        let (app, actor) = (&reader.app, &reader.signed_in.actor);
        let mut emergency = Self::of_role(app, actor.role).await;
        if is_overridden(record) {
            let now = app.deps.clock.now();
            let open = app.open_overrides.find(actor, record.person, now).await;
            emergency.open = open.map(|open| OpenEmergency::new(open, now));
        }
        emergency
    }

    /// For a stream, which sends only the link.
    pub async fn of_role(app: &App, role: Role) -> Self {
        let seen = app.override_rules.datasets(app.deps.consent.as_ref(), role, app.deps.clock.now()).await;
        Self { seen, open: None }
    }

    /// The part of the page with the link. `None` for roles that may not override.
    pub fn fragment(&self, record: &Record, at: CurrentPage) -> Option<Fragment> {
        let seen = self.seen.as_ref()?;
        let is_offered = !is_overridden(record) && withholds(record, at, seen);
        Some(emergency_fragment(record.person.to_string(), is_offered))
    }
}

fn is_overridden(record: &Record) -> bool {
    matches!(record.relationship, Some(Relationship::Override { .. }))
}

/// Whether the page withholds something that an override may show to a role that sees these datasets: by the person's choice,
/// by a label, or by the link that opened the record. No override opens what a source did not agree to give.
fn withholds(record: &Record, at: CurrentPage, seen: &[Dataset]) -> bool {
    let on_page = |dataset: Dataset| match at {
        CurrentPage::Dataset(page) => dataset == page || dataset == Dataset::Demographics,
        CurrentPage::Summary | CurrentPage::Timeline => true,
    };
    let mut reports = record.sources.iter().flat_map(|source| &source.datasets);
    let by_choice = reports.any(|report| on_page(report.dataset) && report.state == SourceState::OptedOut);
    let by_label = record.not_shown.iter().any(|one| on_page(one.dataset) && one.reason == Omission::Confidential);
    let by_link = seen.iter().any(|dataset| on_page(*dataset) && record.section(*dataset).is_none());
    by_choice || by_label || by_link
}

#[cfg(test)]
#[path = "emergency_tests.rs"]
mod tests;
