//! Delays by ward and specialty as gauges, looked at each minute. Numbers of people and days of a whole ward: no name, no
//! reason in words, and only wards that are written like a ward's code or name.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use lcr_contracts::{
    Failure,
    ward::{Delay, ListOf, Shelf},
};
use lcr_model::OdsCode;

use super::{Service, away, sources};
use crate::{
    domain::{
        delays::{self, Occupied},
        london, shelf, words,
    },
    store::spell::{self, Kept},
};

const LOOKS: Duration = Duration::from_mins(1);

impl Service {
    /// Looks for as long as the process runs.
    pub async fn look_at_delays(self) {
        loop {
            if self.delays_now().await.is_err() {
                tracing::warn!("delays could not be looked at; their gauges keep the last numbers");
            }
            tokio::select! {
                () = tokio::time::sleep(LOOKS) => {}
                () = self.stop.cancelled() => return,
            }
        }
    }

    async fn delays_now(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        let registry = lcr_store::registry::load(self.store.read()).await.map_err(|e| away(&e))?;
        let everywhere = ListOf::Practice(OdsCode::new(""));
        let sources = sources(&registry, &everywhere, &OdsCode::new(""));
        let open = spell::open(self.store.read(), &self.data_keys, &sources, now).await;
        let open = open.map_err(|e| away(&e))?;
        let quiet = |kept: &Kept| {
            let system = registry.systems.iter().find(|system| system.id == kept.source)?;
            system.feed.as_ref()?.quiet_days
        };
        let beds = open.iter().filter_map(|kept| occupied(kept, quiet(kept), now));
        self.numbers.delays(&by_label(&delays::delays(beds, now)));
        Ok(())
    }
}

fn occupied(kept: &Kept, quiet_days: Option<u16>, now: jiff::Timestamp) -> Option<Occupied> {
    let spell = &kept.spell;
    let doubts = crate::domain::row::Doubts { quiet_days, ..Default::default() };
    let listed = shelf::listed(spell, false)?;
    let in_bed = matches!(listed.shelf, Shelf::Main | Shelf::CommunityBed);
    (in_bed && !doubts.not_heard_of(spell, now)).then(|| Occupied {
        hospital: kept.source.0.clone(),
        ward: spell.place().and_then(|held| held.place.ward.clone()),
        specialty: Some(specialty_label(spell).to_owned()),
        passed_days: spell.expected.now.as_ref().map_or(0, |day| london::passed_days(day.value, now)),
        reside: spell.reside.as_ref().map(|cell| cell.value.clone()),
        needed: vec![],
    })
}

/// The specialty by the list of treatment functions; other words stay out of labels.
fn specialty_label(spell: &crate::domain::Spell) -> &'static str {
    let code = spell.specialty.as_ref().and_then(|cell| cell.value.code.as_deref());
    match (&spell.specialty, code.and_then(words::specialty)) {
        (None, _) => "not sent",
        (Some(_), Some(name)) => name,
        (Some(_), None) => "other",
    }
}

/// The most wards of one source that have numbers of their own.
const MOST_WARDS: usize = 300;

/// A ward's code may stand in a label; a description may name a street or a person.
fn ward_label(ward: Option<&str>) -> String {
    let ward = ward.map(str::trim).filter(|ward| !ward.is_empty());
    let is_code = |ward: &&str| ward.len() <= 8 && ward.bytes().all(|byte| byte.is_ascii_alphanumeric());
    ward.map_or("not sent", |ward| Some(ward).filter(is_code).unwrap_or("other")).to_owned()
}

/// Source, ward, specialty.
type Labels = (String, String, String);

fn by_label(all: &[Delay]) -> BTreeMap<Labels, Delay> {
    let mut found: BTreeMap<Labels, Delay> = BTreeMap::new();
    let mut wards: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for one in all {
        let mut ward = ward_label(one.ward.as_deref());
        let known = wards.entry(one.hospital.clone()).or_default();
        if known.len() < MOST_WARDS {
            known.insert(ward.clone());
        } else if !known.contains(&ward) {
            "other".clone_into(&mut ward);
        }
        let labels = (one.hospital.clone(), ward, one.specialty.clone().unwrap_or_default());
        let sum = found.entry(labels).or_default();
        sum.in_hospital += one.in_hospital;
        sum.expected_passed += one.expected_passed;
        sum.expected_passed_days = sum.expected_passed_days.saturating_add(one.expected_passed_days);
        sum.fit += one.fit;
        sum.bed_days_lost = sum.bed_days_lost.saturating_add(one.bed_days_lost);
    }
    found
}
