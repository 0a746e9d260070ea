//! Appointments (past, future, cancelled or missed) and referrals.

use serde_json::{Value, json};

use super::Chart;
use super::encounters::working_day;
use super::fhir::at;
use crate::plan::Source;

impl Chart<'_> {
    pub(super) fn appointments(&self) -> Vec<Value> {
        if !self.has_dataset("appointments") {
            return Vec::new();
        }
        let mut rng = self.rng("appointments");
        (0..rng.between(1, 3)).map(|number| self.appointment(number)).collect()
    }

    fn appointment(&self, number: u32) -> Value {
        let mut rng = self.rng(&format!("appointment {number}"));
        let ahead = number == 0 && self.person.died.is_none();
        let day = if ahead { self.world.days_ago(-rng.days(5, 90)) } else { self.world.days_ago(rng.days(5, 300)) };
        let day = working_day(day.max(self.person.birth));
        let status = match rng.below(10) {
            _ if ahead => "booked",
            0 => "noshow",
            1 => "cancelled",
            _ => "fulfilled",
        };
        let accepted = if status == "cancelled" { "declined" } else { "accepted" };
        let body = json!({
            "status": status,
            "serviceType": [{"text": self.clinic()}],
            "description": format!("{} appointment", self.clinic()),
            "start": at(day, 10),
            "end": at(day.saturating_add(jiff::Span::new()), 11),
            "created": at(self.world.days_ago(rng.days(30, 60)), 9),
            "participant": [
                {"actor": self.subject(), "status": accepted},
                {"actor": Self::clinician(&mut rng), "status": "accepted"},
            ],
        });
        let changed = if ahead { self.world.days_ago(1) } else { day };
        self.resource("Appointment", self.id("appointment", &number.to_string()), changed, body)
    }

    /// The clinic: fixed by the source, or the specialty of the first disorder.
    fn clinic(&self) -> &'static str {
        match self.source {
            source if source.is_gp() => "General practice",
            Source::Community => "District nursing",
            Source::MentalHealth => "Community mental health team",
            Source::SexualHealth => "Sexual health",
            _ => self.problems().first().map_or("General medicine", |one| one.disorder.specialty),
        }
    }

    pub(super) fn referrals(&self) -> Vec<Value> {
        if !self.has_dataset("referrals") {
            return Vec::new();
        }
        self.problems()
            .iter()
            .filter(|one| self.is_relevant(one) && self.rng(one.disorder.specialty).chance(450))
            .map(|one| {
                let mut rng = self.rng(&format!("referral {}", one.disorder.key));
                let day = self.world.days_ago(rng.days(5, 400)).max(one.onset);
                let status = if rng.chance(600) { "completed" } else { "active" };
                let urgent = rng.chance(120);
                let mut body = json!({
                    "status": status,
                    "intent": "order",
                    "priority": if urgent { "urgent" } else { "routine" },
                    "code": {"text": format!("Referral to {}", one.disorder.specialty)},
                    "subject": self.subject(),
                    "authoredOn": at(day, 12),
                    "requester": Self::clinician(&mut rng),
                    "reasonCode": [{"text": one.disorder.term.words}],
                });
                if self.source.is_gp() {
                    let condition = format!("Condition/{}", self.condition_id(one));
                    body["reasonReference"] = json!([{"reference": condition}]);
                }
                self.resource("ServiceRequest", self.id("referral", one.disorder.key), day, body)
            })
            .collect()
    }
}
