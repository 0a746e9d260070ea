//! Medicines: prescriptions of the practice (repeat, acute, stopped), of the ward and at discharge, and statements of
//! community nurses. Lists of different sources must stay different; nothing is reconciled here.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::Chart;
use super::fhir::{at, concept, hl7, tenths};
use crate::catalogue::{ERYTHROMYCIN, Medicine, PENICILLIN, medicine};
use crate::health::is_allergic;
use crate::plan::Source;
use crate::world::{CastRole, years_between};

impl Chart<'_> {
    pub(super) fn medication_requests(&self) -> Vec<Value> {
        if !self.has_dataset("medications") {
            return Vec::new();
        }
        match self.source {
            source if source.is_gp() => self.practice_list(),
            Source::StHildas | Source::WharfeValley => self.hospital_list(),
            Source::SexualHealth => {
                let issued = self.infection_began();
                medicine("doxycycline").map(|one| self.course(one, "outpatient", issued)).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// Community nurses record the medicines they find at home.
    pub(super) fn medication_statements(&self) -> Vec<Value> {
        if !self.has_dataset("medications") || self.source != Source::Community {
            return Vec::new();
        }
        let seen = self.world.days_ago(self.rng("home medicines").days(3, 90));
        let state = |(one, _): &(&'static Medicine, String)| {
            let body = json!({
                "identifier": [{"system": "https://community.city.example/Id/statement", "value": self.id("statement", one.key)}],
                "status": "active",
                "category": hl7("medication-statement-category", "community"),
                "medicationCodeableConcept": concept(one.term),
                "subject": self.subject(),
                "effectiveDateTime": seen.to_string(),
                "dateAsserted": seen.to_string(),
                "dosage": [dosage(one)],
            });
            self.resource("MedicationStatement", self.id("statement", one.key), seen, body)
        };
        self.regular().iter().map(state).collect()
    }

    /// Regular medicines without duplicates, each with the id of its condition.
    fn regular(&self) -> Vec<(&'static Medicine, String)> {
        let mut found: Vec<(&'static Medicine, String)> = Vec::new();
        for problem in self.problems().iter().filter(|one| !one.resolved) {
            let suitable = |one: &&Medicine| self.person.age >= one.min_age() && !self.must_avoid(one);
            for one in problem.disorder.medicines.iter().filter_map(|key| medicine(key)).filter(suitable) {
                if found.iter().all(|(earlier, _)| earlier.key != one.key) {
                    found.push((one, self.condition_id(problem)));
                }
            }
        }
        found
    }

    fn practice_list(&self) -> Vec<Value> {
        let mut list: Vec<Value> = self.regular().iter().map(|(one, reason)| self.repeat(one, reason)).collect();
        list.extend(self.antibiotic());
        let mut rng = self.rng("acute");
        if rng.chance(250) || self.cast_role() == Some(CastRole::Fredrica) {
            list.extend(medicine("omeprazole").filter(|one| !self.is_regular(one)).map(|one| self.stopped(one)));
        }
        list
    }

    /// Beta blockers are not for people with asthma.
    fn must_avoid(&self, one: &Medicine) -> bool {
        let has_asthma = self.problems().iter().any(|problem| problem.disorder.key == "asthma");
        has_asthma && one.key.starts_with("bisoprolol")
    }

    /// The antibiotic for the short illness: the first that the person may take.
    fn antibiotic(&self) -> Option<Value> {
        let (_, antibiotics, began) = self.illness()?;
        let allergic = |allergen| is_allergic(self.world, self.person.index, allergen);
        let suitable = |one: &&Medicine| {
            !(one.is_penicillin() && allergic(PENICILLIN) || one.is_macrolide() && allergic(ERYTHROMYCIN))
        };
        let one = antibiotics.iter().filter_map(|key| medicine(key)).find(suitable)?;
        (years_between(self.person.birth, began) >= one.min_age()).then(|| {
            let mut request = self.course(one, "community", began);
            request["reasonReference"] = json!([{"reference": format!("Condition/{}", self.illness_id())}]);
            request
        })
    }

    fn is_regular(&self, medicine: &Medicine) -> bool {
        self.regular().iter().any(|(one, _)| one.key == medicine.key)
    }

    fn repeat(&self, one: &Medicine, reason: &str) -> Value {
        let issued = self.world.days_ago(self.rng(one.key).days(2, 56));
        let mut request = self.request(one, "rpt", "active", "community", issued);
        request["courseOfTherapyType"] = json!({
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/medicationrequest-course-of-therapy", "code": "continuous"}],
            "text": "Repeat",
        });
        request["reasonReference"] = json!([{"reference": format!("Condition/{reason}")}]);
        request["dispenseRequest"] =
            json!({"numberOfRepeatsAllowed": 5, "quantity": {"value": 28 * one.dose.2, "unit": "dose"}});
        request
    }

    fn course(&self, one: &Medicine, category: &str, issued: Date) -> Value {
        let mut request = self.request(one, "acute", "completed", category, issued);
        request["courseOfTherapyType"] = json!({
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/medicationrequest-course-of-therapy", "code": "acute"}],
            "text": "Acute",
        });
        request
    }

    fn stopped(&self, one: &Medicine) -> Value {
        let issued = self.world.days_ago(self.rng("stopped").days(100, 500));
        let mut request = self.request(one, "stopped", "stopped", "community", issued);
        request["statusReason"] = json!({"text": "No longer needed"});
        request
    }

    /// In-patient medicines during a stay, otherwise the discharge medicines of the last stay.
    fn hospital_list(&self) -> Vec<Value> {
        if self.cast_role() == Some(CastRole::Leonard) && self.source == Source::StHildas {
            return self.penicillin_in_error().into_iter().collect();
        }
        let Some(stay) = self.visits().into_iter().find(|one| one.class == "IMP") else { return Vec::new() };
        let (kind, status, category, day) = match stay.end {
            None => ("ward", "active", "inpatient", stay.start),
            Some(end) => ("home", "completed", "discharge", end),
        };
        let request_of = |(one, _): (&'static Medicine, String)| {
            // The ward raised the dose; the practice does not know yet.
            let in_story = matches!(self.cast_role(), Some(CastRole::Fredrica | CastRole::Doreen));
            let raised = in_story && one.key == "bisoprolol";
            let one = if raised { medicine("bisoprolol-5").unwrap_or(one) } else { one };
            // The ward stopped Mrs Hallam's ramipril.
            let stopped = self.cast_role() == Some(CastRole::Doreen) && one.key == "ramipril";
            let status = if stopped { "stopped" } else { status };
            let mut request = self.request(one, kind, status, category, day);
            if stopped {
                request["statusReason"] = json!({"text": "Acute kidney injury"});
            }
            request["encounter"] = json!({"reference": format!("Encounter/{}", self.visit_id(&stay))});
            request
        };
        self.regular().into_iter().map(request_of).collect()
    }

    /// Mr Pike's hospital knows of no allergy and prescribed a penicillin yesterday: the record must warn.
    fn penicillin_in_error(&self) -> Option<Value> {
        Some(self.request(medicine("amoxicillin")?, "clinic", "active", "outpatient", self.story_day()))
    }

    fn request(&self, one: &Medicine, kind: &str, status: &str, category: &str, day: Date) -> Value {
        let mut rng = self.rng(one.key);
        let id = self.id(kind, one.key);
        let day = day.max(self.person.birth);
        let body = json!({
            "identifier": [{"system": format!("https://{}.city.example/Id/medication", self.source.id()), "value": id}],
            "status": status,
            "intent": "order",
            "category": [hl7("medicationrequest-category", category)],
            "medicationCodeableConcept": concept(one.term),
            "subject": self.subject(),
            "authoredOn": at(day, 11),
            "requester": Self::clinician(&mut rng),
            "dosageInstruction": [dosage(one)],
        });
        self.resource("MedicationRequest", id, day, body)
    }
}

fn dosage(one: &Medicine) -> Value {
    let (value, unit, times) = one.dose;
    let printed = if unit == "ug" { "micrograms" } else { unit };
    json!({
        "text": one.dosage,
        "timing": {"repeat": {"frequency": times, "period": 1, "periodUnit": "d"}},
        "asNeededBoolean": one.dosage.contains("when needed"),
        "route": concept(one.route),
        "doseAndRate": [{"doseQuantity": {
            "value": tenths(value), "unit": printed, "system": "http://unitsofmeasure.org", "code": unit,
        }}],
    })
}
