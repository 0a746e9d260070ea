//! Finds the person that a resource of a Bundle names: a Patient of the Bundle, else the source's own id or an NHS number.
//! Must never return an NHS number that is not hashed.

use std::collections::HashMap;

use lcr_fhir::{Item, read};
use lcr_hl7::{Condition, Fault};
use lcr_model::{LocalId, NhsNumber, SourceIdentity};

use super::{
    Bundle, BundleArrival, assigned_id,
    link_resources::{Identifier, Reference},
};
use crate::domain::{assigned_id::AssignedId, identity::MAX_ID_CHARS};

/// What a reference names.
pub enum Subject {
    Person(SourceIdentity),
    /// A practitioner, a device, another list.
    NotAPerson,
    Unreadable,
}

/// The people of a Bundle, by the ways in which its resources name them.
pub struct Subjects {
    /// The only patient. Every resource of the Bundle is about them, except a list of people.
    only: Option<SourceIdentity>,
    by_reference: HashMap<String, SourceIdentity>,
    by_identifier: HashMap<String, SourceIdentity>,
}

impl Subjects {
    /// `identities` are those of the Bundle's patients, in their order.
    pub fn of(bundle: &Bundle, identities: &[SourceIdentity]) -> Self {
        let (mut by_reference, mut by_identifier) = (HashMap::new(), HashMap::new());
        for (patient, identity) in bundle.patients.iter().zip(identities) {
            by_reference.extend(patient.names().map(|name| (name, identity.clone())));
            for identifier in read::list(patient.item.value(), "identifier") {
                let key = Identifier::of(identifier).and_then(|one| identifier_key(&one));
                if let Some(key) = key {
                    by_identifier.entry(key).or_insert_with(|| identity.clone());
                }
            }
        }
        let only = if let [only] = identities { Some(only.clone()) } else { None };
        Self { only, by_reference, by_identifier }
    }

    /// The person that a report, a referral or an appointment is about.
    pub fn of_item(&self, arrival: &BundleArrival<'_>, item: &Item) -> Result<SourceIdentity, Fault> {
        let reference = if item.resource_type() == "Appointment" {
            let actors = read::list(item.value(), "participant").iter();
            actors.filter_map(|one| Reference::at(one, "actor")).find(|actor| self.is_patient(actor))
        } else {
            Reference::at(item.value(), "subject")
        };
        self.of_resource(arrival, item.resource_type(), reference.as_ref())
    }

    /// The person that a resource names by this reference.
    pub fn of_resource(
        &self,
        arrival: &BundleArrival<'_>,
        kind: &str,
        reference: Option<&Reference>,
    ) -> Result<SourceIdentity, Fault> {
        if let Some(only) = &self.only {
            return Ok(only.clone());
        }
        if let Some(Subject::Person(identity)) = reference.map(|reference| self.find(arrival, reference)) {
            return Ok(identity);
        }
        let words = "the resource does not say which patient it is about";
        Err(Fault::in_segment(Condition::RequiredField, kind, 1, words))
    }

    /// Whether a participant is the patient. With one Patient in the Bundle, only a reference to it counts.
    pub fn is_patient(&self, reference: &Reference) -> bool {
        let by_type = || {
            reference.kind.as_deref().or(reference.target().map(|(kind, _)| kind)) == Some("Patient")
                || reference.identifier.as_ref().is_some_and(Identifier::is_nhs_number)
        };
        self.patient(reference).is_some() || self.only.is_none() && by_type()
    }

    /// What a reference names. One to a Patient that is not in the Bundle names them by the source's own id.
    pub fn find(&self, arrival: &BundleArrival<'_>, reference: &Reference) -> Subject {
        if let Some(identity) = self.patient(reference) {
            return Subject::Person(identity.clone());
        }
        let target = reference.target();
        let kind = reference.kind.as_deref().or(target.map(|(kind, _)| kind));
        if kind.is_some_and(|kind| kind != "Patient") {
            return Subject::NotAPerson;
        }
        let by_identifier = reference.identifier.as_ref().and_then(|identifier| {
            let known = identifier_key(identifier).and_then(|key| self.by_identifier.get(&key)).cloned();
            known.or_else(|| Some(identity(arrival, local_id(arrival, identifier)?)))
        });
        let by_id = || {
            let (_, id) = target.filter(|(_, id)| id.chars().count() <= MAX_ID_CHARS)?;
            Some(identity(arrival, assigned_id(arrival, id, Some("id")).id))
        };
        by_identifier.or_else(by_id).map_or(Subject::Unreadable, Subject::Person)
    }

    /// The Bundle's Patient that a reference points to.
    fn patient(&self, reference: &Reference) -> Option<&SourceIdentity> {
        let whole = reference.reference.as_ref().and_then(|link| self.by_reference.get(link));
        whole.or_else(|| {
            let (kind, id) = reference.target()?;
            self.by_reference.get(&format!("{kind}/{id}"))
        })
    }
}

fn identity(arrival: &BundleArrival<'_>, local_id: LocalId) -> SourceIdentity {
    SourceIdentity { source: arrival.system.id.clone(), local_id }
}

/// The local id of an identifier alone, as a Patient with this identifier would have.
fn local_id(arrival: &BundleArrival<'_>, identifier: &Identifier) -> Option<LocalId> {
    let value = identifier.value.as_deref().filter(|value| !value.trim().is_empty())?;
    if value.chars().count() > MAX_ID_CHARS {
        return None;
    }
    let assigned = match (identifier.is_nhs_number(), NhsNumber::parse(value)) {
        (false, _) => {
            assigned_id(arrival, value, identifier.system.as_deref().filter(|system| !system.trim().is_empty()))
        }
        (true, Ok(number)) => assigned_id(arrival, number.as_str(), None),
        (true, Err(_)) => AssignedId::of_nhs_number(arrival.local_id_key, &arrival.system.id, None, value),
    };
    Some(assigned.id)
}

/// One key for every spelling of an identifier.
fn identifier_key(identifier: &Identifier) -> Option<String> {
    let value = identifier.value.as_deref()?;
    if identifier.is_nhs_number() {
        return NhsNumber::parse(value).ok().map(|number| format!("nhs|{}", number.as_str()));
    }
    Some(format!("{}|{value}", identifier.system.as_deref().unwrap_or_default()))
}
