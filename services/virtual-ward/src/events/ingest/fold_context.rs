//! The stored data that a fold needs besides the messages of its visit, and the event that it publishes. An event must never
//! hold patient data that is not sealed.

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_contracts::events::{OnRecord, Stay, WardChanged};
use lcr_model::{OdsCode, SourceId, SourceIdentity, SpellId, seal::DataKeys};
use sea_orm::DbErr;
use sha2::{Digest, Sha256};

use crate::{
    domain::{IdentityResolver, row},
    store::{patient, spell},
};

/// The stored data that folding needs besides messages.
pub(super) struct FoldContext {
    pub(super) resolver: IdentityResolver,
    pub(super) patients: HashMap<SourceIdentity, patient::StoredPatient>,
    pub(super) organisations: HashMap<SourceId, OdsCode>,
}

impl FoldContext {
    /// The source's newest details of a patient. For a number that was merged since, they are the survivor's.
    pub(super) fn patient_details(&self, identity: &SourceIdentity) -> Option<lcr_contracts::spell::PatientDetails> {
        let own = self.patients.get(identity)?;
        let merge = own.merge.as_ref().filter(|merge| own.version <= merge.merged_at.as_microsecond());
        let survivor = merge.and_then(|merge| self.patients.get(&merge.into)?.details.clone());
        survivor.or_else(|| own.details.clone())
    }
}

/// The id of a stay: a hash of its visit, its first number, and which stay of that number it is.
pub(super) fn stay_id(visit: &SpellId, first: &SourceIdentity, nth: usize) -> SpellId {
    let mut hash = Sha256::new();
    for part in [visit.as_str(), first.source.as_str(), &first.local_id.0, &nth.to_string()] {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    let hex = |text: String, byte: &u8| text + &format!("{byte:02x}");
    SpellId::new(hash.finalize().iter().take(16).fold(String::new(), hex))
}

pub(super) fn is_changed(stay: &spell::StoredStay, stored: Option<&spell::StoredStay>) -> bool {
    stored.is_none_or(|stored| {
        stored.spell != stay.spell
            || stored.person != stay.person
            || stored.organisation != stay.organisation
            || stored.visit != stay.visit
    })
}

/// The published event: the stay for relationships, with ids and times only, and the stay for the person's record.
pub(super) fn to_event(keys: &DataKeys, stay: &spell::StoredStay) -> Result<WardChanged, DbErr> {
    let admitted = stay.spell.arrival().map(|arrival| arrival.value.at);
    let body = Stay {
        person: stay.person,
        source: stay.source.clone(),
        organisation: stay.organisation.clone(),
        ward: stay.spell.latest_place().and_then(|period| period.place.ward.clone()),
        from: admitted.or(stay.spell.departure_time()).unwrap_or(Timestamp::UNIX_EPOCH),
        until: stay.spell.relationship_until(),
        counts: stay.spell.is_actual_stay(),
    };
    let record: OnRecord = row::build_on_record(&stay.spell, stay.person, &stay.source);
    let seal = |context: &str, plain: serde_json::Result<Vec<u8>>| {
        let plain = plain.map_err(|e| DbErr::Json(e.to_string()))?;
        keys.seal(context, &plain).map_err(|e| DbErr::Custom(e.to_string()))
    };
    Ok(WardChanged {
        spell: stay.id.clone(),
        version: stay.version,
        sealed: seal("ward/stay", serde_json::to_vec(&body))?,
        record: Some(seal("ward/record", serde_json::to_vec(&record))?),
    })
}
