//! Delays by hospital, ward and specialty (S-66): people whose expected day has passed, people who no longer need a bed, for
//! how long, and what they wait for. Numbers and the hospital's words for what is missing; never a person.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use lcr_contracts::{
    spell::PlanItem,
    ward::{Delay, DelayReason, InpatientRow, Shelf},
};

use super::london;

type Place = (String, Option<String>, Option<String>);

/// The delays of the rows of one list. Those not heard of, at home or in for the day occupy no bed of a ward.
pub fn delays(rows: &[InpatientRow], now: Timestamp) -> Vec<Delay> {
    let mut delays: BTreeMap<Place, (Delay, BTreeMap<Reason, DelayReason>)> = BTreeMap::new();
    for row in rows.iter().filter(|row| matches!(row.shelf, Shelf::Main | Shelf::CommunityBed)) {
        let (delay, reasons) = delays.entry(place(row)).or_default();
        add(delay, row, now);
        if is_fit(row) {
            for item in row.needed.iter().flat_map(|needed| &needed.value) {
                wait(reasons, item);
            }
        }
    }
    let finished = |((hospital, ward, specialty), (delay, reasons)): (Place, (Delay, _))| {
        let reasons: BTreeMap<Reason, DelayReason> = reasons;
        let mut waits: Vec<DelayReason> = reasons.into_values().collect();
        waits.sort_by(|one, other| other.people.cmp(&one.people).then_with(|| one.what.cmp(&other.what)));
        Delay { hospital, ward, specialty, waits, ..delay }
    };
    delays.into_iter().map(finished).collect()
}

/// What is waited for, and for whom, in any capitals.
type Reason = (String, Option<String>);

fn place(row: &InpatientRow) -> Place {
    let ward = row.place.as_ref().map(|place| &place.value);
    let ward = ward.and_then(|place| place.ward_name.clone().or_else(|| place.ward.clone()));
    (row.hospital.clone(), ward, row.specialty.as_ref().map(|specialty| specialty.value.name.clone()))
}

fn is_fit(row: &InpatientRow) -> bool {
    row.reside.as_ref().is_some_and(|reside| !reside.value.meets)
}

fn add(delay: &mut Delay, row: &InpatientRow, now: Timestamp) {
    delay.in_hospital += 1;
    let passed = row.expected_discharge.as_ref().map_or(0, |expected| expected.value.passed_days);
    delay.expected_passed += u32::from(passed > 0);
    delay.expected_passed_days = delay.expected_passed_days.saturating_add(passed);
    let Some(reside) = row.reside.as_ref().filter(|_| is_fit(row)) else { return };
    delay.fit += 1;
    match reside.value.since {
        Some(since) => {
            let lost = london::days_between(since, london::date(now));
            delay.bed_days_lost = delay.bed_days_lost.saturating_add(lost);
        }
        None => delay.fit_without_date += 1,
    }
}

fn wait(reasons: &mut BTreeMap<Reason, DelayReason>, item: &PlanItem) {
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
