//! The acts that each role may do, as text for reviewers.

use lcr_model::{Dataset, OverrideReason, RelationshipKind, Role};

use super::with_limits;
use crate::domain::policies::{Act, PersonFacts, Policies};

pub(super) fn opened_by_override(policies: &Policies, role: Role, reason: &OverrideReason) -> Vec<String> {
    let link = lcr_model::Relationship::Override { reason: reason.clone() };
    let datasets = Dataset::ALL.iter().copied().filter_map(|dataset| {
        let limits = policies.dataset_limits(role, dataset, &link)?;
        Some(with_limits(dataset, limits))
    });
    let labels = policies.labels(role, &link).into_iter().map(|label| format!("label {label}"));
    datasets.chain(labels).collect()
}

/// The acts that a role may do, and to whom.
pub(super) fn permitted_acts(policies: &Policies, role: Role) -> Vec<String> {
    let plain = PersonFacts::unobstructed(RelationshipKind::None);
    let mut items = vec![];
    let mut add = |words: String, act, facts| match policies.act_limits(role, act, facts) {
        Some(limits) if limits.is_empty() => items.push(words),
        Some(limits) => {
            let limits: Vec<String> = limits.into_iter().map(String::from).collect();
            items.push(format!("{words} ({})", limits.join("; ")));
        }
        None => {}
    };
    add("searches".into(), Act::Search, plain);
    add("finds who objected".into(), Act::Search, PersonFacts { objected: true, ..plain });
    add("searches without an agreement".into(), Act::Search, PersonFacts { agreement_signed: false, ..plain });
    let verbs = [
        (Act::Open, "opens"),
        (Act::List, "lists"),
        (Act::ReadChoices, "reads choices of"),
        (Act::Choose, "chooses for"),
        (Act::ReviewChoices, "reviews choices of"),
    ];
    for relationship in RelationshipKind::ALL.iter().copied() {
        let facts = PersonFacts { relationship, ..plain };
        for (act, verb) in verbs {
            add(format!("{verb} {relationship}"), act, facts);
        }
        for (act, verb) in [(Act::Open, "opens"), (Act::List, "lists")] {
            let objected = PersonFacts { objected: true, ..facts };
            add(format!("{verb} who objected by {relationship}"), act, objected);
            let unsigned = PersonFacts { agreement_signed: false, ..facts };
            add(format!("{verb} without an agreement by {relationship}"), act, unsigned);
        }
        let restricted = PersonFacts { restricted: true, ..facts };
        add(format!("lists restricted {relationship}"), Act::List, restricted);
        add(format!("locates restricted {relationship}"), Act::Locate, restricted);
    }
    items
}
