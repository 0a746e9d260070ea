//! Finds the relationships between a reader and a person from evidence (ACCESS.md, "Relationships"). It must not decide
//! what a relationship opens: policies do.

use jiff::Timestamp;
use lcr_contracts::{events::Stay, registry::Organisation, vocabulary::OrganisationKind};
use lcr_model::{Actor, Relationship, Role, discharge_window::recently_discharged};

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

/// All relationships between `actor` and the person at `now`, the strongest first.
pub fn find_all(actor: &Actor, evidence: Evidence<'_>, now: Timestamp) -> Vec<Relationship> {
    if matches!(actor.role, Role::Patient | Role::ProxyParent) {
        return own_record(evidence.own);
    }
    let mut links = Vec::new();
    if evidence.practice_code == Some(actor.org.as_str()) {
        let organisation = evidence.practice.map_or("your practice", |practice| practice.name.as_str()).to_owned();
        links.push(Relationship::RegisteredPractice { organisation });
    }
    links.extend(hospital_links(actor, evidence, now));
    let team = evidence.practice.and_then(|practice| practice.part_of.as_ref());
    if let Some(reader) = evidence.reader
        && reader.kind == OrganisationKind::NeighbourhoodTeam
        && team == Some(&reader.ods)
    {
        links.push(Relationship::TeamArea { organisation: reader.name.clone() });
    }
    links
}

/// Whether the stay links the person to its hospital: it has not ended, or ended within 28 days (S-35).
pub fn is_recent(stay: &Stay, now: Timestamp) -> bool {
    stay.counts && stay.from <= now && stay.until.is_none_or(|until| until > now || recently_discharged(until, now))
}

fn own_record(is_own: bool) -> Vec<Relationship> {
    if is_own { vec![Relationship::OwnRecord] } else { vec![] }
}

fn hospital_links(actor: &Actor, evidence: Evidence<'_>, now: Timestamp) -> Vec<Relationship> {
    let hospital = || evidence.reader.map_or("your hospital", |reader| reader.name.as_str()).to_owned();
    let here = || evidence.stays.iter().filter(|stay| stay.counts && stay.organisation == actor.org);
    let mut links = Vec::new();
    if here().any(|stay| stay.from <= now && stay.until.is_none_or(|until| until > now)) {
        links.push(Relationship::InHospital { organisation: hospital() });
    }
    if here().any(|stay| stay.until.is_some_and(|until| recently_discharged(until, now))) {
        links.push(Relationship::LeftHospital { organisation: hospital() });
    }
    links
}

#[cfg(test)]
#[path = "relationship_tests.rs"]
mod tests;
