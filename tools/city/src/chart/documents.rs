//! Letters and plans as documents, and their text. A letter says where somebody lives, as letters do: that is
//! why a restricted person's letters have to be withheld by whoever shows them.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::Chart;
use super::fhir::{OWN, at, coded};
use super::patient::line;
use crate::plan::Source;

struct Paper {
    key: String,
    /// LOINC code, title, and this record's word for its category.
    kind: (&'static str, &'static str, &'static str),
    day: Date,
    text: String,
}

impl Chart<'_> {
    pub(super) fn documents(&self) -> Vec<Value> {
        if !self.holds("documents") {
            return Vec::new();
        }
        self.papers().iter().map(|paper| self.document(paper)).collect()
    }

    /// The text of one document, by the id of its Binary.
    pub(crate) fn text(&self, id: &str) -> Option<String> {
        let paper = self.papers().into_iter().find(|one| self.binary_id(one) == id)?;
        self.holds("documents").then_some(paper.text)
    }

    fn binary_id(&self, paper: &Paper) -> String {
        self.id("binary", &paper.key)
    }

    fn papers(&self) -> Vec<Paper> {
        let mut papers: Vec<Paper> = self.letters();
        if self.has_escalation_plan() {
            let day = self.plan_day();
            let text = self.letter(
                "ReSPECT: recommended summary plan for emergency care and treatment",
                "Priority: comfort. Hospital admission for reversible causes only. CPR is not recommended.",
            );
            papers.push(Paper {
                key: "respect".to_owned(),
                kind: ("", "ReSPECT form", "end-of-life"),
                day,
                text,
            });
        }
        if matches!(self.source, Source::Community | Source::MentalHealth) || self.source.is_social_care() {
            let day = self.world.days_ago(self.dice("plan letter").days(10, 200)).max(self.person.birth);
            let text = self.letter("Care plan", "Agreed with the person. Reviewed every six months.");
            papers.push(Paper { key: "plan".to_owned(), kind: ("", "Care plan", "care-plan"), day, text });
        }
        papers
    }

    fn letters(&self) -> Vec<Paper> {
        let letter = |visit: &super::visits::Visit| {
            let end = visit.end?;
            let reason = visit.reason.words;
            let (kind, body) = match (visit.class, self.source) {
                ("IMP", _) => (
                    ("18842-5", "Discharge letter", "discharge"),
                    format!(
                        "Admitted with: {reason}. Discharged home. Please continue the medicines listed."
                    ),
                ),
                ("AMB", Source::StHildas | Source::WharfeValley | Source::MentalHealth) => (
                    ("11488-4", "Clinic letter", "clinic"),
                    format!("Seen in {}: {reason}. No change to treatment.", visit.specialty),
                ),
                _ => return None,
            };
            let text = self.letter(kind.1, &body);
            Some(Paper { key: format!("letter-{}", visit.number), kind, day: end, text })
        };
        self.visits().iter().filter_map(letter).collect()
    }

    fn letter(&self, title: &str, body: &str) -> String {
        let person = &self.person;
        let entry = person.known_by(self.source, self.world);
        let number = entry.number.map_or_else(|| "not known".to_owned(), |number| number.to_string());
        format!(
            "{title}\n\nInvented person; this letter is about nobody.\n\n{} {} {}, born {}, NHS number {number}\n{}, {}, Leeds {}\n\n{body}\n",
            person.title(),
            entry.given,
            person.family,
            person.birth,
            line(&entry.address),
            entry.address.part,
            entry.address.postcode(),
        )
    }

    fn document(&self, paper: &Paper) -> Value {
        let (loinc, title, category) = paper.kind;
        let kind =
            if loinc.is_empty() { json!({"text": title}) } else { coded("http://loinc.org", loinc, title) };
        let body = json!({
            "identifier": [{"system": format!("https://{}.city.example/Id/document", self.source.id()), "value": self.id("document", &paper.key)}],
            "status": "current",
            "docStatus": "final",
            "type": kind,
            "category": [coded(OWN, category, title)],
            "subject": self.subject(),
            "date": at(paper.day, 16),
            "author": [Self::clinician(&mut self.dice(&paper.key))],
            "custodian": self.organisation(),
            "description": title,
            "content": [{"attachment": {
                "contentType": "text/plain; charset=utf-8", "language": "en-GB",
                "url": format!("Binary/{}", self.binary_id(paper)), "size": paper.text.len(), "title": title,
                "creation": at(paper.day, 16),
            }}],
        });
        self.resource("DocumentReference", self.id("document", &paper.key), paper.day, body)
    }
}
