//! The fake of the records: a record that fills in four steps.

use async_trait::async_trait;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use lcr_contracts::{
    Caller, Failure, FailureKind, Records,
    record::Record,
    records_api::{DocumentContent, DocumentRequest, SourceItem, SourceStatus, Update, ViewRequest},
    vocabulary::QueryState,
};
use lcr_model::{Dataset, SourceId};

use super::World;
use crate::{
    record,
    sample::{self, CLOSING, UNKNOWN_PERSON},
};

#[async_trait]
impl Records for World {
    async fn view(&self, _: &Caller, ask: ViewRequest) -> Result<BoxStream<'static, Update>, Failure> {
        self.check()?;
        if ask.person == UNKNOWN_PERSON {
            return Err(Failure::not_found());
        }
        let (step, closes) = (self.step, ask.person == CLOSING);
        let (withholds, relationship) = (self.withholds, self.relationship.clone());
        let records = [0, 1, 2, 5].map(|answered| {
            let record = record::record(ask.person, ask.view, answered);
            (answered, record::opened_by(record, relationship.clone(), withholds))
        });
        let updates = stream::iter(records).then(move |(answered, record)| async move {
            if answered > 0 {
                tokio::time::sleep(step).await;
            }
            if closes && answered == 5 {
                let failure = Failure::new(FailureKind::Objected, "This person has objected to sharing.");
                return Update::Closed { at: sample::at("2026-11-21T14:06:00Z"), failure };
            }
            Update::Record(Box::new(record))
        });
        if self.stays_open && !closes {
            return Ok(updates.chain(stream::pending()).boxed());
        }
        Ok(updates.boxed())
    }
    async fn whole(&self, _: &Caller, ask: ViewRequest) -> Result<Record, Failure> {
        self.check()?;
        if ask.person == UNKNOWN_PERSON {
            return Err(Failure::not_found());
        }
        let record = record::record(ask.person, ask.view, 5);
        let mut record = record::opened_by(record, self.relationship.clone(), self.withholds);
        if let Some(asked) = &ask.datasets {
            record.sections.retain(|section| asked.contains(&section.dataset));
            record.sources.iter_mut().for_each(|source| source.datasets.retain(|one| asked.contains(&one.dataset)));
        }
        self.asked_datasets.lock().unwrap().push(ask.datasets);
        Ok(record)
    }
    async fn item(&self, _: &Caller, _: ViewRequest, entry: &str) -> Result<SourceItem, Failure> {
        self.check()?;
        if entry != "beckside~Condition~c1" {
            return Err(Failure::not_found());
        }
        Ok(SourceItem {
            source: SourceId::new("beckside"),
            name: "Beckside Surgery".into(),
            dataset: lcr_model::Dataset::Diagnoses,
            resource: serde_json::json!({ "resourceType": "Condition", "id": "c1", "note": [{ "text": "<script>alert(1)</script>" }] }),
        })
    }
    async fn document(&self, _: &Caller, _: ViewRequest, file: DocumentRequest) -> Result<DocumentContent, Failure> {
        self.check()?;
        if file.file > 0 {
            return Err(Failure::not_found());
        }
        let (kind, bytes): (_, &[u8]) = match file.entry.as_str() {
            "doc-1" => {
                ("text/plain; charset=utf-8", b"Dear colleague,\n<script>alert(1)</script>\nThank you for seeing her.")
            }
            "doc-2" => ("text/html", b"<script>alert(1)</script>"),
            _ => return Err(Failure::not_found()),
        };
        Ok(DocumentContent { title: "Letter".into(), content_type: kind.into(), bytes: bytes.to_vec() })
    }
    async fn sources(&self, _: &Caller) -> Result<Vec<SourceStatus>, Failure> {
        self.check()?;
        let status = |(id, name, kind): &(&str, &str, &str)| SourceStatus {
            source: SourceId::new(*id),
            name: (*name).into(),
            kind: (*kind).into(),
            datasets: vec![Dataset::Allergies, Dataset::Medications],
            rhythm: "real-time".into(),
            state: if *id == "adult-social" { QueryState::Failing } else { QueryState::Answering },
            last_answer: (*id != "childrens").then(sample::now),
            people_loaded: 1200,
            loaded: *id != "community",
            discreet: false,
        };
        let quiet = SourceStatus {
            discreet: true,
            state: QueryState::Failing,
            ..status(&("canal", "Canalside Sexual Health", "discreet"))
        };
        Ok(sample::SOURCES.iter().map(status).chain([quiet]).collect())
    }
}
