//! A stay as the person's record shows it: one truth for the list and the record.

use jiff::Timestamp;
use lcr_contracts::{events::OnRecord, ward::Cell};
use lcr_model::{PersonId, SourceId};

use crate::domain::{
    spell::{Phase, Spell},
    words,
};

pub fn on_record(spell: &Spell, person: Option<PersonId>, source: &SourceId) -> OnRecord {
    OnRecord {
        person,
        source: source.clone(),
        visit: spell.visit.clone(),
        counts: spell.counts(),
        attends: spell.phase == Phase::Attending,
        class: spell.class.as_ref().map(|class| class.value.clone()),
        place: spell.place().map(|held| Cell { value: held.place.clone(), at: held.from }),
        consultant: spell.consultant.clone(),
        specialty: super::specialty(spell),
        admitted: spell.came().map(|came| came.value),
        left: spell.left,
        on_leave: spell.on_leave,
        destination: spell.destination.as_ref().map(|to| words::destination(&to.value)),
        died: spell.died(),
        last_told: spell.last_told.unwrap_or(Timestamp::UNIX_EPOCH),
        warnings: spell.warnings.iter().map(|warning| words::warning(*warning).to_owned()).collect(),
    }
}
