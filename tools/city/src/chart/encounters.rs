//! Encounters: consultations, stays, home visits. Present and recent stays must equal those in the hospital's messages:
//! same visit number, place and consultant. Medicines and letters refer to these visits.

mod resource;

use jiff::{
    Span,
    civil::{Date, Weekday},
};
use serde_json::Value;

use super::Chart;
use crate::{
    catalogue::{STAYS, Term, term},
    plan::Source,
    stays::{Stay, StayKind},
    world::years_between,
};

/// A visit. A chart lists the newest first.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) number: usize,
    /// IMP, AMB, EMER or HH.
    pub(super) class: &'static str,
    pub(super) start: Date,
    pub(super) end: Option<Date>,
    pub(super) reason: Term,
    pub(super) specialty: &'static str,
    /// Ward and bed of a stay.
    pub(super) place: Option<(&'static str, u32)>,
    /// The stay in the hospital's messages. None for older visits.
    pub(super) stay: Option<Stay>,
}

impl Visit {
    /// "J27, bay C, bed 4", as the hospital's messages say it. Beds of two bays have the same number.
    fn place_words(&self) -> Option<String> {
        let Some(stay) = &self.stay else { return self.place.map(|(ward, bed)| format!("{ward}, bed {bed}")) };
        let bay = stay.place.bay.map(|bay| format!(", bay {bay}")).unwrap_or_default();
        let bed = stay.place.bed.map(|bed| format!(", bed {bed}")).unwrap_or_default();
        Some(format!("{}{bay}{bed}", stay.place.ward.code))
    }
}

impl Chart<'_> {
    pub(super) fn encounters(&self) -> Vec<Value> {
        if !self.has_dataset("encounters") {
            return Vec::new();
        }
        self.visits().iter().map(|visit| self.encounter(visit)).collect()
    }

    pub(super) fn visit_id(&self, visit: &Visit) -> String {
        self.id("encounter", &visit.number.to_string())
    }

    pub(super) fn visits(&self) -> Vec<Visit> {
        let mut visits = match self.source {
            _ if self.source.is_hospital() => self.hospital_visits(),
            source if source.is_gp() => self.past_visits("AMB", "General practice", (2, 6), 500),
            Source::Community => self.past_visits("HH", "District nursing", (2, 8), 200),
            Source::MentalHealth => self.past_visits("AMB", "Community mental health team", (2, 5), 300),
            Source::SexualHealth => self.past_visits("AMB", "Sexual health", (1, 3), 600),
            _ => Vec::new(),
        };
        visits.extend(self.stays());
        visits.retain(|one| one.start >= self.person.birth);
        visits.sort_by_key(|one| std::cmp::Reverse(one.start));
        for (number, one) in visits.iter_mut().enumerate() {
            one.number = number;
        }
        visits
    }

    fn past_visits(&self, class: &'static str, specialty: &'static str, times: (u32, u32), days: u32) -> Vec<Visit> {
        const REASONS: [&str; 5] =
            ["Review", "Medication review", "New symptom", "Follow-up", "Telephone consultation"];
        let mut rng = self.rng("visits");
        let visit = |_| {
            let day = self.day_in_lifetime(rng.days(1, days));
            let start = if class == "AMB" { working_day(day) } else { day };
            let reason = if class == "HH" { "Wound care" } else { REASONS[rng.below(5) as usize] };
            Visit {
                number: 0,
                class,
                start,
                end: Some(start),
                reason: term("", reason),
                specialty,
                place: None,
                stay: None,
            }
        };
        (0..self.rng("how often").between(times.0, times.1)).map(visit).collect()
    }

    /// The date some days ago, but not after the person's death.
    fn day_in_lifetime(&self, days: i64) -> Date {
        let day = self.world.days_ago(days);
        self.person.died.map_or(day, |died| day.min(died))
    }

    fn hospital_visits(&self) -> Vec<Visit> {
        let mut rng = self.rng("stays");
        let mut visits = self.past_visits("AMB", "Out-patients", (0, 2), 400);
        if rng.chance(250) {
            let start = self.day_in_lifetime(rng.days(5, 700));
            let reason = term("", "Injury or illness of sudden onset");
            let specialty = "Emergency medicine";
            visits.push(Visit {
                number: 0,
                class: "EMER",
                start,
                end: Some(start),
                reason,
                specialty,
                place: None,
                stay: None,
            });
        }
        if rng.chance(300) {
            let (reason, specialty, ward, from_age) = STAYS[rng.below(7) as usize];
            // Older than the stays in the messages.
            let (start, end) = self.past_stay(rng.days(40, 900), rng.days(1, 12));
            if years_between(self.person.birth, start) < from_age {
                return visits;
            }
            let place = Some((ward, rng.between(1, 28)));
            visits.push(Visit { number: 0, class: "IMP", start, end, reason, specialty, place, stay: None });
        }
        visits
    }

    /// The stays in this source's messages.
    fn stays(&self) -> impl Iterator<Item = Visit> {
        let world = self.world;
        world.stays_of(self.source, self.person.index).into_iter().map(|stay| Visit {
            number: 0,
            class: if stay.kind == StayKind::Attender { "EMER" } else { "IMP" },
            start: world.in_london(stay.began()).date(),
            end: stay.left.filter(|left| *left <= world.now).map(|left| world.in_london(left).date()),
            reason: term("", stay.reason),
            specialty: stay.place.ward.specialty().name,
            place: stay.place.bed.map(|bed| (stay.place.ward.code, bed)),
            stay: Some(stay),
        })
    }

    fn past_stay(&self, days: i64, long: i64) -> (Date, Option<Date>) {
        let end = self.day_in_lifetime(days);
        (end.saturating_sub(Span::new().days(long)), Some(end))
    }
}

/// The day itself, or the Friday before a weekend. Clinics are closed then.
pub(super) fn working_day(day: Date) -> Date {
    match day.weekday() {
        Weekday::Saturday => day.saturating_sub(Span::new().days(1)),
        Weekday::Sunday => day.saturating_sub(Span::new().days(2)),
        _ => day,
    }
}
