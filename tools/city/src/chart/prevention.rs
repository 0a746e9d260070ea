//! Immunisations, by age; and the people to ring. Vaccines are named in words: product codes change by batch.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::Chart;
use super::fhir::hl7;
use crate::words::{FAMILY, FEMALE, MALE};
use crate::world::Sex;

/// Vaccine, and the age in weeks at which a child has it.
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
        if !self.holds("immunisations") {
            return Vec::new();
        }
        let mut given: Vec<(&str, Date)> = Vec::new();
        if self.person.age < 25 {
            let due = |weeks: i64| self.person.birth.saturating_add(jiff::Span::new().weeks(weeks));
            given.extend(CHILDHOOD.iter().map(|(name, weeks)| (*name, due(*weeks))));
        }
        if self.person.age >= 65 {
            let mut dice = self.dice("jabs");
            given.push(("Seasonal influenza vaccine", self.world.days_ago(dice.days(20, 300))));
            given.push(("COVID-19 vaccine, seasonal dose", self.world.days_ago(dice.days(20, 300))));
            given.push(("Pneumococcal polysaccharide vaccine", self.world.days_ago(dice.days(400, 1500))));
        }
        given.retain(|(_, day)| *day < self.person.died.unwrap_or(self.world.today));
        given.iter().enumerate().map(|(at, (name, day))| self.immunisation(at, name, *day)).collect()
    }

    fn immunisation(&self, at: usize, name: &str, day: Date) -> Value {
        let body = json!({
            "status": if self.dice(name).chance(30) { "not-done" } else { "completed" },
            "vaccineCode": {"text": name},
            "patient": self.subject(),
            "occurrenceDateTime": day.to_string(),
            "primarySource": true,
            "lotNumber": format!("LOT{:04}", self.dice(name).below(10_000)),
        });
        self.resource("Immunization", self.id("immunisation", &at.to_string()), day, body)
    }

    pub(super) fn contacts(&self) -> Vec<Value> {
        let mut dice = self.world.dice(self.person.index, "next of kin");
        if !self.holds("contacts") || !dice.chance(800) {
            return Vec::new();
        }
        let (code, words) = match self.person.age {
            ..18 => ("PRN", "Parent"),
            18..70 => ("SPS", "Spouse or partner"),
            _ => ("CHILD", "Son or daughter"),
        };
        let female = dice.chance(500);
        let given = dice.pick(if female { &FEMALE } else { &MALE });
        let family = if code == "SPS" || dice.chance(300) { dice.pick(&FAMILY) } else { self.person.family };
        let mut relationship = hl7("v3-RoleCode", code);
        relationship["text"] = Value::from(words);
        let sex = if female { Sex::Female } else { Sex::Male };
        let body = json!({
            "active": true,
            "patient": self.subject(),
            "relationship": [relationship],
            "name": [{"use": "official", "family": family, "given": [given]}],
            "gender": if sex == Sex::Female { "female" } else { "male" },
            "telecom": [{"system": "phone", "use": "mobile", "value": format!("07700 900{:03}", dice.below(1000))}],
        });
        let changed = self.world.days_ago(self.dice("kin").days(30, 1000));
        vec![self.resource("RelatedPerson", self.id("contact", "0"), changed, body)]
    }
}
