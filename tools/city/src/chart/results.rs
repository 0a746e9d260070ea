//! Results: observations, and the reports that group them. Values must fit the person's disorders. A few are preliminary
//! or corrected.

mod reports;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::{
    Chart,
    fhir::{at, coded, hl7, tenths},
};
use crate::{
    catalogue::{INR_YESTERDAY, MEASURES, Measure, measure},
    plan::Source,
    random::SeededRng,
    world::CastRole,
};

struct Measurement {
    measure: &'static Measure,
    set: u32,
    day: Date,
    /// In tenths.
    value: u32,
    status: &'static str,
}

impl Chart<'_> {
    pub(super) fn observations(&self) -> Vec<Value> {
        self.measurements().iter().map(|one| self.observation(one)).collect()
    }

    /// The measurements of this source, in sets of one day each.
    fn measurements(&self) -> Vec<Measurement> {
        if !self.has_dataset("results") || self.source == Source::SexualHealth {
            return Vec::new();
        }
        let problems = self.problems();
        let set_count = match (self.source.is_gp(), problems.len()) {
            (_, 0) => 1,
            (true, 1..3) => 2,
            _ => 3,
        };
        let mut found = Vec::new();
        for set in 0..set_count {
            let mut rng = self.rng(&format!("results {set}"));
            let mut day = self.world.days_ago(i64::from(set) * 150 + rng.days(2, 140)).max(self.person.birth);
            if set == 0 && self.measured_by_story() {
                day = self.story_day();
            }
            let day = self.person.died.map_or(day, |died| day.min(died));
            found.extend(MEASURES.iter().filter_map(|one| self.measurement(one, set, day, &mut rng)));
        }
        found
    }

    /// Whether the date of the last hospital measurement is scripted.
    fn measured_by_story(&self) -> bool {
        matches!(self.cast_role(), Some(CastRole::Fredrica | CastRole::Leonard)) && self.source == Source::StHildas
    }

    /// Yesterday, or for Mr Pike the day before he collapsed.
    pub(super) fn story_day(&self) -> Date {
        let stay = self.world.cast_stay(self.person.index).filter(|_| self.cast_role() == Some(CastRole::Leonard));
        let day = stay.map_or(self.world.today, |stay| self.world.in_london(stay.admitted).date());
        day.saturating_sub(jiff::Span::new().days(1))
    }

    fn measurement(&self, one: &'static Measure, set: u32, day: Date, rng: &mut SeededRng) -> Option<Measurement> {
        let problems = self.problems();
        let of_disorder = problems.iter().flat_map(|one| one.disorder.measures).any(|(key, ..)| *key == one.key);
        let panel_wanted = one.panel.is_some_and(|panel| {
            let in_panel = |key: &str| measure(key).is_some_and(|other| other.panel == Some(panel));
            problems.iter().flat_map(|one| one.disorder.measures).any(|(key, ..)| in_panel(key))
        });
        let routine = one.key == "systolic"
            || one.key == "weight"
            || (self.person.age >= 18 && matches!(one.key, "hb" | "wbc" | "platelets"));
        // The filtration rate is reported for adults only.
        if one.key == "egfr" && self.person.age < 18 {
            return None;
        }
        if !(of_disorder || panel_wanted || routine || (self.source.is_hospital() && one.key == "crp")) {
            return None;
        }
        let mut value = self.world.measured(&self.person, one, day);
        if set == 0 && self.cast_role() == Some(CastRole::Leonard) && one.key == "inr" && self.measured_by_story() {
            value = INR_YESTERDAY;
        }
        let status = match rng.below(100) {
            _ if set == 0 && self.measured_by_story() => "final",
            0..3 if day >= self.world.days_ago(3) => "preliminary",
            3..5 => "corrected",
            _ => "final",
        };
        Some(Measurement { measure: one, set, day, value, status })
    }

    fn observation_id(&self, one: &Measurement) -> String {
        self.id("result", &format!("{}-{}", one.measure.key, one.set))
    }

    fn observation(&self, one: &Measurement) -> Value {
        let measure = one.measure;
        let category = if measure.panel.is_some() { "laboratory" } else { "vital-signs" };
        let code = if measure.loinc.is_empty() {
            json!({"text": measure.words})
        } else {
            coded("http://loinc.org", measure.loinc, measure.words)
        };
        let mut body = json!({
            "identifier": [{"system": format!("https://{}.city.example/Id/result", self.source.id()), "value": self.observation_id(one)}],
            "status": one.status,
            "category": [hl7("observation-category", category)],
            "code": code,
            "subject": self.subject(),
            "effectiveDateTime": at(one.day, 8),
            "issued": at(one.day, 14),
            "performer": [self.organisation()],
            "valueQuantity": quantity(one.value, measure),
        });
        if let (Some(range), Some(flag)) = (range(measure), interpretation(one.value, measure)) {
            body["referenceRange"] = json!([range]);
            body["interpretation"] = json!([hl7("v3-ObservationInterpretation", flag)]);
        }
        self.resource("Observation", self.observation_id(one), one.day, body)
    }
}

fn quantity(value: u32, measure: &Measure) -> Value {
    let (printed, code) = measure.unit;
    json!({"value": tenths(value), "unit": printed, "system": "http://unitsofmeasure.org", "code": code})
}

fn range(measure: &Measure) -> Option<Value> {
    let (low, high) = measure.range;
    let mut range = serde_json::Map::new();
    for (end, value) in [("low", low), ("high", high)] {
        if let Some(value) = value {
            range.insert(end.to_owned(), quantity(value, measure));
        }
    }
    (!range.is_empty()).then_some(Value::Object(range))
}

/// Low, high or normal. None without a reference range.
fn interpretation(value: u32, measure: &Measure) -> Option<&'static str> {
    match measure.range {
        (None, None) => None,
        (Some(low), _) if value < low => Some("L"),
        (_, Some(high)) if value > high => Some("H"),
        _ => Some("N"),
    }
}
