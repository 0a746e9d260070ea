//! Reads the discharge plan from `ZDP` and `ZDT` (`PROFILE.md`), and fitness for discharge from the ITK profile's ZU1.
//! Must never show an item that later messages cannot update.

use lcr_contracts::spell::{DischargePlanUpdate, FieldUpdate, PlanItem, PlanItemKind, PlanStatus, Reside};
use lcr_hl7::{Repetition, Segment, time};

use super::segment_groups::SegmentGroup;

pub fn read(group: &SegmentGroup<'_>) -> DischargePlanUpdate {
    let field = |number| group.field("ZDP", number);
    let date = |number| field(number).field_update(|one| time::parse_date(&one.component(1)?));
    let text = |number| field(number).field_update(Repetition::text);
    let items: Vec<PlanItem> = group.all("ZDT").filter_map(item).collect();
    DischargePlanUpdate {
        reside: reside(group),
        status: field(4).field_update(|one| status(&one.component(1)?)),
        pathway: field(6).field_update(|one| one.component(1).filter(|code| is_pathway(code))),
        going_to: text(7),
        transfer_service: text(8),
        transfer_date: date(9),
        criteria: field(10).field_update(Repetition::text),
        items: group.first("ZDT").map(|_| items),
    }
}

fn reside(group: &SegmentGroup<'_>) -> FieldUpdate<Reside> {
    let yes_or_no = |code: &str| match code {
        "Y" => Some(true),
        "N" => Some(false),
        _ => None,
    };
    let day =
        |segment: &str, number: usize| group.field(segment, number).code().and_then(|text| time::parse_date(&text));
    let reside = group.field("ZDP", 1).field_update(|one| {
        let meets = yes_or_no(&one.component(1)?)?;
        Some(Reside { meets, code: group.field("ZDP", 2).code(), since: day("ZDP", 3) })
    });
    if reside != FieldUpdate::Unchanged {
        return reside;
    }
    // ZU1-22 asks the opposite: whether the patient is fit to leave.
    group.field("ZU1", 22).field_update(|one| {
        let fit = yes_or_no(&one.component(1)?)?;
        Some(Reside { meets: !fit, code: None, since: day("ZU1", 24) })
    })
}

pub fn status(code: &str) -> Option<PlanStatus> {
    match code {
        "not-started" => Some(PlanStatus::NotStarted),
        "in-progress" => Some(PlanStatus::InProgress),
        "agreed" => Some(PlanStatus::Agreed),
        "ready" => Some(PlanStatus::Ready),
        _ => None,
    }
}

pub fn is_pathway(code: &str) -> bool {
    matches!(code, "P0" | "P1" | "P2" | "P3")
}

/// Reads one item. Skips an item without a key or a text.
fn item(segment: Segment<'_>) -> Option<PlanItem> {
    let kind = match segment.field(3).code()?.as_str() {
        "needed" => PlanItemKind::Needed,
        "waiting" => PlanItemKind::Waiting,
        _ => return None,
    };
    Some(PlanItem {
        key: segment.field(2).first_text()?,
        kind,
        text: segment.field(4).first_text()?,
        by: segment.field(5).first_text(),
        since: segment.field(6).code().and_then(|text| time::parse_date(&text)),
        done: segment.field(7).code().as_deref() == Some("done"),
    })
}
