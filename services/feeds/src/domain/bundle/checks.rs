//! Checks that a Bundle may be mapped: what it says is about its patient, and no unknown modifier changes it. A Bundle of one
//! Patient must never hold a resource about another.

use lcr_fhir::{Item, read};
use lcr_hl7::{Condition, Fault};
use serde_json::{Value, json};

use super::{
    Bundle, BundlePatient,
    link_resources::{Content, LinkResource, Reference},
    person,
};
use crate::domain::MappingError;

impl Bundle {
    /// Whether an identifier can belong to the patient: it is no NHS number, or the patient's own.
    fn can_be_patients(&self, identifier: &Value) -> bool {
        let number = read::str_at(identifier, "value").filter(|_| person::is_nhs(identifier));
        let number = number.and_then(|text| lcr_model::NhsNumber::parse(text).ok());
        let all = self.patients.iter().flat_map(|patient| read::list(patient.item.value(), "identifier"));
        let own = all.filter(|one| person::is_nhs(one));
        let mut own = own.filter_map(|one| lcr_model::NhsNumber::parse(read::str_at(one, "value")?).ok());
        number.is_none_or(|number| own.any(|one| one == number))
    }

    /// Whether a reference points to the Bundle's patient.
    fn refers_to_patient(&self, reference: &str) -> bool {
        let mut names = self.patients.iter().flat_map(BundlePatient::names);
        names.any(|name| reference == name || reference.ends_with(&format!("/{name}")))
    }

    /// Whether a resource that is only evidence can be about the Bundle's patient.
    fn can_be_of_patient(&self, subject: &Reference) -> bool {
        let identifier = subject.identifier.as_ref().map(|one| json!({ "system": one.system, "value": one.value }));
        subject.reference.as_deref().is_none_or(|reference| self.refers_to_patient(reference))
            && identifier.is_none_or(|identifier| self.can_be_patients(&identifier))
    }
}

/// Makes the Bundle a dead letter if an unknown modifier may change a person, a stay or a plan. The record handles
/// modifiers of other items.
pub fn check_modifiers(bundle: &Bundle) -> Result<(), MappingError> {
    let is_of_stay = |item: &&Item| matches!(item.resource_type(), "Encounter" | "CarePlan" | "Task");
    let all = bundle.resources.iter().filter(is_of_stay).chain(bundle.patients.iter().map(|patient| &patient.item));
    let changed = all.filter(|item| lcr_fhir::has_unknown_modifier(item.value())).map(Item::resource_type);
    let links = bundle.links.iter().filter(|link| link.has_unknown_modifier).map(|link| link.resource_type);
    changed.chain(links).next().map_or(Ok(()), |kind| {
        let words = "an unknown modifierExtension or implicitRules may change its meaning";
        Err(MappingError::waiting(words, kind))
    })
}

/// Makes the Bundle a dead letter if evidence has neither an id nor an identifier, because no later Bundle could end it. A team
/// without a subject is not evidence.
pub fn check_keys(bundle: &Bundle) -> Result<(), MappingError> {
    let is_evidence = |link: &&LinkResource| !matches!(&link.content, Content::Team(team) if team.subject.is_none());
    let mut nameless = bundle.links.iter().filter(is_evidence).filter(|link| !link.has_own_key);
    nameless.next().map_or(Ok(()), |link| {
        let kind = link.resource_type;
        Err(MappingError::waiting(format!("the {kind} has no id and no identifier, so it could never be ended"), kind))
    })
}

/// Checks that every resource of a Bundle with one Patient is about that patient.
pub fn check_subjects(bundle: &Bundle) -> Result<(), Fault> {
    if bundle.patients.len() != 1 {
        return Ok(());
    }
    bundle.resources.iter().try_for_each(|item| check_subject(bundle, item))?;
    let about_another = |link: &&LinkResource| link.subject().is_some_and(|one| !bundle.can_be_of_patient(one));
    bundle.links.iter().find(about_another).map_or(Ok(()), |link| Err(about_another_patient(link.resource_type)))
}

fn about_another_patient(kind: &str) -> Fault {
    let words = "the resource is about another patient than the Bundle";
    Fault::in_segment(Condition::DataType, kind, 1, words)
}

fn check_subject(bundle: &Bundle, item: &Item) -> Result<(), Fault> {
    let direct = ["subject.reference", "patient.reference", "for.reference"];
    let named = direct.iter().filter_map(|path| read::str_at(item.value(), path));
    let participants = read::list(item.value(), "participant");
    let actors = participants.iter().filter_map(|one| read::str_at(one, "actor.reference"));
    let actors = actors.filter(|reference| reference.contains("Patient/"));
    let by_number = ["subject.identifier", "patient.identifier", "for.identifier"];
    let mut by_number = by_number.iter().filter_map(|path| read::at(item.value(), path));
    if named.chain(actors).all(|reference| bundle.refers_to_patient(reference))
        && by_number.all(|identifier| bundle.can_be_patients(identifier))
    {
        return Ok(());
    }
    Err(about_another_patient(item.resource_type()))
}
