//! Finds the relationship that permits a view. Only a reader with a relationship may learn of an objection.

use std::cmp::Reverse;

use lcr_contracts::{audit::AccessKind, consent::Refusal};
use lcr_model::{Actor, Dataset, Relationship, RelationshipKind, permit::PersonGrant};

use super::{Facts, grant_record, shows_more, shows_summary_only, union};
use crate::domain::{
    choices,
    policies::{Act, PersonFacts, Policies},
};

/// A relationship that permits a view.
pub(super) struct PermittedLink<'f> {
    /// `None` if the view needs no relationship.
    pub link: Option<&'f Relationship>,
    /// If `link` is an override, the relationships that open the record without it, earlier overrides last.
    pub otherwise: Vec<&'f Relationship>,
    /// The person's facts with this relationship.
    pub facts: PersonFacts,
    /// The facts with the relationship that lets the reader see where the person is, if one does.
    pub locating: PersonFacts,
}

impl<'f> PermittedLink<'f> {
    /// The same view by another relationship.
    pub fn by(&self, link: &'f Relationship, facts: &Facts<'_>) -> Self {
        let own = PersonFacts { relationship: facts.rules_of(link).kind(), ..self.facts };
        Self { link: Some(link), otherwise: vec![], facts: own, locating: self.locating }
    }
}

/// Of all relationships that a policy permits, the one that shows most, or an override that shows what no other does. A
/// search needs none.
pub(super) fn find_permitted<'f>(
    policies: &Policies,
    actor: &Actor,
    what: AccessKind,
    facts: &'f Facts<'_>,
) -> Result<PermittedLink<'f>, Refusal> {
    let plain = PersonFacts {
        relationship: RelationshipKind::None,
        objected: choices::close_record(&facts.objections, &actor.org),
        agreement_signed: facts.agreement_signed,
        restricted: facts.restricted,
    };
    let with = |link: &Relationship| PersonFacts { relationship: facts.rules_of(link).kind(), ..plain };
    let permitted = |link: Option<&'f Relationship>| {
        let own = link.map_or(plain, with);
        let locating = prefer_locating_link(policies, actor, own, facts);
        PermittedLink { link, otherwise: vec![], facts: own, locating }
    };
    if shows_summary_only(what) && what != AccessKind::CareList {
        let found = permitted(facts.relationships.first());
        return if policies.permits(actor.role, Act::Search, found.facts) { Ok(found) } else { Err(Refusal::Role) };
    }
    let act = if what == AccessKind::WardList { Act::List } else { Act::Open };
    if act == Act::Open && !policies.sees_anything(actor.role) {
        return Err(Refusal::Role);
    }
    if facts.known_version.is_none_or(|known| known < facts.asked_version) {
        return Err(Refusal::CatchingUp);
    }
    let is_permitted = |link: &&Relationship| policies.permits(actor.role, act, with(link));
    let show = |link| grant_record(policies, actor, what, Dataset::ALL, facts, &permitted(Some(link)));
    let extent = |link: &Relationship| policies.extent(actor.role, facts.rules_of(link));
    let mut used = choose(facts.relationships.iter().filter(is_permitted).collect(), extent, show);
    if let Some(link) = used.pop() {
        return Ok(PermittedLink { otherwise: used, ..permitted(Some(link)) });
    }
    let without_objection = |link: &Relationship| PersonFacts { objected: false, ..with(link) };
    let otherwise_permitted = |link: &Relationship| policies.permits(actor.role, act, without_objection(link));
    if plain.objected && facts.relationships.iter().any(otherwise_permitted) {
        return Err(Refusal::Objected);
    }
    Err(Refusal::NoRelationship)
}

/// The relationships that open the record: of permitted links the one with the greatest extent, the first of equals, and every
/// override that shows what those before it do not. The last one is the reason in the log.
fn choose<'f>(
    links: Vec<&'f Relationship>,
    extent: impl Fn(&Relationship) -> (usize, usize),
    show: impl Fn(&'f Relationship) -> Option<PersonGrant>,
) -> Vec<&'f Relationship> {
    let is_override = |link: &&Relationship| matches!(link, Relationship::Override { .. });
    let (overrides, others): (Vec<_>, Vec<_>) = links.into_iter().partition(is_override);
    let mut used: Vec<&'f Relationship> =
        others.into_iter().min_by_key(|link| Reverse(extent(link))).into_iter().collect();
    if overrides.is_empty() {
        return used;
    }
    let mut shown = used.first().copied().and_then(&show);
    for link in overrides {
        let Some(more) = show(link) else { continue };
        if shown.as_ref().is_some_and(|less| !shows_more(&more, less)) {
            continue;
        }
        shown = Some(match shown.take() {
            Some(less) => union::of_grants(more, &less),
            None => more,
        });
        used.push(link);
    }
    used
}

/// Of several links, the one that lets the reader see where the person is; otherwise `own`.
fn prefer_locating_link(policies: &Policies, actor: &Actor, own: PersonFacts, facts: &Facts<'_>) -> PersonFacts {
    let with = |link: &Relationship| PersonFacts { relationship: link.kind(), ..own };
    let locates = |facts: &PersonFacts| policies.permits(actor.role, Act::Locate, *facts);
    facts.relationships.iter().map(with).find(locates).unwrap_or(own)
}
