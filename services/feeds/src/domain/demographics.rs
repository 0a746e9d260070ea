//! Reads demographics from a PID as three-state fields and applies them to the source's last known demographics. A
//! hospital's data must never set the registered practice and is never authoritative.

mod patient_update;

use lcr_contracts::{
    events::SourcePatient,
    spell::{FieldUpdate, PatientDetails},
};
use lcr_hl7::time;
use lcr_model::NhsNumber;

use super::{Arrival, identity::IdentifiedPatient, names, segment_groups::SegmentGroup, times};
pub use patient_update::PatientUpdate;

/// The patient details for a row of the ward list.
pub fn patient_details(patient: &SourcePatient) -> PatientDetails {
    PatientDetails {
        family: patient.family.clone(),
        given: patient.given.clone(),
        title: patient.title.clone(),
        birth_date: patient.birth_date,
        sex: patient.gender.clone(),
        nhs_number: patient.nhs_number.clone(),
        died: patient.died,
    }
}

/// Reads the PID of a group, and the protection flags in PV1 and ZU8.
pub fn read(arrival: &Arrival<'_>, group: &SegmentGroup<'_>, patient: &IdentifiedPatient) -> PatientUpdate {
    let field = |number| group.field("PID", number);
    let sent = times::reported_at(arrival);
    let name = names::choose_name(field(5), sent);
    let given = match &name {
        // The known given name belongs to another form of the name.
        FieldUpdate::Set(name) if name.is_text => FieldUpdate::Deleted,
        name => part(name, |name| &name.given),
    };
    let address = names::choose_address(field(11), sent);
    let unknown = field(31).code().as_deref() == Some("Y");
    PatientUpdate {
        // PID-31: the hospital does not know who the patient is, so no match by number.
        nhs_number: match &patient.nhs_number {
            _ if unknown => FieldUpdate::Deleted,
            Some(number) => FieldUpdate::Set(NhsNumber::as_str(number).to_owned()),
            None => FieldUpdate::Unchanged,
        },
        verified: patient.verified.or_else(|| is_traced(group)),
        family: part(&name, |name| &name.family),
        given,
        title: part(&name, |name| &name.title),
        birth_date: field(7).field_update(|one| time::parse_date(&one.component(1)?)),
        gender: field(8).field_update(|one| Some(gender(&one.component(1)?).to_owned())),
        address: part(&address, |address| &address.line),
        postcode: part(&address, |address| &address.postcode),
        died: died(group),
        restricted: restricted(group),
        ..PatientUpdate::unchanged(patient.identity.clone(), sent).with_clear_ids(patient.in_clear.clone())
    }
}

/// One part of a three-state value. A missing part is unchanged.
fn part<T>(value: &FieldUpdate<T>, part_of: impl Fn(&T) -> &Option<String>) -> FieldUpdate<String> {
    match value {
        FieldUpdate::Unchanged => FieldUpdate::Unchanged,
        FieldUpdate::Deleted => FieldUpdate::Deleted,
        FieldUpdate::Set(value) => part_of(value).clone().map_or(FieldUpdate::Unchanged, FieldUpdate::Set),
    }
}

/// Whether PID-32 says that the NHS number was traced (status 01). `None` without such a status.
fn is_traced(group: &SegmentGroup<'_>) -> Option<bool> {
    let codes = group.field("PID", 32).repetitions().filter_map(|one| one.component(1));
    let mut statuses = codes.filter_map(|code| {
        let digits = code.strip_prefix("NSTS").unwrap_or(&code);
        (digits.len() == 2 && digits.bytes().all(|c| c.is_ascii_digit())).then(|| digits == "01")
    });
    let first = statuses.next()?;
    Some(first || statuses.any(|traced| traced))
}

/// Accepts the digits of the NHS Data Dictionary and the letters of HL7.
fn gender(code: &str) -> &'static str {
    match code.to_ascii_uppercase().as_str() {
        "1" | "M" | "MALE" => "male",
        "2" | "F" | "FEMALE" => "female",
        "9" | "O" | "A" => "other",
        _ => "unknown",
    }
}

/// PID-30, else PID-29. PID-30 wins, because some senders send a time of death with "not dead".
fn died(group: &SegmentGroup<'_>) -> FieldUpdate<bool> {
    match (group.field("PID", 30).code().as_deref(), group.field("PID", 29).code()) {
        (Some("Y"), _) | (None, Some(_)) => FieldUpdate::Set(true),
        (Some("N"), _) => FieldUpdate::Set(false),
        _ if group.field("PID", 30).is_deleted() => FieldUpdate::Set(false),
        // The sender deleted the time of death.
        _ if group.field("PID", 29).is_deleted() => FieldUpdate::Set(false),
        _ => FieldUpdate::Unchanged,
    }
}

/// Restricted if PV1-16 is S or ZU8-4 is 1 or 2. Only ZU8-4 = 0 lifts it.
fn restricted(group: &SegmentGroup<'_>) -> FieldUpdate<bool> {
    let flag = group.field("PV1", 16).code();
    let hiding = group.field("ZU8", 4).code();
    match (flag.as_deref(), hiding.as_deref()) {
        (Some("S"), _) | (_, Some("1" | "2")) => FieldUpdate::Set(true),
        (_, Some("0")) => FieldUpdate::Set(false),
        _ => FieldUpdate::Unchanged,
    }
}
