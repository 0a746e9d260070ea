//! The discharge plan: `ZDP` and `ZDT` (`PROFILE.md`), else what the ITK profile's ZU1 says of medical fitness.

use lcr_contracts::spell::{PlanItem, PlanItemKind, PlanStatus, PlanTold, Reside, Told};
use lcr_hl7::{Repetition, Segment, time};

use super::groups::Group;

pub fn read(group: &Group<'_>) -> PlanTold {
    let field = |number| group.field("ZDP", number);
    let date = |number| field(number).told(|one| time::date(&one.part(1)?));
    let text = |number| field(number).told(Repetition::words);
    let items: Vec<PlanItem> = group.all("ZDT").filter_map(item).collect();
    PlanTold {
        reside: reside(group),
        status: field(4).told(|one| status(&one.part(1)?)),
        pathway: field(6).told(|one| one.part(1).filter(|code| is_pathway(code))),
        going_to: text(7),
        transfer_service: text(8),
        transfer_date: date(9),
        criteria: field(10).told(Repetition::words),
        items: group.first("ZDT").map(|_| items),
    }
}

fn reside(group: &Group<'_>) -> Told<Reside> {
    let yes_or_no = |code: &str| match code {
        "Y" => Some(true),
        "N" => Some(false),
        _ => None,
    };
    let day =
        |segment: &str, number: usize| group.field(segment, number).code().and_then(|text| time::date(&text));
    let told = group.field("ZDP", 1).told(|one| {
        let meets = yes_or_no(&one.part(1)?)?;
        Some(Reside { meets, code: group.field("ZDP", 2).code(), since: day("ZDP", 3) })
    });
    if told != Told::Unchanged {
        return told;
    }
    // ZU1-22 says fit to leave, which is the opposite question.
    group.field("ZU1", 22).told(|one| {
        let fit = yes_or_no(&one.part(1)?)?;
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

/// An item without a key or words cannot be shown or followed: it is left out.
fn item(segment: Segment<'_>) -> Option<PlanItem> {
    let kind = match segment.field(3).code()?.as_str() {
        "needed" => PlanItemKind::Needed,
        "waiting" => PlanItemKind::Waiting,
        _ => return None,
    };
    Some(PlanItem {
        key: segment.field(2).words()?,
        kind,
        text: segment.field(4).words()?,
        by: segment.field(5).words(),
        since: segment.field(6).code().and_then(|text| time::date(&text)),
        done: segment.field(7).code().as_deref() == Some("done"),
    })
}
