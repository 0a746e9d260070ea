//! Reads referrals and appointments. A referral that must not be made says so in its title.

use lcr_fhir::{display, format_date, read};
use serde_json::Value;

use super::{
    EntryContent,
    text::{
        concepts_text, entry_content, first_text, join_texts, labelled_fields, reasons_text, reference_names,
        sentence_case, title_or_default,
    },
    timing,
};

pub fn read_referral(value: &Value) -> EntryContent {
    let title = title_or_default(read::concept_at(value, "code").or_else(|| concepts_text(value, "category")));
    let forbidden = read::at(value, "doNotPerform") == Some(&Value::Bool(true));
    let intent = read::str_at(value, "intent").filter(|intent| matches!(*intent, "proposal" | "plan" | "option"));
    let detail = labelled_fields([
        ("To", reference_names(value, "performer").or_else(|| read::concept_at(value, "performerType"))),
        ("From", read::reference_display(value, "requester")),
        ("Only a", intent.map(str::to_owned)),
        ("Priority", read::str_at(value, "priority").map(sentence_case)),
        ("Kind", concepts_text(value, "category").filter(|kind| *kind != title)),
        ("When", occurrence_text(value, "occurrence")),
        ("Reason", reasons_text(value)),
    ]);
    let title = if forbidden { format!("Do not do: {title}") } else { title };
    entry_content(
        title,
        first_text(value, &["authoredOn", "occurrenceDateTime", "occurrencePeriod.start"]),
        value,
        detail,
    )
}

/// A `dateTime`, a `Period` or a `Timing`, in words.
fn occurrence_text(value: &Value, of: &str) -> Option<String> {
    let choice = |kind: &str| read::at(value, &format!("{of}{kind}"));
    let moment = choice("DateTime").and_then(Value::as_str).map(format_date);
    let timing = || choice("Timing").map(timing::timing_text);
    moment.or_else(|| choice("Period").and_then(display::period)).or_else(timing)
}

pub fn read_appointment(value: &Value) -> EntryContent {
    let title = first_text(value, &["description"])
        .or_else(|| concepts_text(value, "serviceType"))
        .or_else(|| read::concept_at(value, "appointmentType"));
    let actors = |wanted: &'static str, others: bool| {
        join_texts(read::list(value, "participant").iter().filter_map(move |one| {
            let to = read::str_at(one, "actor.reference").unwrap_or_default();
            let kind = ["Location/", "Patient/"].iter().find(|kind| to.contains(*kind));
            let fits = if others { kind.is_none() } else { kind == Some(&wanted) };
            let name = fits.then(|| display::reference(value, one.get("actor")?)).flatten()?;
            let declined = read::str_at(one, "status") == Some("declined");
            Some(if declined { format!("{name} (declined)") } else { name })
        }))
    };
    let detail = labelled_fields([
        ("Where", actors("Location/", false)),
        ("With", actors("", true)),
        ("Kind", read::concept_at(value, "appointmentType")),
        ("Specialty", concepts_text(value, "specialty")),
        ("Service", concepts_text(value, "serviceType")),
        ("Reason", reasons_text(value)),
        ("Comment", read::text(value, "comment")),
    ]);
    entry_content(
        title_or_default(title),
        first_text(value, &["start", "requestedPeriod.0.start", "created"]),
        value,
        detail,
    )
}
