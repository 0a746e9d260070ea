//! The counts above a ward list and on the home page. They count only rows that the reader may see; a count before the
//! decisions would reveal hidden patients.

use jiff::Timestamp;
use lcr_contracts::ward::{Counts, DischargedRow, Discharges, InpatientRow, Inpatients, ListCategory};

use crate::{
    layout::format::format_count,
    ward::{
        change_mark::{Baseline, ChangeMark},
        filters::StatusFilter,
        stay_row::StayRow,
    },
};

/// "14 shown as in-patients · 2 new since you looked · …".
pub fn inpatient_counts(list: &Inpatients, baseline: &Baseline, now: Timestamp) -> Vec<String> {
    let count_rows = |test: &dyn Fn(&InpatientRow) -> bool| list.rows.iter().filter(|row| test(row)).count();
    let count_marked = |mark| count_rows(&|row| row.mark(baseline, now) == mark);
    let mut out = vec![
        format!("{} shown as in-patients", count_rows(&|row| row.category == ListCategory::Main)),
        format!("{} new {}", count_marked(ChangeMark::New), baseline.words()),
    ];
    let emergency = count_rows(&|row| row.category == ListCategory::Emergency);
    if emergency > 0 {
        out.insert(0, format!("{emergency} in the emergency department"));
    }
    let changed = count_marked(ChangeMark::Changed);
    if changed > 0 {
        out.push(format!("{changed} changed {}", baseline.words()));
    }
    let silent = count_rows(&|row| row.category == ListCategory::NotHeardOf);
    if silent > 0 {
        out.push(format!("{silent} not heard of for longer than usual"));
    }
    out.push(format!(
        "{} expected to leave today",
        count_rows(&|row| StatusFilter::Leaving.matches(row, baseline, now))
    ));
    out.push(if list.rows.iter().any(|row| row.is_hidden("reside")) {
        "whether they still need a hospital bed is not open to your role".to_owned()
    } else {
        let ready = count_rows(&|row| StatusFilter::Ready.matches(row, baseline, now));
        format!("{} a hospital bed, still here", format_count(ready, "no longer needs", "no longer need"))
    });
    let unmatched = usize::try_from(list.unmatched).unwrap_or(usize::MAX);
    let words = format_count(unmatched, "recent admission", "recent admissions");
    out.push(format!("{words} not yet matched to a person"));
    out
}

/// "5 shown as having left in the last 28 days · …".
pub fn discharge_counts(list: &Discharges, baseline: &Baseline, now: Timestamp) -> Vec<String> {
    let count_rows = |test: &dyn Fn(&DischargedRow) -> bool| list.rows.iter().filter(|row| test(row)).count();
    let count_marked = |mark| count_rows(&|row| row.mark(baseline, now) == mark);
    let is_hidden = |name: &str| list.rows.iter().any(|row| row.is_hidden(name));
    let mut out = vec![
        format!("{} shown as having left in the last {} days", count_rows(&|row| !row.died), list.days),
        format!("{} new {}", count_marked(ChangeMark::New), baseline.words()),
    ];
    if !is_hidden("back") {
        out.push(format!("{} back in hospital", count_rows(&|row| row.back)));
    }
    if !is_hidden("letter") {
        out.push(format!(
            "{} without a letter in this record yet",
            count_rows(&|row| StatusFilter::NoLetter.matches(row, baseline, now))
        ));
    }
    let died = count_rows(&|row| row.died);
    if died > 0 {
        out.push(format!("{died} died"));
    }
    out
}

/// The home page's sentences: how many people are in hospital, of a list or of the reader's whole hospital.
pub fn home_summary(counts: &Counts, whole_hospital: bool) -> String {
    let count = |number: u32, one: &str, more: &str| format_count(usize::try_from(number).unwrap_or(0), one, more);
    let mut out = if whole_hospital {
        count(counts.in_patients, "in-patient at your hospital", "in-patients at your hospital")
    } else {
        let (one, more) = ("patient of yours is shown as an in-patient", "patients of yours are shown as in-patients");
        count(counts.in_patients, one, more)
    };
    if counts.elsewhere > 0 {
        out += &format!(", and {} as day cases, at home or in community beds", counts.elsewhere);
    }
    out.push('.');
    if whole_hospital {
        out += &format!(" {} in the emergency department.", counts.emergency);
    }
    if counts.not_heard_of > 0 {
        out += &format!(" The hospital has sent nothing about {} more for longer than usual.", counts.not_heard_of);
    }
    if let Some(admitted) = counts.admitted_since_yesterday {
        out += &format!(" Since yesterday: {admitted} admitted.");
    }
    out += &format!(" Expected to leave today: {}.", counts.leaving_today);
    if counts.at_least { format!("At least {out} Not all could be counted: each number may be higher.") } else { out }
}

#[cfg(test)]
#[path = "counts_tests.rs"]
mod tests;
