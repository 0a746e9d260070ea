//! Finds the relationship that permits a view. Only a reader with a relationship may learn of an objection.

use std::cmp::Reverse;

use lcr_contracts::{audit::AccessKind, consent::Refusal};
use lcr_model::{Actor, Relationship, RelationshipKind};

use super::{Facts, shows_summary_only};
use crate::domain::{
    choices,
    policies::{Act, PersonFacts, Policies},
};

/// A relationship that permits a view.
pub(super) struct PermittedLink<'f> {
    /// `None` if the view needs no relationship.
    pub link: Option<&'f Relationship>,
    /// The person's facts with this relationship.
    pub facts: PersonFacts,
    /// The facts with the relationship that lets the reader see where the person is, if one does.
    pub locating: PersonFacts,
}

/// Of all relationships that a policy permits, the one that shows most. A search needs none.
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
    let with = |link: &Relationship| PersonFacts { relationship: link.kind(), ..plain };
    let permitted = |link: Option<&'f Relationship>| {
        let own = link.map_or(plain, with);
        PermittedLink { link, facts: own, locating: prefer_locating_link(policies, actor, own, facts) }
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
    // An override is used only if nothing else permits the view. Of equals the first is the strongest.
    let rank = |link: &&Relationship| {
        let is_override = matches!(link, Relationship::Override { .. });
        (is_override, Reverse(policies.extent(actor.role, link)))
    };
    if let Some(link) = facts.relationships.iter().filter(is_permitted).min_by_key(rank) {
        return Ok(permitted(Some(link)));
    }
    let without_objection = |link: &Relationship| PersonFacts { objected: false, ..with(link) };
    let otherwise_permitted = |link: &Relationship| policies.permits(actor.role, act, without_objection(link));
    if plain.objected && facts.relationships.iter().any(otherwise_permitted) {
        return Err(Refusal::Objected);
    }
    Err(Refusal::NoRelationship)
}

/// Of several links, the one that lets the reader see where the person is; otherwise `own`.
fn prefer_locating_link(policies: &Policies, actor: &Actor, own: PersonFacts, facts: &Facts<'_>) -> PersonFacts {
    let with = |link: &Relationship| PersonFacts { relationship: link.kind(), ..own };
    let locates = |facts: &PersonFacts| policies.permits(actor.role, Act::Locate, *facts);
    facts.relationships.iter().map(with).find(locates).unwrap_or(own)
}
