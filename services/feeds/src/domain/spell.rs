//! Reads a stay from PV1 and its neighbours: which stay, when, where and under which consultant. Hospitals use
//! different fields, so the feed profile decides (`PROFILE.md`). Must never guess a value that the profile does not
//! define.

use jiff::Timestamp;
use lcr_contracts::{
    Moment,
    spell::{CodedName, FieldUpdate, PatientDetails, SpellEvent, SpellMessage},
};
use lcr_hl7::{Field, Repetition, time, zone::Times};
use lcr_model::SourceIdentity;

use super::{
    Arrival, hashed_ids, identity, place, plan, profile_fields,
    segment_groups::SegmentGroup,
    stay_numbers::{StayNumber, StayNumbers},
    stays::StayKey,
    times,
};

/// Reads a visit or account number with its authority.
pub fn read_number(arrival: &Arrival<'_>, field: Field<'_>) -> Option<StayNumber> {
    let one = field.first()?;
    let authority = one.component(4).or_else(|| one.subcomponent(4, 2));
    Some(StayNumber {
        digits: one.component(1)?,
        scope: identity::authority_scope(arrival, authority.as_deref()),
        named: authority.is_some(),
        space: identity::sender_scope(arrival),
    })
}

/// The numbers of a group's stay: the visit in PV1-19, else MRG-5, and the account in PID-18.
pub fn read_numbers(arrival: &Arrival<'_>, group: &SegmentGroup<'_>) -> Option<StayNumbers> {
    let account = read_number(arrival, group.field("PID", 18));
    let visit = read_number(arrival, group.field("PV1", 19));
    let visit = visit.or_else(|| read_number(arrival, group.field("MRG", 5)));
    let numbers = StayNumbers { visit, account };
    (!numbers.is_empty()).then_some(numbers)
}

/// The key of a group's stay: its numbers, else person and time of admission. An admission without PV1-44 uses the time
/// in EVN.
pub fn stay_key(
    arrival: &Arrival<'_>,
    group: &SegmentGroup<'_>,
    identity: &SourceIdentity,
    event: SpellEvent,
) -> StayKey {
    if let Some(numbers) = read_numbers(arrival, group) {
        return StayKey::Numbered(numbers);
    }
    let times = times::read(arrival, Some(group));
    let admits =
        matches!(event, SpellEvent::Admit | SpellEvent::Register | SpellEvent::PreAdmit | SpellEvent::ToInpatient);
    let of_event = times.occurred.or(times.entered).filter(|_| admits);
    times.admitted.or(of_event).map_or(StayKey::Unnamed, |at| {
        StayKey::Admitted(hashed_ids::spell_by_time(&arrival.system.id, &identity.local_id, at.at))
    })
}

/// When the event happened: EVN-6; else PV1-44 of an admission or PV1-45 of a discharge; else EVN-2; else MSH-7.
///
/// EVN-2 and MSH-7 count at most until the message's arrival, so that a clock ahead cannot move a patient too early.
fn event_time(times: &Times<Option<Moment>>, event: SpellEvent, sent: Moment, received: Timestamp) -> Moment {
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

/// Reads the stay's message from a group. The caller adds the patient's details later.
pub fn read(
    arrival: &Arrival<'_>,
    group: &SegmentGroup<'_>,
    identity: &SourceIdentity,
    event: SpellEvent,
) -> SpellMessage {
    let system = arrival.system;
    let itk = system.feed.as_ref().is_some_and(|feed| feed.profile == "itk");
    let pv1 = |number| group.field("PV1", number);
    let times = times::read(arrival, Some(group));
    let sent = times.sent.unwrap_or(Moment::exact(arrival.received));
    let consultants = if itk { [pv1(9), pv1(7)] } else { [pv1(7), pv1(9)] };
    SpellMessage {
        identity: identity.clone(),
        event,
        snapshot: None,
        visit: pv1(19).code().or_else(|| group.field("MRG", 5).code()),
        formerly: None,
        moves_visit: false,
        happened: event_time(&times, event, sent, arrival.received),
        occurred: times.occurred,
        sent,
        sequence: arrival.message.field("MSH", 13).code().and_then(|text| text.parse().ok()),
        received: arrival.received,
        control_id: arrival.header.control_id.clone(),
        content: arrival.content.to_owned(),
        patient: PatientDetails::default(),
        class: pv1(2).code_update(),
        place: pv1(3).field_update(|one| place::read(one, system)),
        prior_place: pv1(6).field_update(|one| place::read(one, system)),
        consultant: first_present(consultants, |field| field.field_update(clinician)),
        specialty: first_present([pv1(10), group.field("ZU1", if itk { 6 } else { 0 })], |field| {
            field.field_update(specialty)
        }),
        admitted: pv1(44).field_update(|_| times.admitted),
        discharged: pv1(45).field_update(|_| times.discharged),
        expected_discharge: group.field("PV2", 9).field_update(|one| time::parse_date(&one.component(1)?)),
        expected_stay: if itk { FieldUpdate::Unchanged } else { days(group.field("PV2", 10)) },
        method: pv1(4).code_update(),
        destination: pv1(37).code_update(),
        discharge_method: pv1(36).field_update(|one| one.component(1).filter(|code| is_discharge_method(code))),
        plan: plan::read(group),
        further: profile_fields::read_group(system, group),
    }
}

/// The first field that is not unchanged.
fn first_present<'m, T>(fields: [Field<'m>; 2], read: impl Fn(Field<'m>) -> FieldUpdate<T>) -> FieldUpdate<T> {
    let [first, second] = fields;
    match read(first) {
        FieldUpdate::Unchanged => read(second),
        update => update,
    }
}

/// `C3456789^Darwin^Samuel^^^Dr` → Dr Samuel Darwin. Some senders put the name into the first component.
fn clinician(one: Repetition<'_>) -> Option<CodedName> {
    let (code, family) = (one.component(1), one.component(2));
    let parts: Vec<String> = [one.component(6), one.component(3), family.clone()].into_iter().flatten().collect();
    match (family, parts.is_empty()) {
        (Some(_), _) | (None, false) => Some(CodedName { code, name: parts.join(" ") }),
        (None, true) => code.map(|name| CodedName { code: None, name }),
    }
}

/// A treatment function code of three digits, else text.
fn specialty(one: Repetition<'_>) -> Option<CodedName> {
    let first = one.component(1)?;
    let is_code = first.len() == 3 && first.bytes().all(|byte| byte.is_ascii_digit());
    let name = one.component(2).unwrap_or_else(|| first.clone());
    Some(CodedName { code: is_code.then_some(first), name })
}

fn days(field: Field<'_>) -> FieldUpdate<u16> {
    field.field_update(|one| one.component(1)?.parse().ok())
}

/// The NHS Data Dictionary's discharge method is one digit. Two digits in PV1-36 are a disposal or a destination.
fn is_discharge_method(code: &str) -> bool {
    matches!(code.as_bytes(), [b'1'..=b'9'])
}
