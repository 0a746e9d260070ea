//! Diagnostic reports, and the results that are told as a story. A report must never name a result that is not there.

use serde_json::{Value, json};

use super::{
    super::{
        Chart,
        fhir::{at, hl7, hl7_coding},
    },
    Measurement,
};
use crate::{plan::Source, world::CastRole};

impl Chart<'_> {
    /// Mrs Osei's preliminary blood culture, two days old.
    pub(super) fn pending_culture(&self) -> Option<Value> {
        if self.cast_role() != Some(CastRole::Osei) || self.source != Source::StHildas {
            return None;
        }
        let day = self.world.days_ago(2);
        let body = json!({
            "status": "preliminary",
            "category": [hl7("v2-0074", "LAB")],
            "code": {"text": "Blood culture"},
            "subject": self.subject(),
            "effectiveDateTime": at(day, 16),
            "issued": at(self.world.days_ago(1), 14),
            "performer": [self.organisation()],
            "conclusion": "No growth so far; incubation continues",
        });
        Some(self.resource("DiagnosticReport", self.id("report", "culture"), self.world.days_ago(1), body))
    }

    /// A genetic test of Mrs Hallam that the hospital labels as restricted.
    pub(super) fn restricted_result(&self) -> Option<Value> {
        if self.cast_role() != Some(CastRole::Doreen) || self.source != Source::StHildas {
            return None;
        }
        let day = self.world.days_ago(30);
        let body = json!({
            "status": "final",
            "category": [hl7("v2-0074", "LAB")],
            "code": {"text": "Genetic test: inherited heart disease"},
            "subject": self.subject(),
            "effectiveDateTime": at(day, 10),
            "issued": at(self.world.days_ago(12), 14),
            "performer": [self.organisation()],
            "conclusion": "No variant found",
        });
        let mut report = self.resource("DiagnosticReport", self.id("report", "genetic"), self.world.days_ago(12), body);
        report["meta"]["security"] = json!([hl7_coding("v3-Confidentiality", "R", "restricted")]);
        Some(report)
    }
}

impl Chart<'_> {
    pub(in crate::chart) fn reports(&self) -> Vec<Value> {
        let measurements = self.measurements();
        let mut groups: Vec<(&str, u32, Vec<&Measurement>)> = Vec::new();
        for one in &measurements {
            let Some(panel) = one.measure.panel else { continue };
            match groups.iter_mut().find(|(name, set, _)| (*name, *set) == (panel, one.set)) {
                Some((_, _, members)) => members.push(one),
                None => groups.push((panel, one.set, vec![one])),
            }
        }
        groups
            .iter()
            .enumerate()
            .filter_map(|(at, (panel, _, members))| self.report(at, panel, members))
            .chain(self.pending_culture())
            .chain(self.restricted_result())
            .collect()
    }

    fn report(&self, number: usize, panel: &str, members: &[&Measurement]) -> Option<Value> {
        let day = members.first()?.day;
        let status = match members {
            _ if members.iter().any(|one| one.status == "preliminary") => "preliminary",
            _ if members.iter().any(|one| one.status == "corrected") => "corrected",
            _ => "final",
        };
        let result: Vec<Value> = members
            .iter()
            .map(|one| json!({"reference": format!("Observation/{}", self.observation_id(one))}))
            .collect();
        let body = json!({
            "status": status,
            "category": [hl7("v2-0074", "LAB")],
            "code": {"text": panel},
            "subject": self.subject(),
            "effectiveDateTime": at(day, 8),
            "issued": at(day, 14),
            "performer": [self.organisation()],
            "result": result,
        });
        Some(self.resource("DiagnosticReport", self.id("report", &number.to_string()), day, body))
    }
}
