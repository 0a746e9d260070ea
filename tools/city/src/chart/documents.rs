//! Letters and plans as documents with text. Letters contain the address, as real letters do, so the platform must
//! withhold the letters of a restricted person.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::Chart;
use super::fhir::{OWN, at, coded};
use super::patient::line;
use crate::plan::Source;

struct TextDocument {
    key: String,
    /// LOINC code, title and category code.
    kind: (&'static str, &'static str, &'static str),
    day: Date,
    text: String,
}

impl Chart<'_> {
    pub(super) fn documents(&self) -> Vec<Value> {
        if !self.has_dataset("documents") {
            return Vec::new();
        }
        self.text_documents().iter().map(|text_document| self.document(text_document)).collect()
    }

    /// The text of a document, by the id of its Binary.
    pub(crate) fn text(&self, id: &str) -> Option<String> {
        let text_document = self.text_documents().into_iter().find(|one| self.binary_id(one) == id)?;
        self.has_dataset("documents").then_some(text_document.text)
    }

    fn binary_id(&self, text_document: &TextDocument) -> String {
        self.id("binary", &text_document.key)
    }

    fn text_documents(&self) -> Vec<TextDocument> {
        let mut text_documents: Vec<TextDocument> = self.letters();
        if self.has_escalation_plan() {
            let day = self.plan_day();
            let text = self.letter(
                "ReSPECT: recommended summary plan for emergency care and treatment",
                "Priority: comfort. Hospital admission for reversible causes only. CPR is not recommended.",
            );
            text_documents.push(TextDocument {
                key: "respect".to_owned(),
                kind: ("", "ReSPECT form", "end-of-life"),
                day,
                text,
            });
        }
        if matches!(self.source, Source::Community | Source::MentalHealth) || self.source.is_social_care() {
            let day = self.world.days_ago(self.rng("plan letter").days(10, 200)).max(self.person.birth);
            let text = self.letter("Care plan", "Agreed with the person. Reviewed every six months.");
            text_documents.push(TextDocument {
                key: "plan".to_owned(),
                kind: ("", "Care plan", "care-plan"),
                day,
                text,
            });
        }
        text_documents
    }

    fn letters(&self) -> Vec<TextDocument> {
        let letter = |visit: &super::encounters::Visit| {
            let end = visit.end?;
            let reason = visit.reason.words;
            let (kind, body) = match (visit.class, self.source) {
                ("IMP", _) => (
                    ("18842-5", "Discharge letter", "discharge"),
                    format!("Admitted with: {reason}. Discharged home. Please continue the medicines listed."),
                ),
                ("AMB", Source::StHildas | Source::WharfeValley | Source::MentalHealth) => (
                    ("11488-4", "Clinic letter", "clinic"),
                    format!("Seen in {}: {reason}. No change to treatment.", visit.specialty),
                ),
                _ => return None,
            };
            let text = self.letter(kind.1, &body);
            Some(TextDocument { key: format!("letter-{}", visit.number), kind, day: end, text })
        };
        self.visits().iter().filter_map(letter).collect()
    }

    fn letter(&self, title: &str, body: &str) -> String {
        let person = &self.person;
        let entry = person.register_entry(self.source, self.world);
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

    fn document(&self, text_document: &TextDocument) -> Value {
        let (loinc, title, category) = text_document.kind;
        let kind = if loinc.is_empty() { json!({"text": title}) } else { coded("http://loinc.org", loinc, title) };
        let body = json!({
            "identifier": [{"system": format!("https://{}.city.example/Id/document", self.source.id()), "value": self.id("document", &text_document.key)}],
            "status": "current",
            "docStatus": "final",
            "type": kind,
            "category": [coded(OWN, category, title)],
            "subject": self.subject(),
            "date": at(text_document.day, 16),
            "author": [Self::clinician(&mut self.rng(&text_document.key))],
            "custodian": self.organisation(),
            "description": title,
            "content": [{"attachment": {
                "contentType": "text/plain; charset=utf-8", "language": "en-GB",
                "url": format!("Binary/{}", self.binary_id(text_document)), "size": text_document.text.len(), "title": title,
                "creation": at(text_document.day, 16),
            }}],
        });
        self.resource("DocumentReference", self.id("document", &text_document.key), text_document.day, body)
    }
}
