//! Opens an organisation for a change and stores it. Every change of an organisation's row passes here, so that its agreement and
//! its systems' datasets are always decided anew. A row of the operator must never be changed.

use jiff::Timestamp;
use lcr_contracts::{
    Failure,
    events::PartnersChanged,
    partners::organisation::DataFlowSchedule,
    registrar::PartnerSet,
    registry::{DatasetSwitch, Organisation, PartnerState, System},
};
use lcr_model::{Dataset, OdsCode, SourceId, london};
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};

use super::{details, signatures, versions::Versions};
use crate::store::{
    agreement::{self, AgreementRecords},
    change_error::{ChangeError, KEPT_BY_OPERATOR, conflict},
    organisation_file::{self, OrganisationFile},
    partner_change::{self, NewEntry},
    registry::{self, ManagedBy},
    system_row::{self, SystemRow},
};

/// An organisation that is open for a change, locked until the write ends.
#[derive(Debug)]
pub struct OpenOrganisation {
    pub row: Organisation,
    pub file: OrganisationFile,
    /// Whether the operator manages the row. `require_ours` refuses it, after the author's rights and the request are checked.
    pub is_operators: bool,
}

/// Opens an organisation. One of a seed is taken over: what it signed counts as signed on paper.
pub async fn open(tx: &DatabaseTransaction, ods: &OdsCode, now: Timestamp) -> Result<OpenOrganisation, ChangeError> {
    let (row, keeper) = organisation_file::lock(tx, ods).await?.ok_or_else(Failure::not_found)?;
    let stored = organisation_file::find(tx, ods).await?;
    let new = || OrganisationFile::new(ods.clone(), details::of_row(&row), now);
    let mut file = stored.unwrap_or_else(new);
    if !organisation_file::is_portals(&keeper) {
        file.on_paper = row.agreement_signed;
    }
    Ok(OpenOrganisation { row, file, is_operators: keeper == ManagedBy::Operator.as_str() })
}

/// Refuses every change of an organisation that has left.
pub fn require_not_left(row: &Organisation) -> Result<(), Failure> {
    if row.state == PartnerState::Left {
        return Err(conflict("This organisation has left. It has to register again first."));
    }
    Ok(())
}

impl OpenOrganisation {
    /// Refuses a row of the operator. Comes before the first write of every change.
    pub fn require_ours(&self) -> Result<(), Failure> {
        if self.is_operators { Err(conflict(KEPT_BY_OPERATOR)) } else { Ok(()) }
    }

    /// Whether its agreement is in force today.
    pub fn has_agreement(&self, records: &AgreementRecords, versions: &Versions, now: Timestamp) -> bool {
        let in_force = signatures::is_in_force(self.file.on_paper, records, versions, london::date(now));
        in_force && self.row.state != PartnerState::Left
    }

    /// Stores the row and the file with the entries of the history, and publishes what changed.
    pub async fn store(
        mut self,
        tx: &DatabaseTransaction,
        versions: &Versions,
        entries: &[NewEntry],
        now: Timestamp,
    ) -> Result<(), DbErr> {
        for entry in entries {
            partner_change::insert(tx, entry).await?;
        }
        let events = self.store_row(tx, versions, now).await?;
        Store::publish(tx, now, &events).await
    }

    /// Stores the row and the file. Returns the events to publish.
    pub async fn store_row(
        &mut self,
        tx: &DatabaseTransaction,
        versions: &Versions,
        now: Timestamp,
    ) -> Result<Vec<PartnersChanged>, DbErr> {
        let records = agreement::load(tx, self.file.registration).await?;
        self.row.agreement_signed = self.has_agreement(&records, versions, now);
        organisation_file::upsert(tx, &self.file).await?;
        let today = london::date(now);
        self.row.receives = signatures::agreed_schedule(&records, versions, today).map(|schedule| schedule.receives);
        let narrowing = signatures::narrowing_schedule(self.file.on_paper, &records, versions, today);
        let rows = match narrowing {
            Some(schedule) => narrowed_systems(tx, &self.row.ods, &schedule).await?,
            None => vec![],
        };
        let (operators, others): (Vec<SystemRow>, Vec<SystemRow>) =
            rows.into_iter().partition(|row| row.keeper == ManagedBy::Operator.as_str());
        let systems = others.into_iter().map(|row| row.system).collect();
        let set = PartnerSet { organisations: vec![self.row.clone()], systems, ..PartnerSet::default() };
        let (mut events, _) = registry::store_all(tx, ManagedBy::Portal, set, now.as_microsecond()).await?;
        for row in operators {
            // The operator keeps the row, and the organisation decides what leaves it.
            events.push(system_row::store_stages(tx, row.system, now.as_microsecond()).await?);
        }
        Ok(events)
    }
}

/// The systems of the organisation that give a dataset outside of the schedule, without it, whoever keeps them.
async fn narrowed_systems(
    tx: &DatabaseTransaction,
    ods: &OdsCode,
    schedule: &DataFlowSchedule,
) -> Result<Vec<SystemRow>, DbErr> {
    let gives_more =
        |system: &System| system.datasets.iter().any(|(dataset, switch)| is_beyond(schedule, *dataset, *switch));
    let stored = registry::load(tx).await?.systems.into_iter();
    let meant: Vec<SourceId> =
        stored.filter(|system| system.organisation == *ods && gives_more(system)).map(|system| system.id).collect();
    let mut rows = Vec::new();
    for id in &meant {
        let Some(mut row) = system_row::find_for_change(tx, id).await? else { continue };
        for (dataset, switch) in &mut row.system.datasets {
            if is_beyond(schedule, *dataset, *switch) {
                *switch = DatasetSwitch::NotAgreed;
            }
        }
        rows.push(row);
    }
    Ok(rows)
}

fn is_beyond(schedule: &DataFlowSchedule, dataset: Dataset, switch: DatasetSwitch) -> bool {
    switch == DatasetSwitch::On && !schedule.gives.contains(&dataset)
}
