//! Builds the stay that the person's record shows, from the same state as the list. It must not depend on a reader.

use jiff::Timestamp;
use lcr_contracts::{events::OnRecord, ward::Cell};
use lcr_model::{PersonId, SourceId};

use crate::domain::{
    code_names,
    spell::{Phase, Spell},
    texts,
};

pub fn build_on_record(spell: &Spell, person: Option<PersonId>, source: &SourceId) -> OnRecord {
    OnRecord {
        person,
        source: source.clone(),
        visit: spell.visit.clone(),
        counts: spell.is_actual_stay(),
        attends: spell.phase == Phase::Attending,
        last_movement: (spell.phase == Phase::Attending).then(|| spell.last_movement()),
        class: spell.class.as_ref().map(|class| class.value.clone()),
        place: spell.latest_place().map(|period| Cell { value: period.place.clone(), at: period.from }),
        consultant: spell.consultant.clone(),
        specialty: super::specialty_cell(spell),
        admitted: spell.arrival().map(|arrival| arrival.value),
        left: spell.left,
        on_leave: spell.on_leave,
        destination: spell.destination.as_ref().map(|to| code_names::destination_name(&to.value)),
        died: spell.has_died(),
        last_message_at: spell.last_message_at.unwrap_or(Timestamp::UNIX_EPOCH),
        warnings: spell.warnings.iter().map(|warning| texts::warning_text(*warning).to_owned()).collect(),
    }
}
