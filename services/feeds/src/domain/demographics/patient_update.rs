//! Demographics as a message states them: each field absent, cleared or set, and applied to the last known ones.

use jiff::civil::Date;
use lcr_contracts::{events::SourcePatient, spell::FieldUpdate};
use lcr_model::{LocalId, SourceIdentity};

use crate::domain::assigned_id::AssignedId;

/// The demographics in one message.
#[derive(Clone)]
pub struct PatientUpdate {
    pub identity: SourceIdentity,
    /// When the sender sent the message, but never later than its arrival.
    pub sent: jiff::Timestamp,
    pub nhs_number: FieldUpdate<String>,
    pub verified: Option<bool>,
    pub family: FieldUpdate<String>,
    pub given: FieldUpdate<String>,
    pub title: FieldUpdate<String>,
    pub birth_date: FieldUpdate<Date>,
    pub gender: FieldUpdate<String>,
    pub address: FieldUpdate<String>,
    pub postcode: FieldUpdate<String>,
    pub died: FieldUpdate<bool>,
    pub restricted: FieldUpdate<bool>,
    pub replaces: Vec<LocalId>,
    /// The hashed ids among this person's id and those it replaces, each with the ids in clear that older versions
    /// used.
    pub assigned: Vec<AssignedId>,
}

impl PatientUpdate {
    /// An update that changes nothing.
    pub fn unchanged(identity: SourceIdentity, sent: jiff::Timestamp) -> Self {
        Self {
            identity,
            sent,
            nhs_number: FieldUpdate::Unchanged,
            verified: None,
            family: FieldUpdate::Unchanged,
            given: FieldUpdate::Unchanged,
            title: FieldUpdate::Unchanged,
            birth_date: FieldUpdate::Unchanged,
            gender: FieldUpdate::Unchanged,
            address: FieldUpdate::Unchanged,
            postcode: FieldUpdate::Unchanged,
            died: FieldUpdate::Unchanged,
            restricted: FieldUpdate::Unchanged,
            replaces: vec![],
            assigned: vec![],
        }
    }

    /// Adds the ids in clear that older versions gave to the person's number.
    pub fn with_clear_ids(self, in_clear: Vec<LocalId>) -> Self {
        let own = AssignedId { id: self.identity.local_id.clone(), in_clear };
        Self { assigned: Some(own).filter(|own| !own.in_clear.is_empty()).into_iter().collect(), ..self }
    }

    /// The source's own id of the person, if the local id is a hash of it.
    pub fn own_id(&self) -> Option<String> {
        let own = self.assigned.iter().find(|one| one.id == self.identity.local_id)?;
        own.in_clear.first().map(|id| id.0.clone())
    }

    /// Applies the update to the source's last known demographics.
    pub fn apply_to(self, last_known: Option<SourcePatient>) -> SourcePatient {
        let mut now = last_known.unwrap_or_else(|| SourcePatient::without_details(self.identity.source.clone()));
        let before = now.nhs_number.clone();
        update(&mut now.nhs_number, self.nhs_number);
        // The verification of another number does not count for this one.
        let was_verified = now.nhs_number_verified && now.nhs_number == before;
        now.nhs_number_verified = self.verified.unwrap_or(was_verified) && now.nhs_number.is_some();
        update_or_default(&mut now.family, self.family);
        update_or_default(&mut now.given, self.given);
        update(&mut now.title, self.title);
        update(&mut now.birth_date, self.birth_date);
        update_or_default(&mut now.gender, self.gender);
        update(&mut now.address, self.address);
        update(&mut now.postcode, self.postcode);
        update_or_default(&mut now.died, self.died);
        update_or_default(&mut now.restricted, self.restricted);
        now.replaces = self.replaces;
        if now.gender.is_empty() {
            "unknown".clone_into(&mut now.gender);
        }
        now
    }
}

fn update<T>(known: &mut Option<T>, change: FieldUpdate<T>) {
    match change {
        FieldUpdate::Unchanged => {}
        FieldUpdate::Deleted => *known = None,
        FieldUpdate::Set(value) => *known = Some(value),
    }
}

fn update_or_default<T: Default>(known: &mut T, change: FieldUpdate<T>) {
    match change {
        FieldUpdate::Unchanged => {}
        FieldUpdate::Deleted => *known = T::default(),
        FieldUpdate::Set(value) => *known = value,
    }
}

impl std::fmt::Debug for PatientUpdate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PatientUpdate({})", self.identity.source)
    }
}
