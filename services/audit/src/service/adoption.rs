//! The figures of an organisation's use of the record, for its administrators and officers. Reading them leaves an
//! entry, as every reading of the log does.

use jiff::Timestamp;
use lcr_contracts::{
    Caller, Failure,
    audit::{TreeHead, ViewAdoption},
};
use lcr_model::{Actor, ActorKind, OdsCode, Role};

use super::Service;
use crate::store;

/// Whether the reader may see how an organisation uses the record.
fn may_read(reader: &Actor, ods: &OdsCode) -> bool {
    let officers = [Role::OrgAdmin, Role::PrivacyOfficer, Role::CaldicottGuardian, Role::PracticeManager];
    let is_own = reader.org == *ods && officers.contains(&reader.role);
    reader.kind == ActorKind::Person && (is_own || reader.role == Role::PlatformAdmin)
}

impl Service {
    pub(super) async fn read_adoption(
        &self,
        caller: &Caller,
        ods: &OdsCode,
        since: Timestamp,
    ) -> Result<ViewAdoption, Failure> {
        if !may_read(&caller.actor, ods) {
            return Err(Failure::not_found());
        }
        self.append_entry(self.log_reading_entry(caller, None), &TreeHead::default()).await?;
        Ok(store::adoption(self.store.read(), ods, since).await?)
    }
}
