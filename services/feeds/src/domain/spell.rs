//! A visit as PV1 tells it: which stay, when, where, under whom. By the feed's profile, since hospitals put ward
//! and bed in different components (`PROFILE.md`).

use jiff::Timestamp;
use lcr_contracts::spell::{Named, PatientSaid, Place, SpellEvent, SpellMessage, Told};
use lcr_hl7::{Field, Repetition, time};
use lcr_model::{SourceIdentity, SpellId};

use super::{Arrival, groups::Group, identity, plan, stays::StayKey, values};

/// When the sender says it wrote the message.
pub fn sent(arrival: &Arrival<'_>) -> Timestamp {
    arrival.header.sent.unwrap_or(arrival.received)
}

/// When something was told of: never after it came, so that a clock ahead of ours shuts out nothing that follows.
pub fn told_at(arrival: &Arrival<'_>) -> Timestamp {
    sent(arrival).min(arrival.received)
}

/// The stay an item belongs to, where the sender named it.
pub fn of_item(arrival: &Arrival<'_>, group: &Group<'_>, identity: &SourceIdentity) -> Option<SpellId> {
    numbered(arrival, identity, group.field("PV1", 19), group.field("PID", 18))
}

/// The visit number in the source's namespace.
pub fn visit(arrival: &Arrival<'_>, field: Field<'_>) -> Option<String> {
    let one = field.first()?;
    let authority = one.part(4).or_else(|| one.sub(4, 2));
    Some(identity::scoped(arrival, &one.part(1)?, authority.as_deref()))
}

/// The stay of a visit number, else of an account number of that person.
pub fn numbered(
    arrival: &Arrival<'_>,
    identity: &SourceIdentity,
    visit_number: Field<'_>,
    account_number: Field<'_>,
) -> Option<SpellId> {
    let source = &arrival.system.id;
    let of_visit = visit(arrival, visit_number).map(|visit| values::spell_by_visit(source, &visit));
    of_visit.or_else(|| {
        let account = visit(arrival, account_number)?;
        Some(values::spell_by_account(source, &identity.local_id, &account))
    })
}

/// How a group names its stay: by visit number, else account number, else person and time of admission. An
/// admission without PV1-44 happened when EVN says.
pub fn key(
    arrival: &Arrival<'_>,
    group: &Group<'_>,
    identity: &SourceIdentity,
    event: SpellEvent,
) -> StayKey {
    if let Some(id) = numbered(arrival, identity, group.field("PV1", 19), group.field("PID", 18)) {
        return StayKey::Numbered(id);
    }
    let of_event = || {
        let admits = matches!(
            event,
            SpellEvent::Admit | SpellEvent::Register | SpellEvent::PreAdmit | SpellEvent::ToInpatient
        );
        let evn = |field| arrival.message.field("EVN", field).timestamp();
        evn(6).or_else(|| evn(2)).filter(|_| admits)
    };
    let admitted = group.field("PV1", 44).timestamp().or_else(of_event);
    admitted.map_or(StayKey::Unnamed, |at| {
        StayKey::Admitted(values::spell_by_time(&arrival.system.id, &identity.local_id, at))
    })
}

/// When the event happened: EVN-6; else PV1-44 of admissions and PV1-45 of discharges; else EVN-2; else MSH-7.
fn happened(arrival: &Arrival<'_>, group: &Group<'_>, event: SpellEvent) -> Timestamp {
    let of_visit = match event {
        SpellEvent::Admit | SpellEvent::Register => group.field("PV1", 44).timestamp(),
        SpellEvent::Discharge => group.field("PV1", 45).timestamp(),
        _ => None,
    };
    let evn = |field| arrival.message.field("EVN", field).timestamp();
    evn(6).or(of_visit).or_else(|| evn(2)).unwrap_or_else(|| sent(arrival))
}

/// What the group says of its stay. Who the patient is comes with it from demographics.
pub fn read(
    arrival: &Arrival<'_>,
    group: &Group<'_>,
    identity: &SourceIdentity,
    event: SpellEvent,
) -> SpellMessage {
    let itk = arrival.system.feed.as_ref().is_some_and(|feed| feed.profile == "itk");
    let pv1 = |number| group.field("PV1", number);
    let time_of = |field: Field<'_>| field.told(|one| time::timestamp(&one.part(1)?));
    let consultants = if itk { [pv1(9), pv1(7)] } else { [pv1(7), pv1(9)] };
    SpellMessage {
        identity: identity.clone(),
        event,
        snapshot: None,
        visit: pv1(19).code(),
        happened: happened(arrival, group, event),
        sent: sent(arrival),
        received: arrival.received,
        control_id: arrival.header.control_id.clone(),
        content: arrival.content.to_owned(),
        patient: PatientSaid::default(),
        class: pv1(2).told_code(),
        place: pv1(3).told(|one| place(one, itk)),
        prior_place: pv1(6).told(|one| place(one, itk)),
        consultant: first_told(consultants, |field| field.told(clinician)),
        specialty: first_told([pv1(10), group.field("ZU1", if itk { 6 } else { 0 })], |field| {
            field.told(specialty)
        }),
        admitted: time_of(pv1(44)),
        discharged: time_of(pv1(45)),
        expected_discharge: group.field("PV2", 9).told(|one| time::date(&one.part(1)?)),
        expected_stay: if itk { Told::Unchanged } else { days(group.field("PV2", 10)) },
        method: pv1(4).told_code(),
        destination: pv1(37).told_code(),
        discharge_method: pv1(36).told(|one| one.part(1).filter(|code| is_discharge_method(code))),
        plan: plan::read(group),
    }
}

/// The first that says anything.
fn first_told<'m, T>(fields: [Field<'m>; 2], read: impl Fn(Field<'m>) -> Told<T>) -> Told<T> {
    let [first, second] = fields;
    match read(first) {
        Told::Unchanged => read(second),
        told => told,
    }
}

/// Default: ward, bay, bed, site. ITK: point of care, ward, bed, organisation.
fn place(one: Repetition<'_>, itk: bool) -> Option<Place> {
    let (ward, bay, bed) = if itk { (2, 0, 3) } else { (1, 2, 3) };
    let part = |number| if number == 0 { None } else { one.part(number) };
    let place = Place { site: one.part(4), ward: part(ward), bay: part(bay), bed: part(bed) };
    (place != Place::default()).then_some(place)
}

/// `C3456789^Darwin^Samuel^^^Dr` → Dr Samuel Darwin. Some send a name alone.
fn clinician(one: Repetition<'_>) -> Option<Named> {
    let (code, family) = (one.part(1), one.part(2));
    let parts: Vec<String> = [one.part(6), one.part(3), family.clone()].into_iter().flatten().collect();
    match (family, parts.is_empty()) {
        (Some(_), _) | (None, false) => Some(Named { code, name: parts.join(" ") }),
        (None, true) => code.map(|name| Named { code: None, name }),
    }
}

/// A treatment function code, else text.
fn specialty(one: Repetition<'_>) -> Option<Named> {
    let first = one.part(1)?;
    let is_code = first.len() == 3 && first.bytes().all(|byte| byte.is_ascii_digit());
    let name = one.part(2).unwrap_or_else(|| first.clone());
    Some(Named { code: is_code.then_some(first), name })
}

fn days(field: Field<'_>) -> Told<u16> {
    field.told(|one| one.part(1)?.parse().ok())
}

/// `standards.md` section 4.4: one digit. Two digits there are a disposal or a destination.
fn is_discharge_method(code: &str) -> bool {
    matches!(code.as_bytes(), [b'1'..=b'9'])
}
