//! The two ward lists as one thing: people in hospital, and people who left. What only one of them has stands here; a page
//! must treat both alike otherwise.

use jiff::Timestamp;
use lcr_contracts::{
    Caller, Failure, VirtualWard,
    spell::Place,
    ward::{Cell, DischargedRow, Discharges, HospitalActivity, InpatientRow, Inpatients, ListRequest},
};

use crate::{
    layout::table::Table,
    ward::{
        change_mark::Baseline,
        columns::Column,
        counts, discharged,
        filters::ListOptions,
        further_fields::{self, FieldFilter},
        inpatients,
        list_context::ListContext,
        stay_row::StayRow,
    },
};

/// The parts of both lists.
#[derive(Debug)]
pub struct ListParts<'a, R> {
    pub as_of: Timestamp,
    /// The length of the window of discharges.
    pub days: Option<u8>,
    pub rows: &'a [R],
    pub hospitals: &'a [HospitalActivity],
}

/// A ward list, as virtual-ward returned it.
pub trait StayList: Sized + Send {
    type Row: StayRow;
    /// Whether it is the list of people who left.
    const LEFT: bool;
    /// The orders that the page always offers.
    const MAIN_ORDERS: &'static [(&'static str, &'static str)];

    fn load(
        ward: &dyn VirtualWard,
        caller: &Caller,
        ask: ListRequest,
    ) -> impl Future<Output = Result<Self, Failure>> + Send;
    fn parts(&self) -> ListParts<'_, Self::Row>;
    fn places(&mut self) -> impl Iterator<Item = &mut Cell<Place>>;
    fn columns(&self) -> Vec<Column>;
    fn counts(&self, baseline: &Baseline, now: Timestamp) -> Vec<String>;
    fn tables(&self, context: &ListContext<'_>) -> Vec<Table>;
    /// The filters by a hospital's own fields.
    fn field_filters(&self, _options: &ListOptions) -> Vec<FieldFilter> {
        vec![]
    }
}

impl StayList for Inpatients {
    type Row = InpatientRow;
    const LEFT: bool = false;
    const MAIN_ORDERS: &'static [(&'static str, &'static str)] =
        &[("expected", "Expected date"), ("ward", "Ward and bed")];

    async fn load(ward: &dyn VirtualWard, caller: &Caller, ask: ListRequest) -> Result<Self, Failure> {
        ward.inpatients(caller, ask).await
    }

    fn parts(&self) -> ListParts<'_, InpatientRow> {
        ListParts { as_of: self.as_of, days: None, rows: &self.rows, hospitals: &self.hospitals }
    }

    fn places(&mut self) -> impl Iterator<Item = &mut Cell<Place>> {
        self.rows.iter_mut().filter_map(|row| row.place.as_mut())
    }

    fn columns(&self) -> Vec<Column> {
        inpatients::columns(&self.rows)
    }

    fn counts(&self, baseline: &Baseline, now: Timestamp) -> Vec<String> {
        counts::inpatient_counts(self, baseline, now)
    }

    fn tables(&self, context: &ListContext<'_>) -> Vec<Table> {
        inpatients::tables(self, context)
    }

    fn field_filters(&self, options: &ListOptions) -> Vec<FieldFilter> {
        further_fields::field_filters(&self.rows, &options.further)
    }
}

impl StayList for Discharges {
    type Row = DischargedRow;
    const LEFT: bool = true;
    const MAIN_ORDERS: &'static [(&'static str, &'static str)] = &[];

    async fn load(ward: &dyn VirtualWard, caller: &Caller, ask: ListRequest) -> Result<Self, Failure> {
        ward.discharges(caller, ask).await
    }

    fn parts(&self) -> ListParts<'_, DischargedRow> {
        ListParts { as_of: self.as_of, days: Some(self.days), rows: &self.rows, hospitals: &self.hospitals }
    }

    fn places(&mut self) -> impl Iterator<Item = &mut Cell<Place>> {
        self.rows.iter_mut().filter_map(|row| row.place.as_mut())
    }

    fn columns(&self) -> Vec<Column> {
        discharged::columns()
    }

    fn counts(&self, baseline: &Baseline, now: Timestamp) -> Vec<String> {
        counts::discharge_counts(self, baseline, now)
    }

    fn tables(&self, context: &ListContext<'_>) -> Vec<Table> {
        discharged::tables(self, context)
    }
}
