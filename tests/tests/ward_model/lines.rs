//! A line of the list, as it is shown and as it is true.

use jiff::Timestamp;
use lcr_city::simulated_hospital::{Habits, TrueState, TrueStay};
use lcr_virtual_ward::{Preview, PreviewStatus};

/// The parts of a row that the true state can be compared with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    pub(super) state: String,
    pub(super) admitted: String,
    pub(super) in_doubt: bool,
}

pub(super) fn shown(habits: Habits, row: &Preview) -> Option<(String, Line)> {
    let state = match row.status {
        PreviewStatus::InHospital(_) => {
            let place = row.place.clone().unwrap_or_default();
            let leave = if row.on_leave { ", on leave" } else { "" };
            format!("{} {}{leave}", place.ward.unwrap_or_default(), place.bed.unwrap_or_default())
        }
        PreviewStatus::Left => {
            let left = row.left.map(|left| time(habits, left.at)).unwrap_or_default();
            format!("left {left} to {}", row.destination.clone().unwrap_or_default())
        }
        PreviewStatus::Attending | PreviewStatus::NotListed => return None,
    };
    let admitted = row.admitted.map(|came| came.at.to_string()).unwrap_or_default();
    // These two warnings are no doubt about the row: a corrected visit, and silence in so short a simulation.
    let news = ["first sent this visit for another", "sent nothing about this stay"];
    let in_doubt = row.warnings.iter().any(|words| !news.iter().any(|known| words.contains(known)));
    let line = Line { state, admitted, in_doubt };
    Some((row.person.local_id.0.clone(), line))
}

fn time(habits: Habits, at: Timestamp) -> String {
    let london = at.in_tz("Europe/London").unwrap();
    london.strftime(if habits.days_only { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M" }).to_string()
}

pub(super) fn truth(habits: Habits, stay: &TrueStay) -> (String, Line) {
    let state = match &stay.state {
        TrueState::InBed { ward, bed, on_leave } => {
            format!("{ward} {bed}{}", if *on_leave { ", on leave" } else { "" })
        }
        TrueState::Left { at, to } => format!("left {} to {}", time(habits, *at), destination(to)),
    };
    (stay.number.clone(), Line { state, admitted: stay.admitted.to_string(), in_doubt: false })
}

fn destination(code: &str) -> &'static str {
    match code {
        "19" => "Usual place of residence",
        "54" => "Care home",
        "51" => "Another NHS hospital, general ward",
        "88" => "Hospice",
        _ => "",
    }
}
