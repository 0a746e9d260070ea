//! What messages would make of the lists, without a store: for trying a hospital's profile and for tests against a model.
//! It decides nothing about readers and must never be used to show a list to one.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use lcr_contracts::{
    Moment,
    identity::FurtherField,
    spell::{Place, SpellMessage},
    ward::Shelf,
};
use lcr_model::{LocalId, SourceIdentity, SpellId};

use crate::domain::{self, Merge, Spell, Who, row, shelf};

/// Where a stay would be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    InHospital(Shelf),
    Left,
    /// At a clinic or an emergency department.
    Attends,
    /// Cancelled, expected, or somebody else's.
    Nowhere,
}

/// A stay as its row would say it.
#[derive(Debug, Clone)]
pub struct Preview {
    pub visit: SpellId,
    pub person: SourceIdentity,
    pub listed: Listed,
    pub place: Option<Place>,
    pub admitted: Option<Moment>,
    pub left: Option<Moment>,
    /// Where to, in words.
    pub destination: Option<String>,
    pub on_leave: bool,
    pub died: bool,
    pub expected_discharge: Option<jiff::civil::Date>,
    pub going_to: Option<String>,
    /// Label and value of the profile's own fields.
    pub further: Vec<(String, Option<String>)>,
    /// What the row would say of its doubts.
    pub warnings: Vec<String>,
}

/// A number that its source merged: which, into which, told when.
pub type Merged = (SourceIdentity, LocalId, Timestamp);

/// The stays of these messages, as they stand at `now`.
pub fn preview(
    messages: Vec<(SpellId, SpellMessage)>,
    merged: &[Merged],
    fields: &[FurtherField],
    now: Timestamp,
) -> Vec<Preview> {
    let merge = |(gone, into, told): &Merged| {
        let into = SourceIdentity { source: gone.source.clone(), local_id: into.clone() };
        (gone.clone(), Merge { into, told: *told })
    };
    let who = Who { merged: merged.iter().map(merge).collect(), persons: HashMap::new() };
    let mut previews = vec![];
    for (visit, messages) in visits(messages) {
        let stays = domain::stays(&messages, &who);
        previews.extend(stays.into_iter().filter_map(|stay| one(&visit, &stay.spell, fields, now)));
    }
    previews
}

/// The messages by visit, under all its numbers.
fn visits(messages: Vec<(SpellId, SpellMessage)>) -> BTreeMap<SpellId, Vec<SpellMessage>> {
    let mut roots: HashMap<SpellId, SpellId> = HashMap::new();
    for (number, message) in &messages {
        if let Some(former) = &message.formerly {
            let (root, other) = (root(&roots, former), root(&roots, number));
            if root != other {
                roots.insert(other, root);
            }
        }
    }
    let mut visits: BTreeMap<SpellId, Vec<SpellMessage>> = BTreeMap::new();
    for (number, message) in messages {
        visits.entry(root(&roots, &number)).or_default().push(message);
    }
    visits
}

fn root(roots: &HashMap<SpellId, SpellId>, number: &SpellId) -> SpellId {
    let mut now = number;
    while let Some(next) = roots.get(now) {
        now = next;
    }
    now.clone()
}

fn one(visit: &SpellId, spell: &Spell, fields: &[FurtherField], now: Timestamp) -> Option<Preview> {
    let listed = match shelf::listed(spell, false) {
        _ if !spell.counts() => Listed::Nowhere,
        Some(_) if spell.has_left(now) => Listed::Left,
        Some(listed) => Listed::InHospital(listed.shelf),
        None => Listed::Attends,
    };
    let further = row::further(spell, fields, true);
    let further = further.into_iter().map(|field| (field.label, field.value.map(|cell| cell.value)));
    let record = row::on_record(spell, None, &spell.identity.as_ref()?.source);
    Some(Preview {
        visit: visit.clone(),
        person: spell.identity.clone()?,
        listed,
        place: record.place.map(|cell| cell.value),
        admitted: record.admitted,
        left: record.left,
        destination: record.destination,
        on_leave: record.on_leave,
        died: record.died,
        expected_discharge: spell.expected.now.as_ref().map(|cell| cell.value),
        going_to: spell.going_to.as_ref().map(|cell| cell.value.clone()),
        further: further.collect(),
        warnings: row::Doubts::default().words(spell, now).into_iter().chain(record.warnings).collect(),
    })
}
