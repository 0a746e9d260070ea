//! Letters, encounters, referrals, bookings, procedures, immunisations, contacts, plans and flags.

use lcr_contracts::record::Detail;
use lcr_fhir::read;
use serde_json::Value;

use super::{NotListed, Said, fields, named, words};

fn first(value: &Value, paths: &[&str]) -> Option<String> {
    paths.iter().find_map(|path| read::text(value, path))
}

fn said(title: String, date: Option<String>, value: &Value, detail: Detail) -> Said {
    let status = read::str_at(value, "status").map(words);
    Said { title, date, status, says: None, detail, links: vec![] }
}

pub fn document(value: &Value) -> Result<Said, NotListed> {
    if read::str_at(value, "status") == Some("superseded") {
        return Err("replaced by a newer version");
    }
    let kind = read::concept_at(value, "type").or_else(|| read::concept_at(value, "category.0"));
    let title = first(value, &["description", "content.0.attachment.title"]).or_else(|| kind.clone());
    let detail = Detail::Document {
        document_type: document_type(value, kind.as_deref()),
        author: read::reference_words(value, "author.0"),
        content_type: read::text(value, "content.0.attachment.contentType"),
    };
    Ok(said(named(title), first(value, &["date", "content.0.attachment.creation"]), value, detail))
}

/// What policies limit by: discharge, clinic, care-plan, else the source's own words.
fn document_type(value: &Value, words: Option<&str>) -> String {
    for code in ["discharge", "clinic", "care-plan", "end-of-life"] {
        if read::has_code(value, "category", code) {
            return code.to_owned();
        }
    }
    let lower = words.unwrap_or_default().to_lowercase();
    let known = [
        ("discharge", "discharge"),
        ("clinic", "clinic"),
        ("outpatient", "clinic"),
        ("care plan", "care-plan"),
    ];
    let found = known.iter().find(|(word, _)| lower.contains(word)).map(|(_, kind)| (*kind).to_owned());
    found.or_else(|| words.map(str::to_owned)).unwrap_or_else(|| "document".to_owned())
}

pub fn encounter(value: &Value) -> Result<Said, NotListed> {
    if matches!(read::str_at(value, "status"), Some("cancelled")) {
        return Err("cancelled");
    }
    let class = match read::str_at(value, "class.code") {
        Some("IMP" | "ACUTE" | "NONAC") => "In-patient".to_owned(),
        Some("EMER") => "Emergency department".to_owned(),
        Some("AMB") => "Appointment".to_owned(),
        Some("HH") => "Home visit".to_owned(),
        Some("VR") => "Telephone or video".to_owned(),
        Some("SS") => "Day case".to_owned(),
        Some(other) => read::text(value, "class.display").unwrap_or_else(|| other.to_owned()),
        None => "Contact".to_owned(),
    };
    let reason = read::concept_at(value, "reasonCode.0").or_else(|| read::concept_at(value, "type.0"));
    let ended = read::text(value, "period.end");
    let open =
        matches!(read::str_at(value, "status"), Some("in-progress" | "arrived" | "onleave" | "triaged"));
    let place =
        ["location.0.location", "serviceProvider"].iter().find_map(|path| read::reference_words(value, path));
    let detail =
        Detail::Encounter { class: class.clone(), place, in_progress: open && ended.is_none(), ended };
    Ok(said(reason.unwrap_or(class), read::text(value, "period.start"), value, detail))
}

pub fn referral(value: &Value) -> Said {
    let title = read::concept_at(value, "code").or_else(|| read::concept_at(value, "category.0"));
    let detail = fields([
        (
            "To",
            read::reference_words(value, "performer.0").or_else(|| read::concept_at(value, "performerType")),
        ),
        ("From", read::reference_words(value, "requester")),
        ("Priority", read::str_at(value, "priority").map(words)),
        ("Reason", read::concept_at(value, "reasonCode.0")),
        ("Note", read::text(value, "note.0.text")),
    ]);
    said(named(title), first(value, &["authoredOn", "occurrenceDateTime"]), value, detail)
}

pub fn appointment(value: &Value) -> Said {
    let title = first(value, &["description"])
        .or_else(|| read::concept_at(value, "serviceType.0"))
        .or_else(|| read::concept_at(value, "appointmentType"));
    let place = read::list(value, "participant").iter().find_map(|one| {
        let where_to = read::str_at(one, "actor.reference").is_some_and(|to| to.contains("Location/"));
        where_to.then(|| read::text(one, "actor.display")).flatten()
    });
    let detail = fields([
        ("Where", place),
        ("Specialty", read::concept_at(value, "specialty.0")),
        ("Reason", read::concept_at(value, "reasonCode.0")),
    ]);
    said(named(title), first(value, &["start", "created"]), value, detail)
}

pub fn procedure(value: &Value) -> Result<Said, NotListed> {
    if read::str_at(value, "status") == Some("not-done") {
        return Err("not done");
    }
    let detail = fields([
        ("Where", read::reference_words(value, "location")),
        ("By", read::reference_words(value, "performer.0.actor")),
        ("Reason", read::concept_at(value, "reasonCode.0")),
        ("Outcome", read::concept_at(value, "outcome")),
    ]);
    let date = first(value, &["performedDateTime", "performedPeriod.start", "performedString"]);
    Ok(said(named(read::concept_at(value, "code")), date, value, detail))
}

pub fn immunisation(value: &Value) -> Said {
    let not_given = (read::str_at(value, "status") == Some("not-done")).then(|| {
        read::concept_at(value, "statusReason")
            .map_or_else(|| "Not given".to_owned(), |why| format!("Not given: {why}"))
    });
    let detail = fields([
        ("Not given", not_given),
        (
            "Dose",
            first(value, &["protocolApplied.0.doseNumberString"]).or_else(|| {
                read::at(value, "protocolApplied.0.doseNumberPositiveInt").and_then(read::number)
            }),
        ),
        ("Batch", read::text(value, "lotNumber")),
        ("Site", read::concept_at(value, "site")),
    ]);
    let date = first(value, &["occurrenceDateTime", "occurrenceString"]);
    said(named(read::concept_at(value, "vaccineCode")), date, value, detail)
}

pub fn contact(value: &Value) -> Said {
    let name = read::text(value, "name.0.text").or_else(|| {
        let name = read::at(value, "name.0")?;
        let given = super::demographics::given_names(name);
        Some([given, read::text(name, "family").unwrap_or_default()].join(" ").trim().to_owned())
    });
    let detail = fields([
        ("Relationship", read::concept_at(value, "relationship.0")),
        ("Telephone", read::list(value, "telecom").iter().find_map(|one| read::text(one, "value"))),
        ("Address", read::at(value, "address.0").and_then(super::demographics::address_words)),
    ]);
    said(named(name), read::text(value, "period.start"), value, detail)
}

pub fn plan(value: &Value) -> Said {
    let title = first(value, &["title"]).or_else(|| read::concept_at(value, "category.0"));
    let activities = read::list(value, "activity").iter();
    let activities: Vec<String> = activities
        .filter_map(|one| {
            first(one, &["detail.description"]).or_else(|| read::concept_at(one, "detail.code"))
        })
        .collect();
    let detail = fields([
        ("About", read::text(value, "description")),
        ("Plan", (!activities.is_empty()).then(|| activities.join("; "))),
        ("By", read::reference_words(value, "author")),
        ("Until", read::text(value, "period.end")),
    ]);
    said(named(title), first(value, &["created", "period.start"]), value, detail)
}

pub fn flag(value: &Value) -> Said {
    let detail = fields([
        ("Kind", read::concept_at(value, "category.0")),
        ("By", read::reference_words(value, "author")),
        ("Until", read::text(value, "period.end")),
    ]);
    said(named(read::concept_at(value, "code")), read::text(value, "period.start"), value, detail)
}
