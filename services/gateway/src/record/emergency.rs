//! What the line "You can see this record because …" says of an emergency: until when an override is in force, or a link to
//! the form of one. The link must be there only if something is withheld that an override may show.

use lcr_contracts::record::{Omission, Record};
use lcr_model::{Dataset, Relationship, Role, SourceState};

use crate::{
    layout::{
        format::format_time,
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
    /// Until when the reader's override is in force, if it opened the record.
    pub open_until: Option<String>,
}

impl Emergency {
    /// For a page of this record.
    pub async fn load(reader: &SignedInReader, record: &Record) -> Self {
        let (app, actor) = (&reader.app, &reader.signed_in.actor);
        let mut emergency = Self::of_role(app, actor.role).await;
        if is_overridden(record) {
            let until = app.open_overrides.until(actor, record.person, app.deps.clock.now()).await;
            emergency.open_until = until.map(format_time);
        }
        emergency
    }

    /// For a stream, which sends only the link.
    pub async fn of_role(app: &App, role: Role) -> Self {
        let seen = app.override_rules.datasets(app.deps.consent.as_ref(), role, app.deps.clock.now()).await;
        Self { seen, open_until: None }
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
mod tests {
    use lcr_contracts::record::NotShown;
    use lcr_model::SourceId;

    use super::*;
    use crate::record::test_records::{record, source};

    const SEEN: [Dataset; 2] = [Dataset::Demographics, Dataset::Medications];

    fn whole(state: SourceState) -> Record {
        let states = SEEN.map(|dataset| (dataset, state));
        record(vec![source("st-hildas", "hospital", &states)], SEEN.map(|dataset| (dataset, vec![])).into())
    }

    #[test]
    fn the_link_is_offered_only_if_something_is_withheld_that_an_override_may_show() {
        let emergency = Emergency { seen: Some(SEEN.into()), open_until: None };
        let link = |record: &Record, at| emergency.fragment(record, at).unwrap().html.contains("/override");
        let offered = |record: &Record| link(record, CurrentPage::Summary);
        assert!(!offered(&whole(SourceState::HasData)) && !offered(&whole(SourceState::NotAgreed)));
        assert!(offered(&whole(SourceState::OptedOut)));
        let mut labelled = whole(SourceState::HasData);
        labelled.not_shown.push(NotShown {
            source: SourceId::new("st-hildas"),
            dataset: Dataset::Medications,
            reason: Omission::Confidential,
            count: 1,
            items: vec![],
        });
        assert!(offered(&labelled));
        assert!(!link(&labelled, CurrentPage::Dataset(Dataset::Results)), "on another page");
        let mut narrowed = whole(SourceState::HasData);
        narrowed.sections.pop();
        assert!(offered(&narrowed), "the link that opened it does not show what the role sees");
        assert_eq!(Emergency::default().fragment(&labelled, CurrentPage::Summary), None, "the role may not override");
        labelled.relationship = Some(Relationship::Override { reason: "life-threatening".into() });
        assert!(!offered(&labelled), "an override is in force");
    }
}
