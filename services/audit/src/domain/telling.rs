//! What a person is told of looks at their own record (`access.md`, "The patient's own log"): shown, shown by role,
//! delayed or withheld. What is withheld leaves no gap, number or count.

use jiff::Timestamp;
use lcr_contracts::audit::{Completion, Entry, Look, What};
use lcr_model::{Dataset, Role};

/// Looking into a look: told later, so that an inquiry is not announced to whom it concerns.
const DELAY_SECONDS: i64 = 28 * 86_400;

/// How an entry is told to the person it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    Shown,
    /// By role alone: staff who could be at risk.
    ByRole,
    Withheld,
}

/// Pure policy; a change of it is a change here and in its tests.
pub fn telling(entry: &Entry, now: Timestamp) -> Telling {
    let opened = &entry.opened;
    let safeguarding = !opened.datasets.is_empty()
        && opened.datasets.iter().all(|dataset| *dataset == Dataset::Safeguarding);
    match (opened.what, opened.actor.role) {
        // Serious harm: an enquiry about a child is not told to who may be its subject.
        (_, Role::ChildrensSocialWorker) => Telling::Withheld,
        _ if safeguarding => Telling::Withheld,
        // Reading one's own log is not a look at the record.
        (What::AuditLog, Role::Patient | Role::ProxyParent) => Telling::Withheld,
        (What::AuditLog, _) if now.as_second() - opened.at.as_second() < DELAY_SECONDS => Telling::Withheld,
        // Of a kind that a later version recorded nobody can say here whether staff are at risk.
        (What::AuditLog | What::Unknown, _) | (_, Role::MentalHealth) => Telling::ByRole,
        _ => Telling::Shown,
    }
}

/// The look as the person reads it; `None` where policy withholds it.
pub fn look(entry: &Entry, now: Timestamp) -> Option<Look> {
    let opened = &entry.opened;
    let who = match telling(entry, now) {
        Telling::Withheld => return None,
        Telling::ByRole => String::new(),
        Telling::Shown => opened.actor.name.clone(),
    };
    let datasets = match &entry.completion {
        Completion::Shown { shown, .. } => {
            let given = shown.iter().filter(|one| one.count > 0).map(|one| one.dataset);
            given.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
        }
        Completion::PresumedShown => opened.datasets.clone(),
        Completion::NothingShown => vec![],
    };
    Some(Look {
        entry: opened.id,
        at: opened.at,
        who,
        role: opened.actor.role,
        kind: opened.actor.kind,
        org: opened.actor.org.clone(),
        what: opened.what,
        outcome: opened.outcome,
        reason: opened.reason.clone(),
        datasets,
        presumed: entry.completion == Completion::PresumedShown,
    })
}

#[cfg(test)]
mod tests {
    use lcr_contracts::audit::{OpenEntry, Outcome};
    use lcr_model::*;
    use uuid::Uuid;

    use super::*;

    fn entry(role: Role, what: What, datasets: Vec<Dataset>) -> Entry {
        let actor = Actor {
            user: UserId::new("u"),
            kind: ActorKind::Person,
            name: "Dr Aisha Khan".into(),
            org: OdsCode::new("Y90001"),
            role,
            purpose: Purpose::DirectCare,
            session: SessionId::new(),
        };
        let opened = OpenEntry {
            id: Uuid::now_v7(),
            view: ViewId::new(),
            at: "2026-11-01T00:00:00Z".parse().unwrap(),
            actor,
            audience: ServiceName::RecordAggregation,
            what,
            outcome: Outcome::Allowed,
            reason: "registered at Beckside Surgery".into(),
            people: vec![PersonId::new()],
            datasets,
            policy_version: String::new(),
            choice: None,
            concerned: std::collections::BTreeMap::new(),
        };
        Entry { opened, completion: Completion::PresumedShown }
    }

    fn told(entry: &Entry, now: &str) -> Telling {
        telling(entry, now.parse().unwrap())
    }

    #[test]
    fn a_look_by_the_practice_is_told_with_name_and_reason() {
        let seen = entry(Role::Gp, What::Record, vec![Dataset::Medications]);
        let look = look(&seen, "2026-11-22T00:00:00Z".parse().unwrap()).unwrap();
        assert_eq!((look.who.as_str(), look.presumed), ("Dr Aisha Khan", true));
        assert_eq!(look.datasets, [Dataset::Medications]);
    }

    #[test]
    fn a_kind_of_a_later_version_is_told_by_role() {
        let later = entry(Role::Gp, What::Unknown, vec![Dataset::Medications]);
        assert_eq!(told(&later, "2026-11-29T00:00:00Z"), Telling::ByRole);
    }

    #[test]
    fn an_enquiry_is_delayed_then_told_by_role_and_safeguarding_never() {
        let enquiry = entry(Role::PrivacyOfficer, What::AuditLog, vec![]);
        assert_eq!(told(&enquiry, "2026-11-28T00:00:00Z"), Telling::Withheld);
        assert_eq!(told(&enquiry, "2026-11-29T00:00:00Z"), Telling::ByRole);
        let child = entry(Role::ChildrensSocialWorker, What::Record, vec![]);
        let safeguarding = entry(Role::Gp, What::Record, vec![Dataset::Safeguarding]);
        for withheld in [child, safeguarding] {
            assert_eq!(told(&withheld, "2030-01-01T00:00:00Z"), Telling::Withheld);
            assert_eq!(look(&withheld, "2030-01-01T00:00:00Z".parse().unwrap()), None);
        }
    }
}
