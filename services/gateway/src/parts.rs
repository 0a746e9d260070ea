//! The pieces of a record page, rendered alike for the page and for the stream that fills it. Each has an id;
//! a piece that may no longer be shown is replaced by words, never by nothing.

use askama::Template;
use jiff::Timestamp;
use lcr_contracts::{Failure, Kind, record::Record};
use lcr_model::SourceState;

use crate::view::{
    allergies::{AllergiesLine, allergies_line},
    completeness::{Completeness, NotShownLine, completeness},
    medications::Medications,
    place::{Remark, place_line},
    sources::{SourceLine, answered, sources_panel},
    summary::{Body, DIFFERENCES, SUMMARY, Section, sections},
    tabs::{At, Tab, tabs},
    words::clock,
};

/// One rendered piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub id: &'static str,
    pub html: String,
}

/// The pieces that always follow the record, in page order.
const LIVE: [&str; 6] = ["allergies-line", "place-line", "complete", "sources", "tabs", "not-shown"];

/// What else of a page goes when its view is closed.
const AROUND: [&str; 2] = ["why-line", "contact-line"];

#[derive(Template)]
#[template(path = "parts/allergies.html")]
struct AllergiesPart {
    line: AllergiesLine,
}

#[derive(Template)]
#[template(path = "parts/place.html")]
struct PlacePart {
    person: String,
    remarks: Vec<Remark>,
}

#[derive(Template)]
#[template(path = "parts/complete.html")]
struct CompletePart {
    person: String,
    line: Completeness,
}

#[derive(Template)]
#[template(path = "parts/sources.html")]
struct SourcesPart {
    sources: Vec<SourceLine>,
    answered: String,
    may_hold_more: bool,
}

#[derive(Template)]
#[template(path = "parts/tabs.html")]
struct TabsPart {
    tabs: Vec<Tab>,
}

#[derive(Template)]
#[template(path = "parts/not_shown.html")]
struct NotShownPart {
    lines: Vec<NotShownLine>,
}

#[derive(Template)]
#[template(path = "parts/section.html")]
struct SectionPart {
    section: Section,
}

#[derive(Template)]
#[template(path = "parts/medications.html")]
struct MedicationsPart<'a> {
    table: &'a Medications,
}

#[derive(Template)]
#[template(path = "parts/closed.html")]
struct ClosedPart<'a> {
    id: &'static str,
    title: &'static str,
    words: &'a str,
}

/// The pieces around every page of a record: banner lines, completeness, sources, tabs.
pub(crate) fn around(record: &Record, at: At, now: Timestamp) -> Vec<Part> {
    let person = || record.person.to_string();
    let sources = SourcesPart {
        sources: sources_panel(record),
        answered: answered(record),
        may_hold_more: record.may_hold_more,
    };
    let rendered = [
        render(&AllergiesPart { line: allergies_line(record) }),
        render(&PlacePart { person: person(), remarks: place_line(record, now) }),
        render(&CompletePart { person: person(), line: completeness(record) }),
        render(&sources),
        render(&TabsPart { tabs: tabs(record, at) }),
        render(&NotShownPart { lines: completeness(record).not_shown }),
    ];
    LIVE.into_iter().zip(rendered).map(|(id, html)| Part { id, html }).collect()
}

/// The sections of the summary.
pub(crate) fn summary(record: &Record, now: Timestamp) -> Vec<Part> {
    sections(record, now)
        .into_iter()
        .map(|section| Part { id: section.id, html: render(&SectionPart { section }) })
        .collect()
}

/// The comparison of medicines, as its own piece.
pub(crate) fn comparison(table: &Medications) -> String {
    render(&MedicationsPart { table })
}

/// Every piece, replaced by the words for a view that was closed while open.
pub(crate) fn closed(at: Timestamp, failure: &Failure) -> Vec<Part> {
    let words = closed_words(at, failure);
    let untitled = LIVE.into_iter().chain(AROUND).map(|id| (id, ""));
    let titled = SUMMARY.into_iter().map(|(dataset, id, _)| (id, dataset.title()));
    let all = untitled.chain(titled).chain([(DIFFERENCES, "Sources do not agree")]);
    all.map(|(id, title)| Part { id, html: render(&ClosedPart { id, title, words: &words }) }).collect()
}

pub(crate) fn closed_words(at: Timestamp, failure: &Failure) -> String {
    let why = match failure.kind {
        Kind::Objected => "the person's choice",
        Kind::NoRelationship => "no caring relationship is on record any more",
        Kind::Unauthenticated => "you were signed out",
        Kind::CannotRecord => "views cannot be recorded right now",
        _ => "it could not be confirmed that you may see it",
    };
    closed_because(at, why)
}

/// For a page of which less may be shown than stands on it.
pub(crate) fn less_words(at: Timestamp, record: &Record) -> String {
    let states = record.sources.iter().flat_map(|source| &source.datasets).map(|one| one.state);
    let chosen = states.into_iter().any(|state| state == SourceState::OptedOut);
    closed_because(at, if chosen { "the person's choice" } else { "what may be shown has changed" })
}

fn closed_because(at: Timestamp, why: &str) -> String {
    let at = clock(at);
    format!("You can no longer see this section ({why}, {at}). This does not mean there is none.")
}

fn render(template: &impl Template) -> String {
    template.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a part of a page could not be rendered");
        "<p>This part could not be shown. Reload the page.</p>".to_owned()
    })
}
