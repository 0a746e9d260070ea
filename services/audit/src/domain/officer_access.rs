//! Which entries of the log an officer reads, and with which of their people. Pure. It must never give an officer an entry of
//! another organisation's staff, except about a person of theirs, or inside an open incident that is shared with them.

use jiff::Timestamp;
use lcr_contracts::audit::{AccessKind, OpenEntry};
use lcr_model::{OdsCode, PersonId, UserId};

/// How far an incident reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentScope {
    /// The organisation that opened it. Nobody reads more through it than its own officers may.
    pub owner: OdsCode,
    pub person: PersonId,
    /// Only entries of this reader, if given.
    pub user: Option<UserId>,
    /// Entries at or after this time.
    pub from: Timestamp,
    /// Entries before this time.
    pub until: Timestamp,
    pub is_closed: bool,
    /// The organisations with which it is shared now.
    pub shared_with: Vec<OdsCode>,
}

impl IncidentScope {
    /// Whether officers of this organisation may see the incident itself.
    pub fn is_visible_to(&self, officer: &OdsCode) -> bool {
        self.owner == *officer || self.shared_with.contains(officer)
    }

    /// Whether officers of this organisation read the log through it.
    pub fn opens_log_to(&self, officer: &OdsCode) -> bool {
        !self.is_closed && self.is_visible_to(officer)
    }

    /// Whether the entry is inside the incident. Acts on incidents are not: they would tell with whom else one is shared.
    fn covers(&self, entry: &OpenEntry) -> bool {
        entry.what != AccessKind::Incident
            && entry.people.contains(&self.person)
            && self.from <= entry.at
            && entry.at < self.until
            && self.user.as_ref().is_none_or(|user| entry.actor.user == *user)
    }
}

/// The people of an entry that officers of an organisation may read: all if its own staff made the entry, and otherwise those
/// of its own. `None` if they may not read the entry.
pub fn own_people(entry: &OpenEntry, officer: &OdsCode) -> Option<Vec<PersonId>> {
    if entry.actor.org == *officer {
        return Some(entry.people.clone());
    }
    entry.concerned.get(officer).filter(|people| !people.is_empty()).cloned()
}

/// The people of an entry that officers of an organisation read through an incident: the incident's person, if its owner may
/// read the entry about them. `None` if they may not read the entry.
pub fn incident_people(entry: &OpenEntry, officer: &OdsCode, incident: &IncidentScope) -> Option<Vec<PersonId>> {
    if !incident.opens_log_to(officer) || !incident.covers(entry) {
        return None;
    }
    let is_readable = own_people(entry, &incident.owner)?.contains(&incident.person);
    is_readable.then(|| vec![incident.person])
}

#[cfg(test)]
#[path = "officer_access_tests.rs"]
mod tests;
