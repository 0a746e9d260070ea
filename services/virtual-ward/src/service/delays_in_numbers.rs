//! Delays by ward and specialty as gauges, looked at each minute. Numbers of people and days of a whole ward: no name, no
//! reason in words, and only wards that are written like a ward's code or name.

use std::{collections::BTreeMap, time::Duration};

use lcr_contracts::{
    Failure,
    ward::{Delay, ListOf, Shelf},
};
use lcr_model::OdsCode;

use super::{Service, away, sources};
use crate::{
    domain::{
        delays::{self, Occupied},
        london, shelf,
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
        specialty: crate::domain::row::specialty(spell).map(|cell| cell.value.name),
        passed_days: spell.expected.now.as_ref().map_or(0, |day| london::passed_days(day.value, now)),
        reside: spell.reside.as_ref().map(|cell| cell.value.clone()),
        needed: vec![],
    })
}

/// A word that may stand in a label. Free text may name a street or a person: it counts as "other".
fn label(word: Option<&str>) -> String {
    let word = word.map(str::trim).unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '&' | ',');
    match word.chars().count() {
        0 => "not sent".to_owned(),
        1..=40 if word.chars().all(plain) && word.split(' ').count() <= 5 => word.to_owned(),
        _ => "other".to_owned(),
    }
}

/// Source, ward, specialty.
type Labels = (String, String, String);

fn by_label(all: &[Delay]) -> BTreeMap<Labels, Delay> {
    let mut found: BTreeMap<Labels, Delay> = BTreeMap::new();
    for one in all {
        // A ward's code has no spaces; what has is a description, and may be anything.
        let ward = one.ward.as_deref().filter(|ward| !ward.trim().contains(' '));
        let ward = if one.ward.is_some() && ward.is_none() { "other".to_owned() } else { label(ward) };
        let labels = (one.hospital.clone(), ward, label(one.specialty.as_deref()));
        let sum = found.entry(labels).or_default();
        sum.in_hospital += one.in_hospital;
        sum.expected_passed += one.expected_passed;
        sum.expected_passed_days = sum.expected_passed_days.saturating_add(one.expected_passed_days);
        sum.fit += one.fit;
        sum.bed_days_lost = sum.bed_days_lost.saturating_add(one.bed_days_lost);
    }
    found
}
