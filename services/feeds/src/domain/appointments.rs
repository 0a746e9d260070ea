//! `SIU`: an appointment made, moved, cancelled or missed. The newest message of an appointment is what it is.

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::events::Pushed;
use lcr_hl7::{Condition, Fault, Segment, time};
use serde_json::{Value, json};

use super::{
    Arrival, Change, Item, Mapped, Mapping, NotMapped, demographics,
    groups::{Group, groups, missing},
    identity,
    notes::Notes,
    r4, spell, times,
    values::digest,
};

/// The triggers that are about an appointment of a patient; S23 and S24 are about a clinic's diary.
pub fn is_mapped(event: &str) -> bool {
    let number = event.strip_prefix('S').and_then(|number| number.parse::<u8>().ok());
    number.is_some_and(|number| (12..=26).contains(&number) && !matches!(number, 23..=25))
}

pub fn map(arrival: &Arrival<'_>, event: &str) -> Mapping {
    let sch = arrival.message.first("SCH").ok_or_else(|| missing("SCH", "the appointment is missing"))?;
    let groups = groups(arrival.message);
    let group = groups.first().ok_or_else(|| NotMapped::waits("the appointment names no patient", "PID"))?;
    let named = identity::named(arrival, group)?;
    let key = sch.field(2).code().or_else(|| sch.field(1).code());
    let key =
        key.ok_or_else(|| Fault::at(Condition::RequiredField, "SCH", 2, "the appointment has no number"))?;
    let id = digest(&["appointment", arrival.system.id.as_str(), &named.identity.local_id.0, &key]);
    let service = group.first("AIS").and_then(|ais| ais.field(3).first());
    let name = service.or_else(|| sch.field(7).first()).and_then(r4::concept_words);
    let (start, end) = times(arrival, group, sch);
    let mut notes = Notes::default();
    arrival.message.all("NTE").for_each(|note| notes.push(note));
    let mut made = r4::Resource::new("Appointment", &id, &named.identity);
    made.put("status", json!(status(event, sch)))
        .put("identifier", json!([{ "value": key }]))
        .put("serviceType", service.and_then(r4::concept).map(|one| json!([one])))
        .put("appointmentType", sch.field(8).first().and_then(r4::concept))
        .put("reasonCode", sch.field(7).first().and_then(r4::concept).map(|one| json!([one])))
        .put("comment", notes.text().map(Value::String))
        .put("start", start.map(|at| json!(at.to_string())))
        .put("end", end.map(|at| json!(at.to_string())))
        .put("participant", Value::Array(participants(group, &named)));
    let item = Item {
        identity: named.identity.clone(),
        kind: Pushed::Appointment,
        stay: spell::numbers(arrival, group),
        pushed: r4::checked(
            vec![made.done()],
            name.unwrap_or_else(|| "Appointment".to_owned()),
            false,
            false,
            "SCH",
        )?,
        key,
        names: vec![],
        sent: times::told_at(arrival),
        change: Change::Alone,
    };
    Ok(vec![Mapped::Demographics(demographics::told(arrival, group, &named)), Mapped::Item(item)])
}

/// SCH-11, else TQ1, else the first resource's own time; the end from the duration where it is not told.
fn times(
    arrival: &Arrival<'_>,
    group: &Group<'_>,
    sch: Segment<'_>,
) -> (Option<Timestamp>, Option<Timestamp>) {
    let at = |text: Option<String>| time::timestamp(&text?);
    let timing = sch.field(11).first();
    let of_timing = |part| timing.and_then(|one| one.part(part));
    let of_resource = || {
        let resource = |name: &str| group.all(name).next();
        let ais = resource("AIS").and_then(|ais| ais.field(4).code());
        ais.or_else(|| resource("AIG").and_then(|aig| aig.field(8).code()))
            .or_else(|| resource("AIL").and_then(|ail| ail.field(6).code()))
            .or_else(|| resource("AIP").and_then(|aip| aip.field(6).code()))
    };
    let quantity = |number| arrival.message.field("TQ1", number).code();
    let start = at(of_timing(4)).or_else(|| at(quantity(7))).or_else(|| at(of_resource()));
    let told = at(of_timing(5)).or_else(|| at(quantity(8)));
    let end = told.or_else(|| start?.checked_add(SignedDuration::from_mins(minutes(sch)?)).ok());
    // An end before its start is odd, not worth refusing an appointment for.
    (start, end.filter(|end| start.is_none_or(|start| *end >= start)))
}

/// SCH-9 in the unit of SCH-10.
fn minutes(sch: Segment<'_>) -> Option<i64> {
    let number: i64 = sch.field(9).code()?.parse().ok().filter(|number| (1..100_000).contains(number))?;
    match sch.field(10).code().unwrap_or_default().to_ascii_uppercase().as_str() {
        "" | "MIN" | "M" | "MINUTE" | "MINUTES" => Some(number),
        "H" | "HR" | "HRS" | "HOUR" | "HOURS" => Some(number * 60),
        "S" | "SEC" | "SECONDS" => Some(number / 60),
        _ => None,
    }
}

fn participants(group: &Group<'_>, named: &identity::Named) -> Vec<Value> {
    let accepted = |actor: Value| json!({ "actor": actor, "status": "accepted" });
    let person = group.all("AIP").filter_map(|aip| r4::clinician(aip.field(3).first()?));
    let place = group.all("AIL").filter_map(|ail| {
        let one = ail.field(3).first()?;
        let parts: Vec<String> = [one.part(9), one.part(1), one.part(4)].into_iter().flatten().collect();
        parts.first().map(|name| json!({ "display": name }))
    });
    std::iter::once(r4::patient(&named.identity)).chain(person).chain(place).map(accepted).collect()
}

/// The trigger, unless SCH-25 says more.
fn status(event: &str, sch: Segment<'_>) -> &'static str {
    match event {
        "S15" | "S16" => return "cancelled",
        "S17" => return "entered-in-error",
        "S26" => return "noshow",
        _ => {}
    }
    match sch.field(25).code().unwrap_or_default().to_ascii_uppercase().as_str() {
        "CANCELLED" | "CANCELED" | "DCED" | "DISCONTINUED" => "cancelled",
        "DELETED" => "entered-in-error",
        "NOSHOW" => "noshow",
        "COMPLETE" | "COMPLETED" => "fulfilled",
        "STARTED" | "ARRIVED" => "arrived",
        "PENDING" => "pending",
        "WAITLIST" => "waitlist",
        _ => "booked",
    }
}
