//! The counts above a list: of what is shown, after every decision and never before.

use jiff::Timestamp;
use lcr_contracts::ward::{DischargedRow, Discharges, InpatientRow, Inpatients, Shelf};

use super::{
    chips::Show,
    discharged, inpatients,
    since::{Mark, Since},
};
use crate::view::words::count;

/// "14 shown as in-patients · 2 new since you looked · …".
pub fn inpatients(list: &Inpatients, since: &Since, now: Timestamp) -> Vec<String> {
    let rows = |test: &dyn Fn(&InpatientRow) -> bool| list.rows.iter().filter(|row| test(row)).count();
    let marked = |mark| rows(&|row| inpatients::mark(row, since, now) == mark);
    let mut out = vec![
        format!("{} shown as in-patients", rows(&|row| row.shelf == Shelf::Main)),
        format!("{} new {}", marked(Mark::New), since.words()),
    ];
    let changed = marked(Mark::Changed);
    if changed > 0 {
        out.push(format!("{changed} changed {}", since.words()));
    }
    let silent = rows(&|row| row.shelf == Shelf::NotHeardOf);
    if silent > 0 {
        out.push(format!("{silent} not heard of for longer than usual"));
    }
    out.push(format!("{} expected to leave today", rows(&|row| Show::Leaving.inpatient(row, since, now))));
    out.push(if list.rows.iter().any(|row| row.hidden.iter().any(|one| one == "reside")) {
        "whether they still need a hospital bed is not open to your role".to_owned()
    } else {
        let ready = rows(&|row| Show::Ready.inpatient(row, since, now));
        format!("{} a hospital bed, still here", count(ready, "no longer needs", "no longer need"))
    });
    let unmatched = usize::try_from(list.unmatched).unwrap_or(usize::MAX);
    let words = count(unmatched, "recent admission", "recent admissions");
    out.push(format!("{words} not yet matched to a person"));
    out
}

/// "5 shown as having left in the last 28 days · …".
pub fn discharged(list: &Discharges, since: &Since, now: Timestamp) -> Vec<String> {
    let rows = |test: &dyn Fn(&DischargedRow) -> bool| list.rows.iter().filter(|row| test(row)).count();
    let marked = |mark| rows(&|row| discharged::mark(row, since, now) == mark);
    let hides = |name: &str| list.rows.iter().any(|row| row.hidden.iter().any(|one| one == name));
    let mut out = vec![
        format!("{} shown as having left in the last {} days", rows(&|row| !row.died), list.days),
        format!("{} new {}", marked(Mark::New), since.words()),
    ];
    if !hides("back") {
        out.push(format!("{} back in hospital", rows(&|row| row.back)));
    }
    if !hides("letter") {
        out.push(format!(
            "{} without a letter in this record yet",
            rows(&|row| Show::NoLetter.discharged(row, since, now))
        ));
    }
    let died = rows(&|row| row.died);
    if died > 0 {
        out.push(format!("{died} died"));
    }
    out
}

/// For the home page: how many are in hospital, and what changed.
pub fn in_short(list: &Inpatients, now: Timestamp) -> String {
    let marks =
        |mark| list.rows.iter().filter(|row| inpatients::mark(row, &Since::Yesterday, now) == mark).count();
    let shown = list.rows.iter().filter(|row| row.shelf == Shelf::Main).count();
    let silent = list.rows.iter().filter(|row| row.shelf == Shelf::NotHeardOf).count();
    let elsewhere = list.rows.len() - shown - silent;
    let mut out = count(
        shown,
        "patient of yours is shown as an in-patient",
        "patients of yours are shown as in-patients",
    );
    if elsewhere > 0 {
        out += &format!(", and {elsewhere} as day cases, at home or in community beds");
    }
    if silent > 0 {
        out += &format!(". The hospital has sent nothing about {silent} more for longer than usual");
    }
    out + &format!(". Since yesterday: {} new, {} changed.", marks(Mark::New), marks(Mark::Changed))
}

#[cfg(test)]
#[path = "counts_tests.rs"]
mod tests;
