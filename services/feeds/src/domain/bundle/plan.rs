//! Reads the discharge plan in a Bundle: one `CarePlan` and its tasks. Must never list a dropped task as open.

use lcr_contracts::spell::{DischargePlanUpdate, FieldUpdate, PlanItem, PlanItemKind, PlanStatus};
use lcr_fhir::{Item, read};
use serde_json::Value;

use super::{Bundle, extension};
use crate::domain::plan;

fn set<T>(value: Option<T>) -> FieldUpdate<T> {
    value.map_or(FieldUpdate::Unchanged, FieldUpdate::Set)
}

pub fn read(bundle: &Bundle) -> DischargePlanUpdate {
    let tasks: Vec<PlanItem> = bundle.resources_of("Task").filter_map(item).collect();
    let items = bundle.resources_of("Task").next().map(|_| tasks);
    let Some(care) = bundle.resources_of("CarePlan").next().map(Item::value) else {
        return DischargePlanUpdate { items, ..DischargePlanUpdate::default() };
    };
    let words = |of: Option<&Value>, name: &str| read::text(of?, name);
    let transfer = extension(care, "transfer");
    let of_transfer = |name| transfer.and_then(|one| extension(one, name));
    DischargePlanUpdate {
        reside: FieldUpdate::Unchanged,
        status: set(status(care)),
        pathway: set(words(extension(care, "discharge-pathway"), "valueCode").filter(|code| plan::is_pathway(code))),
        going_to: set(words(extension(care, "going-to"), "valueString")),
        transfer_service: set(words(of_transfer("service"), "valueString")),
        transfer_date: set(words(of_transfer("date"), "valueDate").and_then(|day| day.parse().ok())),
        criteria: set(read::text(care, "description")),
        items,
    }
}

/// The hospital's own status extension, else `CarePlan.status`.
fn status(care: &Value) -> Option<PlanStatus> {
    let own = extension(care, "discharge-plan-status").and_then(|one| plan::status(read::str_at(one, "valueCode")?));
    own.or(match read::str_at(care, "status") {
        Some("draft") => Some(PlanStatus::NotStarted),
        Some("active") => Some(PlanStatus::InProgress),
        Some("completed") => Some(PlanStatus::Ready),
        _ => None,
    })
}

/// Reads a task. `None` if it was dropped.
fn item(task: &Item) -> Option<PlanItem> {
    let value = task.value();
    let status = read::str_at(value, "status")?;
    if matches!(status, "cancelled" | "rejected" | "failed" | "entered-in-error") {
        return None;
    }
    let by = read::text(value, "owner.display");
    let day = read::str_at(value, "authoredOn").and_then(|text| text.get(..10)?.parse().ok());
    Some(PlanItem {
        key: read::text(value, "identifier.0.value").unwrap_or_else(|| task.id().to_owned()),
        kind: if by.is_some() { PlanItemKind::Waiting } else { PlanItemKind::Needed },
        text: read::text(value, "description")?,
        by,
        since: day,
        done: status == "completed",
    })
}
