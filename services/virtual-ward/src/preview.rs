//! Folds messages into list rows without a store: for trying a hospital's profile and for the model test. It authorises
//! nobody and must never be used to show a list to a reader.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use lcr_contracts::{
    Moment,
    registry::FurtherField,
    spell::{Place, SpellMessage},
    ward::ListCategory,
};
use lcr_model::{LocalId, SourceIdentity, SpellId};

use crate::domain::{self, IdentityResolver, Merge, Spell, list_category, row};

/// The list on which a stay would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreviewStatus {
    InHospital(ListCategory),
    Left,
    /// At a clinic or an emergency department, on no list.
    Attending,
    /// Cancelled, expected, or corrected to another person.
    NotListed,
}

/// The row of a stay.
#[derive(Debug, Clone)]
pub struct Preview {
    pub visit: SpellId,
    pub person: SourceIdentity,
    pub status: PreviewStatus,
    pub place: Option<Place>,
    pub admitted: Option<Moment>,
    pub left: Option<Moment>,
    /// The name of the destination.
    pub destination: Option<String>,
    pub on_leave: bool,
    pub died: bool,
    pub expected_discharge: Option<jiff::civil::Date>,
    pub going_to: Option<String>,
    /// Label and value of the profile's further fields.
    pub further: Vec<(String, Option<String>)>,
    pub warnings: Vec<String>,
}

/// A merged number, the surviving number, and the message time of the merge.
pub type MergedNumber = (SourceIdentity, LocalId, Timestamp);

/// Folds messages into the stays at `now`.
pub fn preview(
    messages: Vec<(SpellId, SpellMessage)>,
    merged: &[MergedNumber],
    fields: &[FurtherField],
    now: Timestamp,
) -> Vec<Preview> {
    let merge = |(number, into, merged_at): &MergedNumber| {
        let into = SourceIdentity { source: number.source.clone(), local_id: into.clone() };
        (number.clone(), Merge { into, merged_at: *merged_at })
    };
    let resolver = IdentityResolver { merged: merged.iter().map(merge).collect(), persons: HashMap::new() };
    let mut previews = vec![];
    for (visit, messages) in group_by_visit(messages) {
        let stays = domain::fold_visit(&messages, &resolver);
        previews.extend(stays.into_iter().filter_map(|stay| preview_stay(&visit, &stay.spell, fields, now)));
    }
    previews
}

/// Groups messages by visit. Numbers that replace each other are one visit.
fn group_by_visit(messages: Vec<(SpellId, SpellMessage)>) -> BTreeMap<SpellId, Vec<SpellMessage>> {
    let mut roots: HashMap<SpellId, SpellId> = HashMap::new();
    for (number, message) in &messages {
        if let Some(former) = &message.formerly {
            let (root, other) = (find_root(&roots, former), find_root(&roots, number));
            if root != other {
                roots.insert(other, root);
            }
        }
    }
    let mut visits: BTreeMap<SpellId, Vec<SpellMessage>> = BTreeMap::new();
    for (number, message) in messages {
        visits.entry(find_root(&roots, &number)).or_default().push(message);
    }
    visits
}

fn find_root(roots: &HashMap<SpellId, SpellId>, number: &SpellId) -> SpellId {
    let mut current = number;
    while let Some(next) = roots.get(current) {
        current = next;
    }
    current.clone()
}

fn preview_stay(visit: &SpellId, spell: &Spell, fields: &[FurtherField], now: Timestamp) -> Option<Preview> {
    let status = match list_category::categorise(spell, false) {
        _ if !spell.is_actual_stay() => PreviewStatus::NotListed,
        Some(_) if spell.has_left(now) => PreviewStatus::Left,
        Some(placement) => PreviewStatus::InHospital(placement.category),
        None => PreviewStatus::Attending,
    };
    let further = row::further_cells(spell, fields, true);
    let further = further.into_iter().map(|field| (field.label, field.value.map(|cell| cell.value)));
    let record = row::build_on_record(spell, None, &spell.identity.as_ref()?.source);
    Some(Preview {
        visit: visit.clone(),
        person: spell.identity.clone()?,
        status,
        place: record.place.map(|cell| cell.value),
        admitted: record.admitted,
        left: record.left,
        destination: record.destination,
        on_leave: record.on_leave,
        died: record.died,
        expected_discharge: spell.expected.now.as_ref().map(|cell| cell.value),
        going_to: spell.going_to.as_ref().map(|cell| cell.value.clone()),
        further: further.collect(),
        warnings: row::DataQuality::default().warnings(spell, now).into_iter().chain(record.warnings).collect(),
    })
}
