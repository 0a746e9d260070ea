//! Letters, encounters, referrals, bookings, procedures, immunisations, contacts, plans and flags.

use jiff::Timestamp;
use lcr_contracts::record::Detail;
use lcr_fhir::{date_words, read, words};
use serde_json::Value;

use super::{Said, fields, named, reasons, status_words, words as sentence};
use crate::domain::{limits::DOCUMENT_TYPES, person};

fn first(value: &Value, paths: &[&str]) -> Option<String> {
    paths.iter().find_map(|path| read::text(value, path))
}

fn said(title: String, date: Option<String>, value: &Value, detail: Detail) -> Said {
    Said { title, date, status: status_words(value), detail, ..Said::default() }
}

/// Every concept of a list, in words.
fn concepts(value: &Value, path: &str) -> Option<String> {
    join(read::list(value, path).iter().filter_map(|one| words::concept(Some(one))))
}

/// Every reference of a list that has a name.
fn names(value: &Value, path: &str) -> Option<String> {
    join(read::list(value, path).iter().filter_map(|one| words::reference(value, one)))
}

fn join(parts: impl Iterator<Item = String>) -> Option<String> {
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn ends(value: &Value) -> Option<String> {
    read::str_at(value, "period.end").map(date_words)
}

pub fn document(value: &Value) -> Said {
    let kind = read::concept_at(value, "type").or_else(|| read::concept_at(value, "category.0"));
    // The title of a file that was not sent says why, and not what the document is.
    let of_file = || {
        let attachments = read::list(value, "content").iter().filter_map(|content| content.get("attachment"));
        let mut sent = attachments.filter(|one| one.get("data").is_some() || one.get("url").is_some());
        sent.find_map(|one| read::text(one, "title"))
    };
    let title = first(value, &["description"]).or_else(of_file).or_else(|| kind.clone());
    let detail = Detail::Document {
        document_type: document_type(value, kind.as_deref()),
        author: names(value, "author"),
        content_type: read::text(value, "content.0.attachment.contentType"),
    };
    let made = read::str_at(value, "docStatus").filter(|status| *status != "final").map(sentence);
    let mut said =
        said(named(title), first(value, &["date", "content.0.attachment.creation"]), value, detail);
    if let (Some(made), Some(status)) = (made, &said.status) {
        said.status = Some(format!("{status}, {}", made.to_lowercase()));
    }
    said
}

/// What policies limit by: discharge, clinic, care-plan, else the source's own words. By code, or by a name that is exactly
/// one we know.
fn document_type(value: &Value, words: Option<&str>) -> String {
    for code in ["discharge", "clinic", "care-plan", "end-of-life"] {
        if read::has_code(value, "category", code) {
            return code.to_owned();
        }
    }
    let lower = words.unwrap_or_default().trim().to_lowercase();
    let known = DOCUMENT_TYPES.iter().find(|(_, codes, names)| {
        codes.iter().any(|code| read::has_code(value, "type", code)) || names.contains(&lower.as_str())
    });
    let known = known.map(|(kind, ..)| (*kind).to_owned());
    known.or_else(|| words.map(str::to_owned)).unwrap_or_else(|| "document".to_owned())
}

pub fn encounter(value: &Value) -> Said {
    let class = match read::str_at(value, "class.code") {
        Some("IMP" | "ACUTE" | "NONAC") => "In-patient".to_owned(),
        Some("EMER") => "Emergency department".to_owned(),
        Some("AMB") => "Appointment".to_owned(),
        Some("HH") => "Home visit".to_owned(),
        Some("VR") => "Telephone or video".to_owned(),
        Some("SS") => "Day case".to_owned(),
        _ => read::at(value, "class").and_then(words::coding).unwrap_or_else(|| "Contact".to_owned()),
    };
    let reason = reasons(value).or_else(|| concepts(value, "type"));
    let ended = read::text(value, "period.end");
    let open =
        matches!(read::str_at(value, "status"), Some("in-progress" | "arrived" | "onleave" | "triaged"));
    let place = join(places(value)).or_else(|| read::reference_words(value, "serviceProvider"));
    let detail =
        Detail::Encounter { class: class.clone(), place, in_progress: open && ended.is_none(), ended };
    said(reason.unwrap_or(class), read::text(value, "period.start"), value, detail)
}

/// The places of a contact: where the person is or was. One that was only planned or held says so.
fn places(value: &Value) -> impl Iterator<Item = String> {
    read::list(value, "location").iter().filter_map(move |one| {
        let name = words::reference(value, one.get("location")?)?;
        Some(match read::str_at(one, "status") {
            Some(status @ ("planned" | "reserved")) => format!("{name} ({status})"),
            _ => name,
        })
    })
}

pub fn referral(value: &Value) -> Said {
    let title = named(read::concept_at(value, "code").or_else(|| concepts(value, "category")));
    let forbidden = read::at(value, "doNotPerform") == Some(&Value::Bool(true));
    let intent =
        read::str_at(value, "intent").filter(|intent| matches!(*intent, "proposal" | "plan" | "option"));
    let detail = fields([
        ("To", names(value, "performer").or_else(|| read::concept_at(value, "performerType"))),
        ("From", read::reference_words(value, "requester")),
        ("Only a", intent.map(str::to_owned)),
        ("Priority", read::str_at(value, "priority").map(sentence)),
        ("Kind", concepts(value, "category").filter(|kind| *kind != title)),
        ("When", when(value, "occurrence")),
        ("Reason", reasons(value)),
    ]);
    let title = if forbidden { format!("Do not do: {title}") } else { title };
    said(title, first(value, &["authoredOn", "occurrenceDateTime", "occurrencePeriod.start"]), value, detail)
}

/// A `dateTime`, a `Period`, or a `Timing` in words.
fn when(value: &Value, of: &str) -> Option<String> {
    let choice = |kind: &str| read::at(value, &format!("{of}{kind}"));
    let moment = choice("DateTime").and_then(Value::as_str).map(date_words);
    let timing = || choice("Timing").map(super::timing::words);
    moment.or_else(|| choice("Period").and_then(words::period)).or_else(timing)
}

pub fn appointment(value: &Value) -> Said {
    let title = first(value, &["description"])
        .or_else(|| concepts(value, "serviceType"))
        .or_else(|| read::concept_at(value, "appointmentType"));
    let actors = |wanted: &'static str, others: bool| {
        join(read::list(value, "participant").iter().filter_map(move |one| {
            let to = read::str_at(one, "actor.reference").unwrap_or_default();
            let kind = ["Location/", "Patient/"].iter().find(|kind| to.contains(*kind));
            let fits = if others { kind.is_none() } else { kind == Some(&wanted) };
            let name = fits.then(|| words::reference(value, one.get("actor")?)).flatten()?;
            let declined = read::str_at(one, "status") == Some("declined");
            Some(if declined { format!("{name} (declined)") } else { name })
        }))
    };
    let detail = fields([
        ("Where", actors("Location/", false)),
        ("With", actors("", true)),
        ("Kind", read::concept_at(value, "appointmentType")),
        ("Specialty", concepts(value, "specialty")),
        ("Service", concepts(value, "serviceType")),
        ("Reason", reasons(value)),
        ("Comment", read::text(value, "comment")),
    ]);
    said(named(title), first(value, &["start", "requestedPeriod.0.start", "created"]), value, detail)
}

pub fn procedure(value: &Value) -> Said {
    let performers =
        read::list(value, "performer").iter().filter_map(|one| words::reference(value, one.get("actor")?));
    let detail = fields([
        ("Where", read::reference_words(value, "location")),
        ("By", join(performers)),
        ("Reason", reasons(value)),
        ("Outcome", read::concept_at(value, "outcome")),
        ("Complication", concepts(value, "complication")),
        (
            "When",
            read::at(value, "performedAge")
                .and_then(words::quantity)
                .map(|age| format!("at the age of {}", age.whole())),
        ),
        (
            "When",
            read::at(value, "performedRange")
                .and_then(words::range)
                .map(|age| format!("at the age of {age}")),
        ),
        ("Until", read::str_at(value, "performedPeriod.end").map(date_words)),
    ]);
    let date = first(value, &["performedDateTime", "performedPeriod.start", "performedString"]);
    said(named(read::concept_at(value, "code")), date, value, detail)
}

pub fn immunisation(value: &Value) -> Said {
    let not_given = super::standing::marks(crate::domain::kind::Kind::Immunization, value)
        .contains(&lcr_contracts::record::Mark::NotDone)
        .then(|| read::concept_at(value, "statusReason").unwrap_or_else(|| "reason not given".to_owned()));
    let doses = read::list(value, "protocolApplied").iter().filter_map(|one| {
        let number = read::at(one, "doseNumberPositiveInt").and_then(words::number);
        number.or_else(|| read::text(one, "doseNumberString"))
    });
    let name = named(read::concept_at(value, "vaccineCode"));
    let title = if not_given.is_some() { format!("Not given: {name}") } else { name };
    let detail = fields([
        ("Not given", not_given),
        ("Dose", join(doses)),
        ("Batch", read::text(value, "lotNumber")),
        ("Site", read::concept_at(value, "site")),
        ("Reason", reasons(value)),
    ]);
    let date = first(value, &["occurrenceDateTime", "occurrenceString"]);
    said(title, date, value, detail)
}

pub fn contact(value: &Value, now: Timestamp) -> Said {
    let name = person::name_in_force(value, now).and_then(words::human_name);
    let telecoms = person::telecoms_in_force(value, now);
    let detail = fields([
        ("Relationship", concepts(value, "relationship")),
        ("Telephone", join(telecoms.into_iter().filter_map(|one| read::text(one, "value")))),
        ("Address", person::address_in_force(value, now).and_then(words::address)),
        ("Until", ends(value)),
    ]);
    said(named(name), read::text(value, "period.start"), value, detail)
}

pub fn plan(value: &Value) -> Said {
    let title = first(value, &["title"]).or_else(|| concepts(value, "category"));
    let activities = read::list(value, "activity").iter().filter_map(|one| one.get("detail")).map(activity);
    let activities: Vec<String> = activities.collect();
    let intent = read::str_at(value, "intent").filter(|intent| matches!(*intent, "proposal" | "option"));
    let detail = fields([
        ("About", read::text(value, "description")),
        ("Only a", intent.map(str::to_owned)),
        ("Plan", (!activities.is_empty()).then(|| activities.join("; "))),
        ("By", read::reference_words(value, "author")),
        ("Until", ends(value)),
    ]);
    said(named(title), first(value, &["created", "period.start"]), value, detail)
}

/// One activity; what the plan forbids or has withdrawn says so first.
fn activity(detail: &Value) -> String {
    let both = [read::concept_at(detail, "code"), read::text(detail, "description")];
    let mut parts: Vec<String> = both.into_iter().flatten().collect();
    parts.dedup();
    let what = if parts.is_empty() { "an activity without a name".to_owned() } else { parts.join(", ") };
    let status = read::str_at(detail, "status")
        .filter(|status| !matches!(*status, "scheduled" | "in-progress" | "unknown"));
    let forbidden = read::at(detail, "doNotPerform") == Some(&Value::Bool(true));
    let what = if forbidden { format!("Do not do: {what}") } else { what };
    status.map_or(what.clone(), |status| format!("{what} ({})", sentence(status).to_lowercase()))
}

pub fn flag(value: &Value) -> Said {
    let detail = fields([
        ("Kind", concepts(value, "category")),
        ("By", read::reference_words(value, "author")),
        ("Until", ends(value)),
    ]);
    said(named(read::concept_at(value, "code")), read::text(value, "period.start"), value, detail)
}
