//! The shipped policies as text for reviewers, and as data for pages: what each role sees and may do. It must show every
//! permission, so that a change of a policy shows as a difference.

mod permitted_acts;

use std::{collections::BTreeSet, fmt::Write};

use lcr_contracts::{
    claims::{AccessRules, DatasetRule, RelationshipRule},
    vocabulary::SystemKind,
};
use lcr_model::{Clearance, Dataset, Label, OverrideReason, Permission, RelationshipKind, Role};

use super::{OverridePolicy, Policies};
use permitted_acts::{opened_by_override, permitted_acts};

/// The kinds of source that a role may be told nothing of.
static SOURCE_KINDS: [SystemKind; 7] = [
    SystemKind::Gp,
    SystemKind::Hospital,
    SystemKind::Community,
    SystemKind::MentalHealth,
    SystemKind::SocialCare,
    SystemKind::Authority,
    SystemKind::Added,
];

/// All permissions of the shipped policies: those of `no-override`, and what `emergency-override` adds for each reason.
pub fn shipped_matrix() -> Result<String, String> {
    let policies = Policies::shipped(OverridePolicy::NoOverride)?;
    let emergency = Policies::shipped(OverridePolicy::EmergencyOverride)?;
    let mut text = String::from(
        "What each role sees of whom it has a relationship to, from services/consent/policies.\n\
         In brackets: the part that is seen. Apart: kinds of source that it is told nothing of. Differs: relationships by\n\
         which it sees more or less. Labels: the confidentiality labels past which it sees. Claims: with which permission of\n\
         the person it may say that it is involved. The last rows: what an override opens under `emergency-override`.\n",
    );
    for role in Role::ALL.iter().copied() {
        let _ = writeln!(text, "\n{role}");
        let rows = main_rows(&policies, role).into_iter().chain(further_rows(&policies, &emergency, role));
        for (name, items) in rows {
            let items = if items.is_empty() { "–".to_owned() } else { items.join(", ") };
            let _ = writeln!(text, "  {name:<16} {items}");
        }
    }
    Ok(text)
}

/// A row's name and items.
type Row = (String, Vec<String>);

fn main_rows(policies: &Policies, role: Role) -> Vec<Row> {
    let usual = policies.usual_kind(role).unwrap_or(RelationshipKind::None);
    let (mut sees, mut never) = (vec![], vec![]);
    for dataset in Dataset::ALL.iter().copied() {
        match policies.limits.get(&(role, dataset, usual)) {
            Some(limits) => sees.push(with_limits(dataset, limits)),
            None => never.push(dataset.to_string()),
        }
    }
    let apart = SOURCE_KINDS.iter().filter(|kind| !policies.can_ask(role, kind)).map(ToString::to_string);
    let rows = [("sees", sees), ("never", never), ("apart", apart.collect()), ("acts", permitted_acts(policies, role))];
    rows.map(|(name, items)| (name.to_owned(), items)).into()
}

/// The rows that few roles have. An empty one is left out.
fn further_rows(policies: &Policies, emergency: &Policies, role: Role) -> Vec<Row> {
    let claims = [Permission::Given, Permission::CannotBeAsked];
    let claims = claims.iter().filter(|permission| policies.permits_claim(role, permission)).map(ToString::to_string);
    let mut rows = vec![
        ("differs".to_owned(), differences(policies, role)),
        ("labels".to_owned(), seen_labels(policies, role)),
        ("claims".to_owned(), claims.collect()),
    ];
    for reason in OverrideReason::OFFERED {
        if emergency.permits_override(role, &reason) {
            rows.push((reason.to_string(), opened_by_override(emergency, role, &reason)));
        }
    }
    rows.retain(|(_, items)| !items.is_empty());
    rows
}

fn with_limits(dataset: Dataset, limits: &BTreeSet<Clearance>) -> String {
    let prefix = format!("{dataset}:");
    let words = limits.iter().map(|limit| limit.as_str().strip_prefix(&prefix).unwrap_or(limit.as_str()));
    let words: Vec<&str> = words.collect();
    if words.is_empty() { dataset.to_string() } else { format!("{dataset} ({})", words.join("; ")) }
}

/// What the role sees more or less by a relationship than by the usual one.
fn differences(policies: &Policies, role: Role) -> Vec<String> {
    let Some(usual) = policies.usual_kind(role) else { return vec![] };
    let mut items = vec![];
    for kind in policies.opening_kinds(role) {
        for dataset in Dataset::ALL.iter().copied() {
            let [by_kind, by_usual] = [kind, usual].map(|one| policies.limits.get(&(role, dataset, one)));
            match by_kind {
                _ if by_kind == by_usual => {}
                Some(limits) => items.push(format!("{kind} with {}", with_limits(dataset, limits))),
                None => items.push(format!("{kind} without {dataset}")),
            }
        }
    }
    items
}

fn seen_labels(policies: &Policies, role: Role) -> Vec<String> {
    let mut items = vec![];
    for label in Label::KNOWN {
        for kind in RelationshipKind::ALL {
            if policies.labels.get(&(role, *kind)).is_some_and(|seen| seen.contains(&label)) {
                items.push(format!("{label} by {kind}"));
            }
        }
    }
    items
}

impl Policies {
    /// The relationship that shows `role` what most others show it, too. `None` if none opens a record.
    fn usual_kind(&self, role: Role) -> Option<RelationshipKind> {
        let kinds = self.opening_kinds(role);
        let view = |kind: RelationshipKind| {
            let limits = Dataset::ALL.iter().map(|dataset| self.limits.get(&(role, *dataset, kind)));
            limits.collect::<Vec<_>>()
        };
        let alike = |kind: &RelationshipKind| kinds.iter().filter(|other| view(**other) == view(*kind)).count();
        // `max_by_key` returns the last maximum.
        kinds.iter().copied().rev().max_by_key(alike)
    }

    /// The rules for pages. They are made once.
    pub fn rules(&self) -> &AccessRules {
        self.rules.get_or_init(|| self.make_rules())
    }

    fn make_rules(&self) -> AccessRules {
        let roles = || Role::ALL.iter().copied();
        let datasets = roles().flat_map(|role| {
            let usual = self.usual_kind(role);
            Dataset::ALL.iter().copied().filter_map(move |dataset| {
                let limits = self.limits.get(&(role, dataset, usual?))?;
                Some(DatasetRule { role, dataset, limits: limits.iter().map(ToString::to_string).collect() })
            })
        });
        let relationships = roles().flat_map(|role| {
            let kinds = self.opening_kinds(role).into_iter();
            kinds.map(move |relationship| RelationshipRule { role, relationship })
        });
        AccessRules {
            policy_version: self.version.clone(),
            override_policy: self.override_policy.to_string(),
            datasets: datasets.collect(),
            relationships: relationships.collect(),
        }
    }
}
