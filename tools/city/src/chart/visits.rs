//! Encounters: consultations, stays, home visits. A stay that has not ended has a ward and a bed; what is
//! prescribed, written or booked elsewhere in the chart hangs on these visits.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::Chart;
use super::fhir::{at, concept, hl7_coding};
use crate::catalogue::{STAYS, Term, term};
use crate::plan::Source;
use crate::world::Part;

/// One visit, newest first in a chart's list.
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
}

impl Chart<'_> {
    pub(super) fn encounters(&self) -> Vec<Value> {
        if !self.holds("encounters") {
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
            Source::GpEast | Source::GpWest => self.seen("AMB", "General practice", (2, 6), 500),
            Source::Community => self.seen("HH", "District nursing", (2, 8), 200),
            Source::MentalHealth => self.seen("AMB", "Community mental health team", (2, 5), 300),
            Source::SexualHealth => self.seen("AMB", "Sexual health", (1, 3), 600),
            _ => Vec::new(),
        };
        visits.retain(|one| one.start >= self.person.birth);
        visits.sort_by_key(|one| std::cmp::Reverse(one.start));
        for (number, one) in visits.iter_mut().enumerate() {
            one.number = number;
        }
        visits
    }

    fn seen(&self, class: &'static str, specialty: &'static str, times: (u32, u32), days: u32) -> Vec<Visit> {
        const REASONS: [&str; 5] =
            ["Review", "Medication review", "New symptom", "Follow-up", "Telephone consultation"];
        let mut dice = self.dice("visits");
        let visit = |_| {
            let start = self.last_day(dice.days(1, days));
            let reason = if class == "HH" { "Wound care" } else { REASONS[dice.below(5) as usize] };
            Visit {
                number: 0,
                class,
                start,
                end: Some(start),
                reason: term("", reason),
                specialty,
                place: None,
            }
        };
        (0..self.dice("how often").between(times.0, times.1)).map(visit).collect()
    }

    /// Nobody is seen after they died.
    fn last_day(&self, days: i64) -> Date {
        let day = self.world.days_ago(days);
        self.person.died.map_or(day, |died| day.min(died))
    }

    fn hospital_visits(&self) -> Vec<Visit> {
        let mut dice = self.dice("stays");
        let mut visits = self.seen("AMB", "Out-patients", (0, 2), 400);
        if dice.chance(250) {
            let start = self.last_day(dice.days(5, 700));
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
            });
        }
        let now = self.now_on_a_ward();
        if now.is_some() || dice.chance(300) {
            let (reason, specialty, ward) = STAYS[dice.below(7) as usize];
            let (start, end) = match now {
                Some(days) => (self.world.days_ago(days), None),
                None => self.past_stay(dice.days(4, 900), dice.days(1, 12)),
            };
            let place = Some((ward, dice.between(1, 28)));
            visits.push(Visit { number: 0, class: "IMP", start, end, reason, specialty, place });
        }
        self.tell_fredricas(&mut visits);
        visits
    }

    fn past_stay(&self, days: i64, long: i64) -> (Date, Option<Date>) {
        let end = self.last_day(days);
        (end.saturating_sub(jiff::Span::new().days(long)), Some(end))
    }

    /// Days since an admission that has not ended.
    fn now_on_a_ward(&self) -> Option<i64> {
        let mut dice = self.dice("on a ward");
        let days = dice.days(1, 14);
        match self.part() {
            Some(Part::Fredrica) => Some(3),
            Some(Part::Osei) => Some(9),
            Some(_) => None,
            None => (self.person.died.is_none() && dice.chance(15)).then_some(days),
        }
    }

    /// She lies in J27, bed 4.
    fn tell_fredricas(&self, visits: &mut [Visit]) {
        if self.part() != Some(Part::Fredrica) {
            return;
        }
        for stay in visits.iter_mut().filter(|one| one.end.is_none()) {
            stay.place = Some(("J27", 4));
            (stay.reason, stay.specialty) = (term("", "Fall at home"), "Elderly medicine");
        }
    }

    fn encounter(&self, visit: &Visit) -> Value {
        let words = match visit.class {
            "IMP" => "inpatient encounter",
            "EMER" => "emergency",
            "HH" => "home health",
            _ => "ambulatory",
        };
        let status = if visit.end.is_some() { "finished" } else { "in-progress" };
        let mut period = json!({"start": at(visit.start, 9)});
        if let Some(end) = visit.end {
            period["end"] = Value::from(at(end, if end == visit.start { 10 } else { 15 }));
        }
        let mut body = json!({
            "identifier": [{"system": format!("https://{}.city.example/Id/visit", self.source.id()), "value": self.visit_id(visit)}],
            "status": status,
            "class": hl7_coding("v3-ActCode", visit.class, words),
            "serviceType": {"text": visit.specialty},
            "subject": self.subject(),
            "participant": [{"individual": Self::clinician(&mut self.dice(&format!("seen by {}", visit.number)))}],
            "period": period,
            "reasonCode": [concept(visit.reason)],
            "serviceProvider": self.organisation(),
        });
        if let Some((ward, bed)) = visit.place {
            let state = if visit.end.is_some() { "completed" } else { "active" };
            body["location"] = json!([{
                "location": {"type": "Location", "display": format!("{ward} bed {bed}")},
                "status": state, "period": body["period"].clone(),
            }]);
        }
        self.resource("Encounter", self.visit_id(visit), visit.end.unwrap_or(visit.start), body)
    }
}
