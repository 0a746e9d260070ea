//! The bodies of the lists in the public API. They must stay apart from the contract's types, whose field names differ.

use jiff::Timestamp;
use lcr_contracts::ward::{Delay, Delays, DischargedRow, Discharges, HospitalActivity, InpatientRow, Inpatients};
use lcr_model::ViewId;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct InpatientList {
    as_of: Timestamp,
    view: ViewId,
    inpatients: Vec<InpatientRow>,
    /// The number of admissions in the last two days that are not matched to a person, at the hospitals of this list.
    unmatched: u32,
    hospitals: Vec<HospitalActivity>,
}

impl InpatientList {
    pub fn new(view: ViewId, list: Inpatients) -> Self {
        let Inpatients { as_of, rows, unmatched, hospitals } = list;
        Self { as_of, view, inpatients: rows, unmatched, hospitals }
    }
}

#[derive(Serialize, ToSchema)]
pub struct DelayList {
    as_of: Timestamp,
    view: ViewId,
    delays: Vec<Delay>,
    hospitals: Vec<HospitalActivity>,
}

impl DelayList {
    pub fn new(view: ViewId, list: Delays) -> Self {
        let Delays { as_of, delays, hospitals } = list;
        Self { as_of, view, delays, hospitals }
    }
}

#[derive(Serialize, ToSchema)]
pub struct DischargeList {
    as_of: Timestamp,
    view: ViewId,
    days: u8,
    discharges: Vec<DischargedRow>,
    hospitals: Vec<HospitalActivity>,
}

impl DischargeList {
    pub fn new(view: ViewId, list: Discharges) -> Self {
        let Discharges { as_of, days, rows, hospitals } = list;
        Self { as_of, view, days, discharges: rows, hospitals }
    }
}
