//! Sums delays by hospital, ward and specialty (S-66): people past their expected day, people who no longer need a bed, and
//! what they wait for. A sum holds numbers and the hospital's own reasons; it must never identify a person.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use lcr_contracts::{
    spell::{PlanItem, Reside},
    ward::{Delay, DelayReason, InpatientRow, ListCategory},
    whereabouts::PlaceWords,
};

use super::london;

type PlaceKey = (String, Option<String>, Option<String>);

/// An occupied bed: the fields of a stay that the sums need.
#[derive(Debug, Clone)]
pub struct OccupiedBed {
    pub hospital: String,
    pub ward: Option<String>,
    pub specialty: Option<String>,
    pub passed_days: u32,
    pub reside: Option<Reside>,
    pub needed: Vec<PlanItem>,
}

impl OccupiedBed {
    /// Returns `None` for day cases, patients at home and patients not heard of: they occupy no ward bed.
    fn from_row(row: &InpatientRow) -> Option<Self> {
        let place = row.place.as_ref().map(|place| &place.value);
        matches!(row.category, ListCategory::Main | ListCategory::CommunityBed).then(|| Self {
            hospital: row.hospital.clone(),
            ward: place.and_then(|place| PlaceWords::of(place).ward),
            specialty: row.specialty.as_ref().map(|specialty| specialty.value.name.clone()),
            passed_days: row.expected_discharge.as_ref().map_or(0, |expected| expected.value.passed_days),
            reside: row.reside.as_ref().map(|reside| reside.value.clone()),
            needed: row.needed.iter().flat_map(|needed| needed.value.clone()).collect(),
        })
    }

    fn is_fit(&self) -> bool {
        self.reside.as_ref().is_some_and(|reside| !reside.meets)
    }
}

/// Sums the rows of one list.
pub fn sum_rows(rows: &[InpatientRow], now: Timestamp) -> Vec<Delay> {
    sum_beds(rows.iter().filter_map(OccupiedBed::from_row), now)
}

pub fn sum_beds(beds: impl Iterator<Item = OccupiedBed>, now: Timestamp) -> Vec<Delay> {
    let mut totals: BTreeMap<PlaceKey, (Delay, BTreeMap<ReasonKey, DelayReason>)> = BTreeMap::new();
    for bed in beds {
        let place = (bed.hospital.clone(), bed.ward.clone(), bed.specialty.clone());
        let (delay, reasons) = totals.entry(place).or_default();
        add_bed(delay, &bed, now);
        if bed.is_fit() {
            for item in bed.needed.iter().filter(|item| !item.done) {
                add_reason(reasons, item);
            }
        }
    }
    let finished = |((hospital, ward, specialty), (delay, reasons)): (PlaceKey, (Delay, BTreeMap<_, _>))| {
        let mut waits: Vec<DelayReason> = reasons.into_values().collect();
        waits.sort_by(|one, other| other.people.cmp(&one.people).then_with(|| one.what.cmp(&other.what)));
        Delay { hospital, ward, specialty, waits, ..delay }
    };
    totals.into_iter().map(finished).collect()
}

/// The reason and who must act, both in lower case.
type ReasonKey = (String, Option<String>);

fn add_bed(delay: &mut Delay, bed: &OccupiedBed, now: Timestamp) {
    delay.in_hospital += 1;
    delay.expected_passed += u32::from(bed.passed_days > 0);
    delay.expected_passed_days = delay.expected_passed_days.saturating_add(bed.passed_days);
    let Some(reside) = bed.reside.as_ref().filter(|_| bed.is_fit()) else { return };
    delay.fit += 1;
    match reside.since {
        Some(since) => {
            let lost = london::days_between(since, london::date(now));
            delay.bed_days_lost = delay.bed_days_lost.saturating_add(lost);
        }
        None => delay.fit_without_date += 1,
    }
}

fn add_reason(reasons: &mut BTreeMap<ReasonKey, DelayReason>, item: &PlanItem) {
    let key = (item.text.trim().to_lowercase(), item.by.as_ref().map(|by| by.trim().to_lowercase()));
    let reason = reasons.entry(key).or_insert_with(|| DelayReason {
        what: item.text.trim().to_owned(),
        by: item.by.clone(),
        people: 0,
        since: None,
    });
    reason.people += 1;
    reason.since = earliest(reason.since, item.since);
}

fn earliest(one: Option<Date>, other: Option<Date>) -> Option<Date> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
#[path = "delays_tests.rs"]
mod tests;
