//! `REF^I12`: a referral from one provider to another.

use lcr_contracts::events::Pushed;
use lcr_hl7::{Condition, Fault, Segment};
use serde_json::{Value, json};

use super::{
    Arrival, Change, Item, Mapped, Mapping, NotMapped, demographics,
    groups::{Group, groups, missing},
    identity,
    notes::Notes,
    r4, spell, times,
    values::digest,
};

pub fn map(arrival: &Arrival<'_>) -> Mapping {
    let groups = groups(arrival.message);
    let group = groups.first().ok_or_else(|| missing("PID", "the patient is missing"))?;
    let named = identity::named(arrival, group)?;
    // RF1 comes before PID, outside any group.
    let rf1 = arrival.message.first("RF1");
    let rf1 = rf1.ok_or_else(|| NotMapped::waits("the referral has no RF1 segment to be filed by", "RF1"))?;
    let key = rf1.field(6).code().or_else(|| rf1.field(11).code());
    let key =
        key.ok_or_else(|| Fault::at(Condition::RequiredField, "RF1", 6, "the referral has no identifier"))?;
    let id = digest(&["referral", arrival.system.id.as_str(), &named.identity.local_id.0, &key]);
    let provider = |role| provider(arrival, role);
    let (status, priority) = (rf1.field(1).code(), rf1.field(2).code());
    let mut notes = Notes::default();
    arrival.message.all("NTE").for_each(|note| notes.push(note));
    let mut made = r4::Resource::new("ServiceRequest", &id, &named.identity);
    let kind = rf1.field(3).first();
    let name = kind.and_then(r4::concept_words).unwrap_or_else(|| "Referral".to_owned());
    made.put("status", json!(request_status(status.as_deref())))
        .put("intent", json!("order"))
        .put("priority", json!(urgency(priority.as_deref())))
        .put("code", kind.and_then(r4::concept).unwrap_or_else(|| json!({ "text": name })))
        .put("identifier", json!([{ "value": key }]))
        .put("authoredOn", r4::when(rf1.field(7)))
        .put("requester", provider("RP"))
        .put("note", notes.annotations())
        .put("performer", provider("RT").map(|one| json!([one])))
        .put("reasonCode", Value::Array(reasons(group, rf1)));
    let item = Item {
        identity: named.identity.clone(),
        kind: Pushed::Referral,
        stay: spell::numbers(arrival, group),
        pushed: r4::checked(vec![made.done()], name, false, false, "RF1")?,
        key,
        names: vec![],
        sent: times::told_at(arrival),
        change: Change::Alone,
    };
    Ok(vec![Mapped::Demographics(demographics::told(arrival, group, &named)), Mapped::Item(item)])
}

/// A PRD by its role: the name, else where they work.
fn provider(arrival: &Arrival<'_>, role: &str) -> Option<Value> {
    let mut all = arrival.message.all("PRD");
    let prd = all.find(|prd| prd.field(1).code().as_deref() == Some(role))?;
    let name = prd.field(2).first().map(|one| {
        let parts: Vec<String> = [one.part(5), one.part(2), one.part(1)].into_iter().flatten().collect();
        parts.join(" ")
    });
    let place = || prd.field(4).first().and_then(|one| one.part(1));
    let name = name.filter(|name| !name.is_empty()).or_else(place)?;
    Some(json!({ "display": name }))
}

fn reasons(group: &Group<'_>, rf1: Segment<'_>) -> Vec<Value> {
    let stated = rf1.field(10).repetitions().filter_map(r4::concept);
    let diagnoses = group.all("DG1").filter_map(|dg1| {
        let coded = dg1.field(3).first().and_then(r4::concept);
        coded.or_else(|| dg1.field(4).words().map(|text| json!({ "text": text })))
    });
    stated.chain(diagnoses).collect()
}

/// HL7 table 0283.
fn request_status(code: Option<&str>) -> &'static str {
    match code {
        Some("A" | "P") => "active",
        Some("R") => "revoked",
        Some("E") => "completed",
        _ => "unknown",
    }
}

/// HL7 table 0280.
fn urgency(code: Option<&str>) -> &'static str {
    match code {
        Some("S") => "stat",
        Some("A") => "asap",
        _ => "routine",
    }
}
