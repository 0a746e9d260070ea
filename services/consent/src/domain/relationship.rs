//! What links a reader to a person, each with its evidence (`access.md`, "Relationships"). Which of them opens what
//! is policy, not here.

use jiff::Timestamp;
use lcr_contracts::{events::Stay, identity::Organisation};
use lcr_model::{Actor, Role};

/// Days after leaving during which the team that discharged somebody may still look (S-35).
pub const DAYS_AFTER: i64 = 28;

/// A link, strongest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relationship {
    /// The name the policies speak of.
    pub name: &'static str,
    /// For the page and the log.
    pub words: String,
}

/// What the links are made from.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The signed-in patient is this person, by the number their sign-in proved.
    pub own: bool,
    /// The registered practice.
    pub practice: Option<&'a Organisation>,
    /// The registered practice's code, also where the registry does not know it.
    pub practice_code: Option<&'a str>,
    pub stays: &'a [Stay],
    /// The reader's organisation.
    pub reader: Option<&'a Organisation>,
}

/// Every link between `actor` and the person, now.
pub fn all(actor: &Actor, evidence: Evidence<'_>, now: Timestamp) -> Vec<Relationship> {
    if matches!(actor.role, Role::Patient | Role::ProxyParent) {
        return own(evidence.own);
    }
    let mut links = Vec::new();
    if evidence.practice_code == Some(actor.org.as_str()) {
        let name = evidence.practice.map_or("your practice", |practice| practice.name.as_str());
        links.push(Relationship { name: "registered-practice", words: format!("registered at {name}") });
    }
    links.extend(stays(actor, evidence, now));
    let team = evidence.practice.and_then(|practice| practice.part_of.as_ref());
    if let Some(reader) = evidence.reader
        && reader.kind == "neighbourhood-team"
        && team == Some(&reader.ods)
    {
        let words = format!("in the area of {}", reader.name);
        links.push(Relationship { name: "team-area", words });
    }
    links
}

/// Whether a stay still links the person to its hospital: it goes on, or ended within 28 days.
pub fn is_recent(stay: &Stay, now: Timestamp) -> bool {
    let over = |until: Timestamp| now.as_second() - until.as_second() >= DAYS_AFTER * 86_400;
    stay.counts && stay.from <= now && !stay.until.is_some_and(over)
}

fn own(own: bool) -> Vec<Relationship> {
    let link = Relationship { name: "own-record", words: "your own record".to_owned() };
    if own { vec![link] } else { vec![] }
}

fn stays(actor: &Actor, evidence: Evidence<'_>, now: Timestamp) -> Vec<Relationship> {
    let hospital = evidence.reader.map_or("your hospital", |reader| reader.name.as_str());
    let here = || evidence.stays.iter().filter(|stay| stay.counts && stay.organisation == actor.org);
    let mut links = Vec::new();
    if here().any(|stay| stay.from <= now && stay.until.is_none_or(|until| until > now)) {
        links.push(Relationship { name: "in-patient-here", words: format!("in hospital at {hospital}") });
    }
    let recent = |until: Timestamp| until <= now && now.as_second() - until.as_second() < DAYS_AFTER * 86_400;
    if here().any(|stay| stay.until.is_some_and(recent)) {
        links.push(Relationship {
            name: "left-here-28-days",
            words: format!("left {hospital} within the last 28 days"),
        });
    }
    links
}

#[cfg(test)]
#[path = "relationship_tests.rs"]
mod tests;
