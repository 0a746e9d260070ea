//! The counts above a ward list and on the home page. They count only rows that the reader may see; a count before the
//! decisions would reveal hidden patients.

use jiff::Timestamp;
use lcr_contracts::ward::{DischargedRow, Discharges, InpatientRow, Inpatients, ListCategory};

use crate::{
    layout::format::format_count,
    ward::{
        change_mark::{Baseline, ChangeMark, discharged_mark, inpatient_mark},
        filters::StatusFilter,
    },
};

/// "14 shown as in-patients · 2 new since you looked · …".
pub fn inpatient_counts(list: &Inpatients, baseline: &Baseline, now: Timestamp) -> Vec<String> {
    let count_rows = |test: &dyn Fn(&InpatientRow) -> bool| list.rows.iter().filter(|row| test(row)).count();
    let count_marked = |mark| count_rows(&|row| inpatient_mark(row, baseline, now) == mark);
    let mut out = vec![
        format!("{} shown as in-patients", count_rows(&|row| row.category == ListCategory::Main)),
        format!("{} new {}", count_marked(ChangeMark::New), baseline.words()),
    ];
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
        count_rows(&|row| StatusFilter::Leaving.matches_inpatient(row, baseline, now))
    ));
    out.push(if list.rows.iter().any(|row| row.hidden.iter().any(|one| one == "reside")) {
        "whether they still need a hospital bed is not open to your role".to_owned()
    } else {
        let ready = count_rows(&|row| StatusFilter::Ready.matches_inpatient(row, baseline, now));
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
    let count_marked = |mark| count_rows(&|row| discharged_mark(row, baseline, now) == mark);
    let is_hidden = |name: &str| list.rows.iter().any(|row| row.hidden.iter().any(|one| one == name));
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
            count_rows(&|row| StatusFilter::NoLetter.matches_discharged(row, baseline, now))
        ));
    }
    let died = count_rows(&|row| row.died);
    if died > 0 {
        out.push(format!("{died} died"));
    }
    out
}

/// The home page's sentence: how many patients are in hospital, and what changed since yesterday.
pub fn home_summary(list: &Inpatients, now: Timestamp) -> String {
    let count_marked =
        |mark| list.rows.iter().filter(|row| inpatient_mark(row, &Baseline::Yesterday, now) == mark).count();
    let shown = list.rows.iter().filter(|row| row.category == ListCategory::Main).count();
    let silent = list.rows.iter().filter(|row| row.category == ListCategory::NotHeardOf).count();
    let elsewhere = list.rows.len() - shown - silent;
    let mut out =
        format_count(shown, "patient of yours is shown as an in-patient", "patients of yours are shown as in-patients");
    if elsewhere > 0 {
        out += &format!(", and {elsewhere} as day cases, at home or in community beds");
    }
    if silent > 0 {
        out += &format!(". The hospital has sent nothing about {silent} more for longer than usual");
    }
    out + &format!(
        ". Since yesterday: {} new, {} changed.",
        count_marked(ChangeMark::New),
        count_marked(ChangeMark::Changed)
    )
}

#[cfg(test)]
#[path = "counts_tests.rs"]
mod tests;
