//! What the two lists have in common: people in hospital, and people who left. Authorising, recording and watching a list
//! are written once against these traits, so no list may have a path of its own around a permit.

use jiff::Timestamp;
use lcr_contracts::{
    Failure,
    ward::{DischargedRow, Discharges, InpatientRow, Inpatients},
};
use lcr_model::{Dataset, PersonId, SourceId, SpellId, discharge_window};

use super::{AuthorisedStays, Service};
use crate::store::spell::ListPeriod;

/// One of the two lists.
pub trait StayList: Sized + Send + Sync + 'static {
    type Row: StayRow;
    /// The stays that are candidates. `days` is the length of the window of discharges.
    fn period(days: u8, now: Timestamp) -> ListPeriod;
    /// Builds the rows that are granted.
    fn build(
        service: &Service,
        authorised: &AuthorisedStays,
        days: u8,
    ) -> impl Future<Output = Result<Self, Failure>> + Send;
    fn rows(&self) -> &[Self::Row];
}

/// A row of a list.
pub trait StayRow {
    fn common(&self) -> CommonFields<'_>;
    /// The datasets that the row shows.
    fn datasets(&self) -> Vec<Dataset>;
}

/// The fields that every row has.
#[derive(Debug, Clone, Copy)]
pub struct CommonFields<'a> {
    pub spell: &'a SpellId,
    pub version: i64,
    pub person: Option<PersonId>,
    pub source: &'a SourceId,
    pub hidden: &'a [String],
}

impl StayList for Inpatients {
    type Row = InpatientRow;

    fn period(_: u8, now: Timestamp) -> ListPeriod {
        ListPeriod::InHospital(now)
    }

    async fn build(service: &Service, authorised: &AuthorisedStays, _: u8) -> Result<Self, Failure> {
        service.build_inpatients(authorised).await
    }

    fn rows(&self) -> &[InpatientRow] {
        &self.rows
    }
}

impl StayList for Discharges {
    type Row = DischargedRow;

    fn period(days: u8, now: Timestamp) -> ListPeriod {
        ListPeriod::Left(discharge_window::window_start(now, days), now)
    }

    async fn build(service: &Service, authorised: &AuthorisedStays, days: u8) -> Result<Self, Failure> {
        service.build_discharges(authorised, days).await
    }

    fn rows(&self) -> &[DischargedRow] {
        &self.rows
    }
}

impl StayRow for InpatientRow {
    fn common(&self) -> CommonFields<'_> {
        let Self { spell, version, who, source, hidden, .. } = self;
        CommonFields { spell, version: *version, person: who.person, source, hidden }
    }

    fn datasets(&self) -> Vec<Dataset> {
        vec![Dataset::Encounters]
    }
}

impl StayRow for DischargedRow {
    fn common(&self) -> CommonFields<'_> {
        let Self { spell, version, who, source, hidden, .. } = self;
        CommonFields { spell, version: *version, person: who.person, source, hidden }
    }

    fn datasets(&self) -> Vec<Dataset> {
        let results = (!self.pending_results.is_empty()).then_some(Dataset::Results);
        let documents = self.letter.is_some().then_some(Dataset::Documents);
        [Some(Dataset::Encounters), results, documents].into_iter().flatten().collect()
    }
}
