//! What the rows of the two ward lists have in common. A rule for both lists must be written once, against this trait.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_contracts::ward::{DischargedRow, InpatientRow, ListCategory, RowPatient};
use lcr_model::{SourceId, SpellId};

use crate::{
    layout::{format::in_london, table::Cell},
    ward::{
        change_mark::{Baseline, ChangeMark, RowTimes, newest_time},
        filters::{StatusFilter, expected_discharge_date},
        further_fields,
        list_context::ListContext,
        row_context::patient_cell,
        watch_button::watch_button,
    },
};

/// The fields that every row has.
#[derive(Debug, Clone, Copy)]
pub struct CommonFields<'a> {
    pub spell: &'a SpellId,
    pub version: i64,
    pub who: &'a RowPatient,
    pub source: &'a SourceId,
    pub watched: bool,
    pub hidden: &'a [String],
}

/// A row of a ward list.
pub trait StayRow {
    fn common(&self) -> CommonFields<'_>;
    fn times(&self) -> RowTimes;
    /// Whether the row passes a filter that only its own list has.
    fn passes(&self, filter: StatusFilter, now: Timestamp) -> bool;
    /// Whether the row passes the filters by a hospital's own fields.
    fn passes_further(&self, _filters: &BTreeMap<String, String>) -> bool {
        true
    }

    fn mark(&self, baseline: &Baseline, now: Timestamp) -> ChangeMark {
        let fields = self.common();
        baseline.mark(fields.spell, fields.version, self.times(), now)
    }

    fn is_hidden(&self, field: &str) -> bool {
        self.common().hidden.iter().any(|one| one == field)
    }
}

/// The patient, the mark and further remarks, and the button to watch.
pub(super) fn who_cell(row: &impl StayRow, remark: Option<String>, context: &ListContext<'_>) -> Cell {
    let fields = row.common();
    let mark = row.mark(context.baseline, context.now).words(context.baseline);
    let remarks: Vec<String> = mark.into_iter().chain(remark).collect();
    let button = watch_button(fields.who, fields.spell, fields.watched, context.form);
    patient_cell(fields.who, &remarks, context.now).with_action(button)
}

impl StayRow for InpatientRow {
    fn common(&self) -> CommonFields<'_> {
        let Self { spell, version, who, source, watched, hidden, .. } = self;
        CommonFields { spell, version: *version, who, source, watched: *watched, hidden }
    }

    fn times(&self) -> RowTimes {
        RowTimes { began: self.admitted.as_ref().map(|cell| cell.value.at), newest: newest_time(self) }
    }

    fn passes(&self, filter: StatusFilter, now: Timestamp) -> bool {
        match filter {
            // A patient whose hospital has gone silent may have left, so they do not count as in hospital.
            StatusFilter::Leaving | StatusFilter::Ready if self.category == ListCategory::NotHeardOf => false,
            StatusFilter::Leaving => expected_discharge_date(self) == Some(in_london(now).date()),
            StatusFilter::Ready => self.reside.as_ref().is_some_and(|cell| !cell.value.meets),
            _ => true,
        }
    }

    fn passes_further(&self, filters: &BTreeMap<String, String>) -> bool {
        further_fields::matches(self, filters)
    }
}

impl StayRow for DischargedRow {
    fn common(&self) -> CommonFields<'_> {
        let Self { spell, version, who, source, watched, hidden, .. } = self;
        CommonFields { spell, version: *version, who, source, watched: *watched, hidden }
    }

    fn times(&self) -> RowTimes {
        let letter = self.letter.as_ref().map(|cell| cell.at);
        RowTimes { began: Some(self.left.at), newest: letter.max(Some(self.left.at)) }
    }

    fn passes(&self, filter: StatusFilter, _: Timestamp) -> bool {
        match filter {
            StatusFilter::Back => self.back,
            StatusFilter::NoLetter => self.letter.is_none() && !self.is_hidden("letter"),
            _ => true,
        }
    }
}
