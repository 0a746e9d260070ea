//! Finds the relationships between a reader and a person from evidence (ACCESS.md, "Relationships"). It must not decide
//! what a relationship opens: policies do.

use jiff::Timestamp;
use lcr_contracts::{events::Stay, identity::Organisation};
use lcr_model::{Actor, Role};

/// The days after a discharge in which the hospital keeps its relationship (S-35). Counted in seconds, not in calendar days: the
/// relationship can end some hours before the row leaves the ward list.
pub const DAYS_AFTER_DISCHARGE: i64 = 28;

/// One link between a reader and a person. Lists of links begin with the strongest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relationship {
    /// The name in the policies.
    pub name: &'static str,
    /// The text for pages and the audit log.
    pub words: String,
}

/// The evidence for relationships.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The reader is this person, as the index linked their sign-in.
    pub own: bool,
    /// The registered practice.
    pub practice: Option<&'a Organisation>,
    /// The code of the registered practice, even if the registry does not know it.
    pub practice_code: Option<&'a str>,
    pub stays: &'a [Stay],
    /// The reader's organisation.
    pub reader: Option<&'a Organisation>,
}

/// All links between `actor` and the person at `now`.
pub fn find_all(actor: &Actor, evidence: Evidence<'_>, now: Timestamp) -> Vec<Relationship> {
    if matches!(actor.role, Role::Patient | Role::ProxyParent) {
        return own_record(evidence.own);
    }
    let mut links = Vec::new();
    if evidence.practice_code == Some(actor.org.as_str()) {
        let name = evidence.practice.map_or("your practice", |practice| practice.name.as_str());
        links.push(Relationship { name: "registered-practice", words: format!("registered at {name}") });
    }
    links.extend(hospital_links(actor, evidence, now));
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

/// Whether the stay links the person to its hospital: it has not ended, or ended within 28 days.
pub fn is_recent(stay: &Stay, now: Timestamp) -> bool {
    let over = |until: Timestamp| now.as_second() - until.as_second() >= DAYS_AFTER_DISCHARGE * 86_400;
    stay.counts && stay.from <= now && !stay.until.is_some_and(over)
}

fn own_record(is_own: bool) -> Vec<Relationship> {
    let link = Relationship { name: "own-record", words: "your own record".to_owned() };
    if is_own { vec![link] } else { vec![] }
}

fn hospital_links(actor: &Actor, evidence: Evidence<'_>, now: Timestamp) -> Vec<Relationship> {
    let hospital = evidence.reader.map_or("your hospital", |reader| reader.name.as_str());
    let here = || evidence.stays.iter().filter(|stay| stay.counts && stay.organisation == actor.org);
    let mut links = Vec::new();
    if here().any(|stay| stay.from <= now && stay.until.is_none_or(|until| until > now)) {
        links.push(Relationship { name: "in-patient-here", words: format!("in hospital at {hospital}") });
    }
    let recent = |until: Timestamp| until <= now && now.as_second() - until.as_second() < DAYS_AFTER_DISCHARGE * 86_400;
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
