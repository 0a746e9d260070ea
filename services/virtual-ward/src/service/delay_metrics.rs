//! Updates the delay gauges by ward and specialty each minute. A label must never hold a name, free text or anything but a
//! ward's code.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use lcr_contracts::{
    Failure,
    ward::{Delay, ListCategory, ListOf},
};
use lcr_model::OdsCode;

use super::{Service, candidates::listable_sources};
use crate::{
    domain::{
        code_names,
        delays::{self, OccupiedBed},
        list_category, london,
    },
    store::spell::{self, StoredStay},
};

const UPDATE_INTERVAL: Duration = Duration::from_mins(1);

impl Service {
    /// Updates the gauges until the process stops.
    pub async fn run_delay_metrics(self) {
        loop {
            if self.update_delay_metrics().await.is_err() {
                tracing::warn!("delays could not be computed; the gauges keep their last values");
            }
            tokio::select! {
                () = tokio::time::sleep(UPDATE_INTERVAL) => {}
                () = self.stop.cancelled() => return,
            }
        }
    }

    async fn update_delay_metrics(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        let registry = lcr_store::registry::load(self.store.read()).await?;
        let everywhere = ListOf::Practice(OdsCode::new(""));
        let sources = listable_sources(&registry, &everywhere, &OdsCode::new(""));
        let open = spell::find_in_hospital(self.store.read(), &self.data_keys, &sources, now).await?;
        let quiet_days = |stay: &StoredStay| {
            let system = registry.system(&stay.source)?;
            system.feed.as_ref()?.quiet_days
        };
        let beds = open.iter().filter_map(|stay| to_occupied_bed(stay, quiet_days(stay), now));
        self.metrics.set_delays(&sum_by_label(&delays::sum_beds(beds, now)));
        Ok(())
    }
}

fn to_occupied_bed(stay: &StoredStay, quiet_days: Option<u16>, now: jiff::Timestamp) -> Option<OccupiedBed> {
    let spell = &stay.spell;
    let quality = crate::domain::row::DataQuality { quiet_days, ..Default::default() };
    let placement = list_category::categorise(spell, false)?;
    let in_bed = matches!(placement.category, ListCategory::Main | ListCategory::CommunityBed);
    (in_bed && !quality.is_not_heard_of(spell, now)).then(|| OccupiedBed {
        hospital: stay.source.0.clone(),
        ward: spell.latest_place().and_then(|period| period.place.ward.clone()),
        specialty: Some(specialty_label(spell).to_owned()),
        passed_days: spell.expected.now.as_ref().map_or(0, |day| london::passed_days(day.value, now)),
        reside: spell.reside.as_ref().map(|cell| cell.value.clone()),
        needed: vec![],
    })
}

/// The specialty's name by its code. The hospital's own words stay out of labels.
fn specialty_label(spell: &crate::domain::Spell) -> &'static str {
    let code = spell.specialty.as_ref().and_then(|cell| cell.value.code.as_deref());
    match (&spell.specialty, code.and_then(code_names::specialty_name)) {
        (None, _) => "not sent",
        (Some(_), Some(name)) => name,
        (Some(_), None) => "other",
    }
}

/// The most wards of one source with labels of their own; the rest share the label "other".
const MAX_WARDS_PER_SOURCE: usize = 300;

/// The label of a ward: its code. A description could name a street or a person, so it becomes "other".
fn ward_label(ward: Option<&str>) -> String {
    let ward = ward.map(str::trim).filter(|ward| !ward.is_empty());
    let is_code = |ward: &&str| ward.len() <= 8 && ward.bytes().all(|byte| byte.is_ascii_alphanumeric());
    ward.map_or("not sent", |ward| Some(ward).filter(is_code).unwrap_or("other")).to_owned()
}

/// Source, ward, specialty.
type Labels = (String, String, String);

fn sum_by_label(delays: &[Delay]) -> BTreeMap<Labels, Delay> {
    let mut sums: BTreeMap<Labels, Delay> = BTreeMap::new();
    let mut wards: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for delay in delays {
        let mut ward = ward_label(delay.ward.as_deref());
        let known = wards.entry(delay.hospital.clone()).or_default();
        if known.len() < MAX_WARDS_PER_SOURCE {
            known.insert(ward.clone());
        } else if !known.contains(&ward) {
            "other".clone_into(&mut ward);
        }
        let labels = (delay.hospital.clone(), ward, delay.specialty.clone().unwrap_or_default());
        let sum = sums.entry(labels).or_default();
        sum.in_hospital += delay.in_hospital;
        sum.expected_passed += delay.expected_passed;
        sum.expected_passed_days = sum.expected_passed_days.saturating_add(delay.expected_passed_days);
        sum.fit += delay.fit;
        sum.bed_days_lost = sum.bed_days_lost.saturating_add(delay.bed_days_lost);
    }
    sums
}
