//! Conditions. The practice has all of a person's; other sources have those relevant to their work.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::Chart;
use super::fhir::{at, concept, hl7};
use crate::catalogue::{ILLNESSES, Term, term};
use crate::health::Problem;
use crate::plan::Source;
use crate::world::years_between;

impl Chart<'_> {
    pub(super) fn diagnoses(&self) -> Vec<Value> {
        if !self.has_dataset("diagnoses") {
            return Vec::new();
        }
        if self.source == Source::SexualHealth {
            return vec![self.infection()];
        }
        let mut found: Vec<Value> =
            self.problems().iter().filter(|one| self.is_relevant(one)).map(|one| self.condition(one)).collect();
        if self.source.is_gp() {
            found.extend(self.minor_illness());
        }
        found
    }

    /// Whether this source records the disorder.
    pub(super) fn is_relevant(&self, problem: &Problem) -> bool {
        let mind = problem.disorder.specialty == "Psychiatry" || problem.disorder.key == "dementia";
        match self.source {
            source if source.is_gp() => true,
            Source::MentalHealth => mind,
            _ => !mind || problem.disorder.key == "dementia",
        }
    }

    pub(super) fn condition_id(&self, problem: &Problem) -> String {
        self.id("condition", problem.disorder.key)
    }

    fn condition(&self, problem: &Problem) -> Value {
        let mut rng = self.rng(problem.disorder.key);
        let suspected = !self.source.is_gp() && rng.chance(30);
        let status = if problem.resolved { "resolved" } else { "active" };
        let mut body = json!({
            "clinicalStatus": hl7("condition-clinical", status),
            "verificationStatus": hl7("condition-ver-status", if suspected { "provisional" } else { "confirmed" }),
            "category": [hl7("condition-category", "problem-list-item")],
            "code": concept(problem.disorder.term),
            "subject": self.subject(),
            "onsetDateTime": problem.onset.to_string(),
            "recordedDate": problem.onset.to_string(),
            "recorder": Self::clinician(&mut rng),
        });
        if problem.resolved {
            body["abatementDateTime"] = Value::from(self.world.days_ago(rng.days(5, 29)).to_string());
        }
        self.resource("Condition", self.condition_id(problem), problem.onset, body)
    }

    /// A short illness in the past, with the antibiotics for it in order of preference and the day it began.
    pub(super) fn illness(&self) -> Option<(Term, &'static [&'static str], Date)> {
        let mut rng = self.rng("minor");
        if !rng.chance(600) {
            return None;
        }
        let began = self.world.days_ago(rng.days(60, 700));
        let age = years_between(self.person.birth, began);
        let first = rng.below(4) as usize;
        let mut in_turn = ILLNESSES.iter().cycle().skip(first).take(ILLNESSES.len());
        let fits = |ages: &(i64, i64)| (ages.0..=ages.1).contains(&age);
        let (illness, _, antibiotics) = in_turn.find(|(_, ages, _)| fits(ages))?;
        Some((*illness, antibiotics, began))
    }

    pub(super) fn illness_id(&self) -> String {
        self.id("condition", "minor")
    }

    fn minor_illness(&self) -> Option<Value> {
        let (illness, _, began) = self.illness()?;
        let body = json!({
            "clinicalStatus": hl7("condition-clinical", "resolved"),
            "verificationStatus": hl7("condition-ver-status", "confirmed"),
            "category": [hl7("condition-category", "encounter-diagnosis")],
            "code": concept(illness),
            "subject": self.subject(),
            "onsetDateTime": began.to_string(),
            "abatementDateTime": began.saturating_add(jiff::Span::new().days(9)).to_string(),
            "recordedDate": at(began, 10),
        });
        Some(self.resource("Condition", self.illness_id(), began, body))
    }

    pub(super) fn infection_began(&self) -> Date {
        self.world.days_ago(self.rng("infection").days(20, 500))
    }

    fn infection(&self) -> Value {
        let began = self.infection_began();
        let body = json!({
            "clinicalStatus": hl7("condition-clinical", "resolved"),
            "verificationStatus": hl7("condition-ver-status", "confirmed"),
            "category": [hl7("condition-category", "encounter-diagnosis")],
            "code": concept(term("240589008", "Chlamydia trachomatis infection")),
            "subject": self.subject(),
            "onsetDateTime": began.to_string(),
            "recordedDate": began.to_string(),
        });
        self.resource("Condition", self.id("condition", "infection"), began, body)
    }
}
