//! Reads care plans and flags. An activity that the plan forbids or has withdrawn always says so.

use lcr_fhir::read;
use serde_json::Value;

use super::{
    EntryContent,
    text::{concepts_text, entry_content, first_text, labelled_fields, period_end, sentence_case, title_or_default},
};

pub fn read_care_plan(value: &Value) -> EntryContent {
    let title = first_text(value, &["title"]).or_else(|| concepts_text(value, "category"));
    let activities = read::list(value, "activity").iter().filter_map(|one| one.get("detail")).map(activity_text);
    let activities: Vec<String> = activities.collect();
    let intent = read::str_at(value, "intent").filter(|intent| matches!(*intent, "proposal" | "option"));
    let detail = labelled_fields([
        ("About", read::text(value, "description")),
        ("Only a", intent.map(str::to_owned)),
        ("Plan", (!activities.is_empty()).then(|| activities.join("; "))),
        ("By", read::reference_display(value, "author")),
        ("Until", period_end(value)),
    ]);
    entry_content(title_or_default(title), first_text(value, &["created", "period.start"]), value, detail)
}

/// One activity in words.
fn activity_text(detail: &Value) -> String {
    let both = [read::concept_at(detail, "code"), read::text(detail, "description")];
    let mut parts: Vec<String> = both.into_iter().flatten().collect();
    parts.dedup();
    let what = if parts.is_empty() { "an activity without a name".to_owned() } else { parts.join(", ") };
    let status =
        read::str_at(detail, "status").filter(|status| !matches!(*status, "scheduled" | "in-progress" | "unknown"));
    let forbidden = read::at(detail, "doNotPerform") == Some(&Value::Bool(true));
    let what = if forbidden { format!("Do not do: {what}") } else { what };
    status.map_or(what.clone(), |status| format!("{what} ({})", sentence_case(status).to_lowercase()))
}

pub fn read_flag(value: &Value) -> EntryContent {
    let detail = labelled_fields([
        ("Kind", concepts_text(value, "category")),
        ("By", read::reference_display(value, "author")),
        ("Until", period_end(value)),
    ]);
    entry_content(title_or_default(read::concept_at(value, "code")), read::text(value, "period.start"), value, detail)
}
