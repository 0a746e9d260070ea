//! Finds the relationships between a reader and a person from evidence (ACCESS.md, "Relationships"). It must not decide
//! what a relationship opens: policies do.

use jiff::Timestamp;
use lcr_contracts::{
    events::Stay,
    registry::{Organisation, Registry},
    vocabulary::OrganisationKind,
};
use lcr_model::{Actor, Dataset, Relationship, Role, discharge_window::recently_discharged};

use super::{
    care_links::{self, StoredLink},
    reader::Reader,
};

/// The evidence for relationships.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The reader is this person, as the index linked their sign-in.
    pub own: bool,
    /// The registered practice.
    pub practice: Option<&'a Organisation>,
    /// The code of the registered practice, even if the registry does not know it.
    pub practice_code: Option<&'a str>,
    /// The code of the practice before, and when the person left it.
    pub former_practice: Option<(&'a str, Timestamp)>,
    pub stays: &'a [Stay],
    pub links: &'a [StoredLink],
    /// The reader's organisation.
    pub reader: Option<&'a Organisation>,
    pub registry: &'a Registry,
}

/// All relationships between `actor` and the person at `now`, the strongest first.
pub fn find_all(actor: &Actor, evidence: Evidence<'_>, now: Timestamp) -> Vec<Relationship> {
    if opens_own_record_only(actor.role) {
        return own_record(evidence.own);
    }
    let mut links: Vec<Relationship> =
        registered_practice(actor, evidence).into_iter().chain(in_hospital(actor, evidence, now)).collect();
    if let Some(reader) = evidence.reader {
        links.extend(practice_session(reader, evidence));
        links.extend(care_links::relationships(evidence.links, evidence.registry, actor, reader, now));
    }
    links.extend(left_hospital(actor, evidence, now));
    links.extend(former_practice(actor, evidence, now));
    links.extend(evidence.reader.and_then(|reader| team_area(reader, evidence)));
    links
}

/// Whether the role opens nothing but the reader's own record.
pub fn opens_own_record_only(role: Role) -> bool {
    matches!(role, Role::Patient | Role::ProxyParent)
}

/// Whether the stay links the person to its hospital: it has not ended, or ended within 28 days (S-35).
pub fn is_recent(stay: &Stay, now: Timestamp) -> bool {
    stay.counts && stay.from <= now && stay.until.is_none_or(|until| until > now || recently_discharged(until, now))
}

fn own_record(is_own: bool) -> Vec<Relationship> {
    if is_own { vec![Relationship::OwnRecord] } else { vec![] }
}

fn registered_practice(actor: &Actor, evidence: Evidence<'_>) -> Option<Relationship> {
    let organisation = evidence.practice.map_or("your practice", |practice| practice.name.as_str()).to_owned();
    (evidence.practice_code == Some(actor.org.as_str())).then_some(Relationship::RegisteredPractice { organisation })
}

/// The reader's organisation holds sessions for the patients of the registered practice.
fn practice_session(reader: &Organisation, evidence: Evidence<'_>) -> Option<Relationship> {
    let serves = reader.serves.iter().any(|served| evidence.practice_code == Some(served.as_str()));
    let organisation =
        evidence.practice.map_or("the registered practice", |practice| practice.name.as_str()).to_owned();
    serves.then_some(Relationship::PracticeSession { organisation })
}

/// The practice still finishes letters and results for 28 days after the person left it.
fn former_practice(actor: &Actor, evidence: Evidence<'_>, now: Timestamp) -> Option<Relationship> {
    let (code, left_at) = evidence.former_practice?;
    let is_former = code == actor.org.as_str() && evidence.practice_code != Some(code);
    let organisation = evidence.reader.map_or("your practice", |reader| reader.name.as_str()).to_owned();
    (is_former && recently_discharged(left_at, now)).then_some(Relationship::FormerPractice { organisation })
}

fn team_area(reader: &Organisation, evidence: Evidence<'_>) -> Option<Relationship> {
    let team = evidence.practice.and_then(|practice| practice.part_of.as_ref());
    let is_team = reader.kind == OrganisationKind::NeighbourhoodTeam && team == Some(&reader.ods);
    is_team.then(|| Relationship::TeamArea { organisation: reader.name.clone() })
}

/// The stays at the reader's hospital that count for this reader.
fn stays_here<'a>(actor: &'a Actor, evidence: Evidence<'a>, now: Timestamp) -> impl Iterator<Item = &'a Stay> {
    let is_here = move |stay: &&Stay| stay.counts && stay.organisation == actor.org;
    evidence.stays.iter().filter(is_here).filter(move |stay| is_given(stay, actor, evidence, now))
}

/// Whether the reader is given the stays of the source. As with care links, a source that shows a reader no stays opens no other
/// source's record to them. A stay does not name its site, so the stays of a unit that is closed to the reader count while the
/// encounters of the whole source are open to them.
fn is_given(stay: &Stay, actor: &Actor, evidence: Evidence<'_>, now: Timestamp) -> bool {
    let Some(system) = evidence.registry.system(&stay.source) else { return false };
    let reader = Reader { actor, organisation: evidence.reader, organisations: &evidence.registry.organisations };
    // A new address stops a system until its check has passed. Its own staff must not lose their patients meanwhile.
    let counts = !system.is_stopped() || (system.is_interrupted(now) && reader.owns(system));
    counts && evidence.registry.owner_has_signed(system) && reader.is_given(system, Dataset::Encounters)
}

fn hospital_name(evidence: Evidence<'_>) -> String {
    evidence.reader.map_or("your hospital", |reader| reader.name.as_str()).to_owned()
}

fn in_hospital(actor: &Actor, evidence: Evidence<'_>, now: Timestamp) -> Option<Relationship> {
    let here = |stay: &Stay| stay.from <= now && stay.until.is_none_or(|until| until > now);
    let organisation = hospital_name(evidence);
    stays_here(actor, evidence, now).any(here).then_some(Relationship::InHospital { organisation })
}

fn left_hospital(actor: &Actor, evidence: Evidence<'_>, now: Timestamp) -> Option<Relationship> {
    let left = |stay: &Stay| stay.until.is_some_and(|until| recently_discharged(until, now));
    let organisation = hospital_name(evidence);
    stays_here(actor, evidence, now).any(left).then_some(Relationship::LeftHospital { organisation })
}

#[cfg(test)]
#[path = "relationship_tests.rs"]
mod tests;
