//! What every page about one person has around its content: the banner, why it may be seen, how complete it
//! is, its sources and its tabs. No page about a person may be built without it.

use lcr_contracts::{Failure, Kind, audit::What, patient_index::Stub, record::Record, records::ViewAsk};
use lcr_model::{Dataset, PersonId, ViewId};

use crate::{
    assets,
    page::{Frame, Nav},
    parts::{self, Part},
    roles::PRACTICE,
    session::SignedInReader,
    trouble::{Trouble, trouble_with},
    view::{
        banner::{Banner, banner},
        kept::kept,
        tabs::At,
    },
};

/// The shell of a page about a person.
pub(crate) struct Shell {
    pub person: String,
    pub banner: Banner,
    pub relationship: String,
    parts: Vec<Part>,
    pub may_hold_more: bool,
    /// Where a page that still fills listens.
    pub stream: Option<String>,
    /// Where a page that is whole listens for its end.
    pub watch: Option<String>,
    /// What the page knows to be kept back.
    pub kept: String,
    /// Whether this reader's desk takes choices.
    pub choices: bool,
}

impl Shell {
    pub fn new(reader: &SignedInReader, stub: &Stub, record: &Record, at: At) -> Self {
        let now = reader.app.deps.clock.now();
        let of = match at {
            At::Dataset(dataset) => Some(dataset),
            At::Summary | At::Timeline => None,
        };
        let watched = of.map_or("all", Dataset::as_str);
        let watch = format!("/people/{}/stream?view={}&watch={watched}", record.person, record.view);
        Self {
            person: record.person.to_string(),
            banner: banner(stub, Some(record), now),
            relationship: record.relationship.clone(),
            parts: parts::around(record, at, now),
            may_hold_more: record.may_hold_more,
            stream: None,
            watch: assets::address("record.js").map(|_| watch),
            kept: kept(record, of).join(" "),
            choices: reader.is(&PRACTICE),
        }
    }

    /// A rendered piece by its id.
    pub fn part(&self, id: &str) -> &str {
        self.parts.iter().find(|part| part.id == id).map_or("", |part| &part.html)
    }

    /// The title of a page: initials, never the name.
    pub fn title(&self, what: &str) -> String {
        format!("{} – {what}", self.banner.initials)
    }
}

/// A question about one person's record.
pub(crate) fn ask(person: PersonId, view: ViewId) -> ViewAsk {
    ViewAsk { person, view, datasets: None, what: What::Record, live: false }
}

/// The whole record with its shell, once every source has answered or its time is up.
pub(crate) async fn whole(
    reader: &SignedInReader,
    person: PersonId,
    view: ViewId,
    at: At,
) -> Result<(Shell, Record), Trouble> {
    let caller = reader.caller();
    let deps = &reader.app.deps;
    let record = deps
        .records
        .whole(&caller, ask(person, view))
        .await
        .map_err(|failure| fails(reader, person, &failure))?;
    let stub = deps.patient_index.stub(&caller, record.person, record.view).await;
    let stub = stub.map_err(|failure| reader.fails(&failure))?;
    Ok((Shell::new(reader, &stub, &record, at), record))
}

/// A person's id as it stands in a path; what is no id names nobody.
pub(crate) fn person(reader: &SignedInReader, text: &str) -> Result<PersonId, Trouble> {
    text.parse().map_err(|_| reader.fails(&Failure::not_found()))
}

/// A dataset that this reader's record has.
pub(crate) fn has(reader: &SignedInReader, record: &Record, dataset: Dataset) -> Result<(), Trouble> {
    if record.section(dataset).is_some() {
        return Ok(());
    }
    let words = format!("{} are not open to your role. This does not mean there are none.", dataset.title());
    Err(reader.fails(&Failure::forbidden(words)))
}

/// The page for a failure about a person. An objection is taken back where it was taken down: the practice is
/// offered the way there.
pub(crate) fn fails(reader: &SignedInReader, person: PersonId, failure: &Failure) -> Trouble {
    let offered = failure.kind == Kind::Objected && reader.is(&PRACTICE);
    let way = offered.then(|| ("See this person's choices", format!("/people/{person}/choices")));
    trouble_with(reader.frame("", Nav::None), failure, way)
}

/// The frame of a page about a person.
pub(crate) fn frame(reader: &SignedInReader, shell: &Shell, what: &str) -> Frame {
    reader.frame(shell.title(what), Nav::None)
}
