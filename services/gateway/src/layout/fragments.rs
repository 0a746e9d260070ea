//! The parts of a record page that its event stream can replace, each with an element id. The page and the stream must
//! render them alike, and a part that may no longer be shown must be replaced by a text, never by nothing.

mod closed;

use askama::Template;
use jiff::Timestamp;
use lcr_contracts::{patient_index::PatientSummary, record::Record};
use lcr_model::Dataset;

use crate::record::{
    allergies::{AllergiesLine, allergies_line},
    banner::{Contact, Death, contact, reported_death},
    banner_remarks::whereabouts_line,
    completeness::{Completeness, NotShownLine, completeness},
    coverage::Coverage,
    medications::Medications,
    page_datasets::page_datasets,
    remark::Remark,
    sources::{SourceLine, answered_sources, sources_line, sources_panel},
    summary::{Body, Section, sections},
    tabs::{CurrentPage, Tab, tabs},
};
use closed::LIVE_IDS;
pub(crate) use closed::{closed_fragments, closed_text, withheld_text};

/// One rendered part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fragment {
    pub id: &'static str,
    pub html: String,
}

const CONTACT: &str = "contact-line";

#[derive(Template)]
#[template(path = "parts/allergies.html")]
struct AllergiesFragment {
    line: AllergiesLine,
}

#[derive(Template)]
#[template(path = "parts/place.html")]
struct PlaceFragment {
    person: String,
    remarks: Vec<Remark>,
}

#[derive(Template)]
#[template(path = "parts/died_fact.html")]
struct DiedFact<'a> {
    died: &'a Death,
}

#[derive(Template)]
#[template(path = "parts/died_line.html")]
struct DiedLine<'a> {
    died: &'a Death,
}

#[derive(Template)]
#[template(path = "parts/contact.html")]
struct ContactFragment {
    contact: Contact,
}

#[derive(Template)]
#[template(path = "parts/emergency.html")]
struct EmergencyFragment {
    person: String,
    is_offered: bool,
}

#[derive(Template)]
#[template(path = "parts/complete.html")]
struct CompleteFragment {
    person: String,
    line: Completeness,
}

#[derive(Template)]
#[template(path = "parts/sources.html")]
struct SourcesFragment {
    line: String,
    sources: Vec<SourceLine>,
    answered: String,
}

#[derive(Template)]
#[template(path = "parts/tabs.html")]
struct TabsFragment {
    tabs: Vec<Tab>,
}

#[derive(Template)]
#[template(path = "parts/not_shown.html")]
struct NotShownFragment {
    lines: Vec<NotShownLine>,
}

#[derive(Template)]
#[template(path = "parts/section.html")]
struct SectionFragment {
    section: Section,
}

#[derive(Template)]
#[template(path = "parts/medications.html")]
struct MedicationsFragment<'a> {
    table: &'a Medications,
}

/// The parts on every page about a person: banner lines, completeness, sources, tabs, items not shown.
pub(crate) fn page_fragments(record: &Record, at: CurrentPage, now: Timestamp) -> Vec<Fragment> {
    let person = || record.person.to_string();
    let panel = sources_panel(record);
    let sources = SourcesFragment { line: sources_line(&panel), sources: panel, answered: answered_sources(record) };
    let rendered = [
        render(&AllergiesFragment { line: allergies_line(record) }),
        render(&PlaceFragment { person: person(), remarks: whereabouts_line(record, now) }),
        render(&CompleteFragment { person: person(), line: completeness(record) }),
        render(&sources),
        render(&TabsFragment { tabs: tabs(record, at, page_datasets(at).as_deref()) }),
        render(&NotShownFragment { lines: completeness(record).not_shown }),
    ];
    LIVE_IDS.into_iter().zip(rendered).map(|(id, html)| Fragment { id, html }).collect()
}

/// The death that a source reports, for the banner of a person who has died.
pub(crate) fn death_fragments(record: &Record) -> Vec<Fragment> {
    let Some(died) = reported_death(record) else { return vec![] };
    let (fact, line) = (DiedFact { died: &died }, DiedLine { died: &died });
    vec![Fragment { id: "died-fact", html: render(&fact) }, Fragment { id: "died-line", html: render(&line) }]
}

/// Address, phone and practice.
pub(crate) fn contact_fragment(contact: Contact) -> Fragment {
    Fragment { id: CONTACT, html: render(&ContactFragment { contact }) }
}

/// The link to an override, if one is offered.
pub(crate) fn emergency_fragment(person: String, is_offered: bool) -> Fragment {
    Fragment { id: "emergency-line", html: render(&EmergencyFragment { person, is_offered }) }
}

/// The details of contact once every source of demographics has answered. `opened` is the summary that the page was
/// opened with: only the patient index knows an address that no source sent, and protects one that a source must not show.
pub(crate) fn settled_contact(record: &Record, opened: Option<&PatientSummary>) -> Option<Fragment> {
    let opened = opened?;
    let asking = !Coverage::of(record, Dataset::Demographics).asking.is_empty();
    let shown = contact(Some(record), opened.address.as_deref(), opened.location_protected);
    (!asking || record.location_protected).then(|| contact_fragment(shown))
}

/// The sections of the summary.
pub(crate) fn summary_fragments(record: &Record, now: Timestamp) -> Vec<Fragment> {
    sections(record, now)
        .into_iter()
        .map(|section| Fragment { id: section.id, html: render(&SectionFragment { section }) })
        .collect()
}

pub(crate) fn medicines_comparison(table: &Medications) -> String {
    render(&MedicationsFragment { table })
}

fn render(template: &impl Template) -> String {
    template.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a part of a page could not be rendered");
        "<p>This part could not be shown. Reload the page.</p>".to_owned()
    })
}
