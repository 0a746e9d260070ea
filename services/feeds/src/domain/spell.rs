//! A visit as PV1 tells it: which stay, when, where, under whom. By the feed's profile, since hospitals differ in what
//! they send where (`PROFILE.md`).

use jiff::Timestamp;
use lcr_contracts::{
    Moment,
    spell::{Named, PatientSaid, SpellEvent, SpellMessage, Told},
};
use lcr_hl7::{Field, Repetition, time, zone::Times};
use lcr_model::SourceIdentity;

use super::{
    Arrival, further,
    groups::Group,
    identity,
    numbers::{Number, Numbers},
    place, plan,
    stays::StayKey,
    times, values,
};

/// A visit or account number with its authority.
pub fn number(arrival: &Arrival<'_>, field: Field<'_>) -> Option<Number> {
    let one = field.first()?;
    let authority = one.part(4).or_else(|| one.sub(4, 2));
    Some(Number {
        digits: one.part(1)?,
        scope: identity::scope(arrival, authority.as_deref()),
        named: authority.is_some(),
        space: identity::space(arrival),
    })
}

/// The numbers by which a group names its stay: PV1-19, else MRG-5 where that alone names the visit, and PID-18.
pub fn numbers(arrival: &Arrival<'_>, group: &Group<'_>) -> Option<Numbers> {
    let account = number(arrival, group.field("PID", 18));
    let visit = number(arrival, group.field("PV1", 19));
    let visit = visit.or_else(|| number(arrival, group.field("MRG", 5)));
    let numbers = Numbers { visit, account };
    (!numbers.is_empty()).then_some(numbers)
}

/// How a group names its stay: by visit number, else account number, else person and time of admission. An
/// admission without PV1-44 happened when EVN says.
pub fn key(
    arrival: &Arrival<'_>,
    group: &Group<'_>,
    identity: &SourceIdentity,
    event: SpellEvent,
) -> StayKey {
    if let Some(numbers) = numbers(arrival, group) {
        return StayKey::Numbered(numbers);
    }
    let times = times::of(arrival, Some(group));
    let admits = matches!(
        event,
        SpellEvent::Admit | SpellEvent::Register | SpellEvent::PreAdmit | SpellEvent::ToInpatient
    );
    let of_event = times.occurred.or(times.entered).filter(|_| admits);
    times.admitted.or(of_event).map_or(StayKey::Unnamed, |at| {
        StayKey::Admitted(values::spell_by_time(&arrival.system.id, &identity.local_id, at.at))
    })
}

/// When the event happened: EVN-6; else PV1-44 of admissions and PV1-45 of discharges; else EVN-2; else MSH-7.
///
/// A time at which something was only recorded (EVN-2, MSH-7) is never later than its arrival: a clock that is ahead must
/// not put people where they are not yet.
fn happened(times: &Times<Option<Moment>>, event: SpellEvent, sent: Moment, received: Timestamp) -> Moment {
    let of_visit = match event {
        SpellEvent::Admit | SpellEvent::Register => times.admitted,
        SpellEvent::Discharge => times.discharged,
        _ => None,
    };
    let recorded = || {
        let at = times.entered.unwrap_or(sent);
        if at.at > received { Moment::exact(received) } else { at }
    };
    times.occurred.or(of_visit).unwrap_or_else(recorded)
}

/// What the group says of its stay. Who the patient is comes with it from demographics.
pub fn read(
    arrival: &Arrival<'_>,
    group: &Group<'_>,
    identity: &SourceIdentity,
    event: SpellEvent,
) -> SpellMessage {
    let system = arrival.system;
    let itk = system.feed.as_ref().is_some_and(|feed| feed.profile == "itk");
    let pv1 = |number| group.field("PV1", number);
    let times = times::of(arrival, Some(group));
    let sent = times.sent.unwrap_or(Moment::exact(arrival.received));
    let consultants = if itk { [pv1(9), pv1(7)] } else { [pv1(7), pv1(9)] };
    SpellMessage {
        identity: identity.clone(),
        event,
        snapshot: None,
        visit: pv1(19).code().or_else(|| group.field("MRG", 5).code()),
        formerly: None,
        moves_visit: false,
        happened: happened(&times, event, sent, arrival.received),
        occurred: times.occurred,
        sent,
        sequence: arrival.message.field("MSH", 13).code().and_then(|text| text.parse().ok()),
        received: arrival.received,
        control_id: arrival.header.control_id.clone(),
        content: arrival.content.to_owned(),
        patient: PatientSaid::default(),
        class: pv1(2).told_code(),
        place: pv1(3).told(|one| place::read(one, system)),
        prior_place: pv1(6).told(|one| place::read(one, system)),
        consultant: first_told(consultants, |field| field.told(clinician)),
        specialty: first_told([pv1(10), group.field("ZU1", if itk { 6 } else { 0 })], |field| {
            field.told(specialty)
        }),
        admitted: pv1(44).told(|_| times.admitted),
        discharged: pv1(45).told(|_| times.discharged),
        expected_discharge: group.field("PV2", 9).told(|one| time::date(&one.part(1)?)),
        expected_stay: if itk { Told::Unchanged } else { days(group.field("PV2", 10)) },
        method: pv1(4).told_code(),
        destination: pv1(37).told_code(),
        discharge_method: pv1(36).told(|one| one.part(1).filter(|code| is_discharge_method(code))),
        plan: plan::read(group),
        further: further::of_group(system, group),
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
