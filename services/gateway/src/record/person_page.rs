//! The shell of every page about one person: banner, reason for access, completeness, sources, tabs. No page about a
//! person may be built without it.

use lcr_contracts::{
    Failure, FailureKind, audit::AccessKind, patient_index::PatientSummary, record::Record, records_api::ViewRequest,
};
use lcr_model::{Dataset, PersonId, ViewId};

use crate::{
    layout::{
        Layout, Nav,
        fragments::{self, Fragment},
        reasons::relationship_for_staff,
    },
    record::{
        banner::{Banner, banner},
        emergency::{Emergency, OpenEmergency},
        page_datasets::page_datasets,
        refusal_page::refusal_page,
        tabs::CurrentPage,
        withheld::withheld_names,
    },
    roles::PRACTICE_ROLES,
    web::{
        assets,
        error_page::{ErrorPage, no_such_page},
        session::SignedInReader,
    },
};

/// Everything around the content of a page about a person.
pub(crate) struct Shell {
    pub person: String,
    pub banner: Banner,
    pub relationship: String,
    /// The override that opened the record, if the reader may end it here.
    pub open_emergency: Option<OpenEmergency>,
    fragments: Vec<Fragment>,
    pub may_hold_more: bool,
    /// The event stream that fills the page.
    pub stream: Option<String>,
    /// The event stream that says when a complete page may no longer be shown.
    pub watch: Option<String>,
    /// Names of what sharing rules withhold from the page.
    pub withheld: String,
    /// Whether to offer the person's choices.
    pub choices: bool,
}

impl Shell {
    pub async fn load(reader: &SignedInReader, patient: &PatientSummary, record: &Record, at: CurrentPage) -> Self {
        let emergency = Emergency::load(reader, record).await;
        let now = reader.app.deps.clock.now();
        let dataset = match at {
            CurrentPage::Dataset(dataset) => Some(dataset),
            CurrentPage::Summary | CurrentPage::Timeline => None,
        };
        let watched = dataset.map_or("all", Dataset::as_str);
        let mark = reader.stream_mark();
        let watch = format!("/people/{}/stream?view={}&watch={watched}{mark}", record.person, record.view);
        let banner = banner(patient, Some(record), now);
        let contact = fragments::contact_fragment(banner.contact.clone());
        Self {
            person: record.person.to_string(),
            banner,
            relationship: record.relationship.as_ref().map(relationship_for_staff).unwrap_or_default(),
            fragments: fragments::page_fragments(record, at, now)
                .into_iter()
                .chain([contact])
                .chain(emergency.fragment(record, at))
                .collect(),
            open_emergency: emergency.open,
            may_hold_more: record.may_hold_more,
            stream: None,
            watch: assets::url("record.js").map(|_| watch),
            withheld: withheld_names(record, dataset).join(" "),
            choices: reader.has_role(&PRACTICE_ROLES),
        }
    }

    /// A rendered part by its id, used by the template.
    pub fn fragment(&self, id: &str) -> &str {
        self.fragments.iter().find(|fragment| fragment.id == id).map_or("", |fragment| &fragment.html)
    }

    /// A title with the person's initials, never the name.
    pub fn title(&self, what: &str) -> String {
        format!("{} – {what}", self.banner.initials)
    }
}

pub(crate) fn view_request(person: PersonId, view: ViewId) -> ViewRequest {
    ViewRequest { person, view, datasets: None, what: AccessKind::Record, live: false }
}

/// Waits until every source has answered or the deadline has passed, then returns the record and its shell.
pub(crate) async fn load_record(
    reader: &SignedInReader,
    person: PersonId,
    view: ViewId,
    at: CurrentPage,
) -> Result<(Shell, Record), ErrorPage> {
    let caller = reader.caller();
    let deps = &reader.app.deps;
    let ask = ViewRequest { datasets: page_datasets(at), ..view_request(person, view) };
    let record = match deps.records.whole(&caller, ask).await {
        Ok(record) => record,
        Err(failure) => return Err(person_error_page(reader, person, &failure).await),
    };
    let patient = deps.patient_index.summary(&caller, record.person, record.view).await;
    let patient = patient.map_err(|failure| reader.error_page(&failure))?;
    reader.app.recent_people.add(reader.session(), &patient, deps.clock.now()).await;
    Ok((Shell::load(reader, &patient, &record, at).await, record))
}

/// # Errors
/// An error page "This page does not exist" if the text is no id.
pub(crate) fn parse_person_id(reader: &SignedInReader, text: &str) -> Result<PersonId, ErrorPage> {
    text.parse().map_err(|_| reader.error_page(&no_such_page()))
}

/// # Errors
/// An error page if the reader's role does not see the dataset.
pub(crate) fn require_dataset(reader: &SignedInReader, record: &Record, dataset: Dataset) -> Result<(), ErrorPage> {
    if record.section(dataset).is_some() {
        return Ok(());
    }
    let text = format!("{} are not open to your role. This does not mean there are none.", dataset.title());
    Err(reader.error_page(&Failure::forbidden(text)))
}

/// The error page for a failure about a person. A refusal says what the reader can do.
pub(crate) async fn person_error_page(reader: &SignedInReader, person: PersonId, failure: &Failure) -> ErrorPage {
    if !ends_right(failure) {
        return reader.error_page(failure);
    }
    reader.app.recent_people.remove(reader.session(), person).await;
    refusal_page(reader, person, failure).await
}

/// Whether the failure says that the reader may not see the person's record any more.
pub(crate) fn ends_right(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::NoRelationship | FailureKind::Objected)
}

pub(crate) fn person_layout(reader: &SignedInReader, shell: &Shell, what: &str) -> Layout {
    reader.layout(shell.title(what), Nav::None)
}
