//! The people for whom the reader's organisation cares, by evidence in force. It names nobody and records nothing:
//! patient-index records the list when it names them. Everybody on a page must be open to the reader.

use std::collections::HashMap;

use lcr_contracts::{
    Caller, Failure, FailureKind,
    audit::AccessKind,
    care_list::{CareList, CareListQuery, MAX_LISTED, PersonInCare},
    consent::{DecisionRequest, RequestedPerson},
    registry::{Organisation, Registry},
};
use lcr_model::{Actor, CareLinkKind, PersonId, ViewId, discharge_window::window_start};

use super::Service;
use crate::{
    domain::care_links::{self, ListOrder, StoredLink},
    store::{
        self, care_link,
        care_list::{self, ListPage},
    },
};

impl Service {
    /// The total counts everybody with evidence who has no objection; whom the decision refuses is left out of their page.
    pub(super) async fn list_people_in_care(&self, caller: &Caller, query: CareListQuery) -> Result<CareList, Failure> {
        let snapshot = self.snapshot_epochs(caller, &[]).await?;
        if snapshot.session_ended {
            return Err(Failure::new(FailureKind::Unauthenticated, "You were signed out."));
        }
        let (registry, now) = (self.registry(snapshot.registry_epoch).await?, self.clock.now());
        let Some(reader) = registry.organisation(&caller.actor.org).filter(|org| org.takes_part()) else {
            return Ok(CareList::default());
        };
        let kinds = self.listed_kinds(caller, query.kind.as_ref());
        let scopes = care_links::evidence_for(&caller.actor, reader, &registry, &kinds);
        if scopes.is_empty() {
            return Ok(CareList::default());
        }
        let order = ListOrder::on(window_start(now, 1));
        let (offset, limit) = (query.offset, query.limit.min(MAX_LISTED));
        let page = ListPage { reader: &reader.ods, scopes: &scopes, now, order, offset, limit };
        let (people, total) = care_list::find_people(self.store.read(), page).await?;
        let open = self.openable(caller, &people).await?;
        let rows = store::find_people(self.store.read(), &open).await?;
        let links = care_link::links_of(self.store.read(), &rows, now).await?;
        let counts = |stored: &StoredLink, organisation: &Organisation| {
            kinds.contains(&stored.link.kind) && care_links::serves_reader(organisation, reader)
        };
        let listed =
            |person: &PersonId| to_entry(*person, &links, (registry.as_ref(), &caller.actor), counts, (order, now));
        Ok(CareList { people: open.iter().filter_map(listed).collect(), total })
    }

    /// The kinds of the list whose relationships open a record to the reader's role.
    fn listed_kinds(&self, caller: &Caller, only: Option<&CareLinkKind>) -> Vec<CareLinkKind> {
        let opening = self.policies.opening_kinds(caller.actor.role);
        let kinds = CareLinkKind::KNOWN.into_iter().filter(|kind| only.is_none_or(|only| only == kind));
        kinds.filter(|kind| opening.contains(&kind.relationship())).collect()
    }

    /// Those of these people whose record the reader may open, in the same order.
    async fn openable(&self, caller: &Caller, people: &[PersonId]) -> Result<Vec<PersonId>, Failure> {
        let question = |person: &PersonId| RequestedPerson { person: *person, index_version: 0, identities: vec![] };
        let ask = DecisionRequest {
            audience: caller.service,
            view: ViewId::new(),
            what: AccessKind::Record,
            people: people.iter().map(question).collect(),
            datasets: vec![],
        };
        let (granted, _) = self.evaluate(caller, &ask).await?;
        Ok(granted.into_iter().map(|grant| grant.person).collect())
    }
}

/// The person with the evidence that comes first on the list. `None` if it ended meanwhile.
fn to_entry(
    person: PersonId,
    links: &HashMap<PersonId, Vec<StoredLink>>,
    (registry, reader): (&Registry, &Actor),
    counts: impl Fn(&StoredLink, &Organisation) -> bool,
    (order, now): (ListOrder, jiff::Timestamp),
) -> Option<PersonInCare> {
    let in_force = care_links::in_force(links.get(&person)?, registry, Some(reader), now);
    let listed = in_force.filter(|(stored, organisation)| counts(stored, organisation));
    let place = |stored: &StoredLink| {
        let period = care_links::period(&stored.link, stored.arrived)?;
        Some(order.place(&stored.link.kind, period.from))
    };
    let (_, first) = listed.filter_map(|(stored, _)| Some((place(stored)?, stored))).min_by_key(|(place, _)| *place)?;
    let link = &first.link;
    Some(PersonInCare { person, kind: link.kind.clone(), team: link.team.clone(), from: link.from, until: link.until })
}
