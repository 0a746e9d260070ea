//! Immunisations by age. Vaccines have no codes, because product codes change by batch.

use jiff::{Span, civil::Date};
use serde_json::{Value, json};

use super::Chart;

/// Childhood vaccines and the age in weeks.
const CHILDHOOD: [(&str, i64); 7] = [
    ("Six-in-one vaccine, first dose", 8),
    ("Rotavirus vaccine, first dose", 8),
    ("Six-in-one vaccine, second dose", 12),
    ("Six-in-one vaccine, third dose", 16),
    ("Measles, mumps and rubella vaccine, first dose", 52),
    ("Measles, mumps and rubella vaccine, second dose", 174),
    ("Four-in-one pre-school booster", 174),
];

impl Chart<'_> {
    pub(super) fn immunisations(&self) -> Vec<Value> {
        if !self.has_dataset("immunisations") {
            return Vec::new();
        }
        let mut given: Vec<(&str, Date)> = Vec::new();
        if self.person.age < 25 {
            let due = |weeks: i64| self.person.birth.saturating_add(Span::new().weeks(weeks));
            given.extend(CHILDHOOD.iter().map(|(name, weeks)| (*name, due(*weeks))));
        }
        if self.person.age >= 65 {
            let mut rng = self.rng("jabs");
            let autumn = self.last_campaign().saturating_add(Span::new().days(rng.days(0, 45)));
            given.push(("Seasonal influenza vaccine", autumn));
            given.push(("COVID-19 vaccine, seasonal dose", autumn.saturating_add(Span::new().days(rng.days(0, 14)))));
            given.push(("Pneumococcal polysaccharide vaccine", self.world.days_ago(rng.days(400, 1500))));
        }
        given.retain(|(_, day)| *day < self.person.died.unwrap_or(self.world.today));
        given.iter().enumerate().map(|(at, (name, day))| self.immunisation(at, name, *day)).collect()
    }

    /// The first day of the last autumn campaign that has ended.
    fn last_campaign(&self) -> Date {
        let today = self.world.today;
        let this_year = today.with().month(10).day(3).build().unwrap_or(today);
        let ended = this_year.saturating_add(Span::new().days(60)) < today;
        if ended { this_year } else { this_year.saturating_sub(Span::new().years(1)) }
    }

    fn immunisation(&self, at: usize, name: &str, day: Date) -> Value {
        let body = json!({
            "status": if self.rng(name).chance(30) { "not-done" } else { "completed" },
            "vaccineCode": {"text": name},
            "patient": self.subject(),
            "occurrenceDateTime": day.to_string(),
            "primarySource": true,
            "lotNumber": format!("LOT{:04}", self.rng(name).below(10_000)),
        });
        self.resource("Immunization", self.id("immunisation", &at.to_string()), day, body)
    }
}
