//! The texts that replace what may no longer be shown. They must never be empty.

use askama::Template;
use jiff::Timestamp;
use lcr_contracts::{Failure, FailureKind, record::Record};
use lcr_model::SourceState;

use super::{CONTACT, Fragment, render};
use crate::{
    layout::format::format_time,
    record::summary::{DIFFERENCES, SUMMARY},
};

/// The parts that the stream updates, in page order.
pub(super) const LIVE_IDS: [&str; 6] = ["allergies-line", "place-line", "complete", "sources", "tabs", "not-shown"];

/// The parts that change only when the view is closed.
const CLOSED_ONLY_IDS: [&str; 2] = ["why-line", CONTACT];

#[derive(Template)]
#[template(path = "parts/closed.html")]
struct ClosedFragment<'a> {
    pub(super) id: &'static str,
    title: &'static str,
    text: &'a str,
}

impl ClosedFragment<'_> {
    /// Each part needs a name of its own, by which screen readers tell it from the others.
    fn label(&self) -> String {
        if self.title.is_empty() {
            format!("No longer shown: {}", self.id.replace('-', " "))
        } else {
            self.title.into()
        }
    }
}

/// Replaces every part by a text when a view is closed while its page is open.
pub(crate) fn closed_fragments(at: Timestamp, failure: &Failure) -> Vec<Fragment> {
    let text = closed_text(at, failure);
    let untitled = LIVE_IDS.into_iter().chain(CLOSED_ONLY_IDS).map(|id| (id, ""));
    let titled = SUMMARY.iter().map(|part| (part.id, part.title));
    let all = untitled.chain(titled).chain([(DIFFERENCES, "Sources do not agree")]);
    all.map(|(id, title)| Fragment { id, html: render(&ClosedFragment { id, title, text: &text }) }).collect()
}

pub(crate) fn closed_text(at: Timestamp, failure: &Failure) -> String {
    let reason = match failure.kind {
        FailureKind::Objected => "the person's choice",
        FailureKind::NoRelationship => "no caring relationship is on record any more",
        FailureKind::Unauthenticated => "you were signed out",
        FailureKind::CannotRecord => "views cannot be recorded right now",
        _ => "it could not be confirmed that you may see it",
    };
    closed_sentence(at, reason)
}

/// The text when a sharing rule now withholds something that the page shows.
pub(crate) fn withheld_text(at: Timestamp, record: &Record) -> String {
    let states = record.sources.iter().flat_map(|source| &source.datasets).map(|dataset| dataset.state);
    let opted_out = states.into_iter().any(|state| state == SourceState::OptedOut);
    closed_sentence(at, if opted_out { "the person's choice" } else { "what may be shown has changed" })
}

fn closed_sentence(at: Timestamp, reason: &str) -> String {
    let at = format_time(at);
    format!("You can no longer see this section ({reason}, {at}). This does not mean there is none.")
}
