//! Maps `MDM` messages to documents: new ones, status changes, edits, addenda, replacements and withdrawals. Files come
//! inside the message; this code must never fetch one.

mod content;
mod status;

use lcr_contracts::events::{PushedItem, PushedKind};
use lcr_hl7::{Condition, Fault, Field, Segment};
use serde_json::{Value, json};

use super::{
    Arrival, Change, Item, MappedEvent, MappingError, MappingResult, demographics, fhir_json, files,
    hashed_ids::digest,
    identity::{self, IdentifiedPatient},
    item_versions,
    notes::Notes,
    segment_groups::{SegmentGroup, missing_segment, segment_groups},
    spell,
    stay_numbers::StayNumbers,
    times,
};
use status::DocumentStatus;

/// The change that a trigger event reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DocumentEvent {
    /// T01, T02: a document. T03, T04: its status.
    Notify,
    /// T05, T06.
    Addendum,
    /// T07, T08.
    Edit,
    /// T09, T10.
    Replacement,
    /// T11.
    Cancel,
}

fn document_event(event: &str) -> Option<DocumentEvent> {
    Some(match event {
        "T01" | "T02" | "T03" | "T04" => DocumentEvent::Notify,
        "T05" | "T06" => DocumentEvent::Addendum,
        "T07" | "T08" => DocumentEvent::Edit,
        "T09" | "T10" => DocumentEvent::Replacement,
        "T11" => DocumentEvent::Cancel,
        _ => return None,
    })
}

pub fn is_mapped(event: &str) -> bool {
    document_event(event).is_some()
}

/// One message about one document.
struct Document<'a, 'm> {
    arrival: &'a Arrival<'m>,
    patient: IdentifiedPatient,
    stay: Option<StayNumbers>,
    txa: Segment<'m>,
    event: DocumentEvent,
    /// TXA-12.
    key: String,
    /// TXA-13, if it names another document.
    parent: Option<String>,
    status: DocumentStatus,
}

pub fn map(arrival: &Arrival<'_>, event: &str) -> MappingResult {
    let groups = segment_groups(arrival.message);
    let group = groups.first().ok_or_else(|| missing_segment("PID", "the patient is missing"))?;
    if groups.len() > 1 {
        return Err(MappingError::waiting("the message has a document but several patients", "PID"));
    }
    let patient = identity::identify(arrival, group)?;
    let txa = group.first("TXA").ok_or_else(|| missing_segment("TXA", "the document's header is missing"))?;
    if group.all("TXA").nth(1).is_some() {
        return Err(MappingError::waiting("the message has more than one document header", "TXA"));
    }
    let key = document_number(txa.field(12));
    let key = key.ok_or_else(|| Fault::at(Condition::RequiredField, "TXA", 12, "the document has no unique number"))?;
    let event = document_event(event).unwrap_or(DocumentEvent::Notify);
    let document = Document {
        arrival,
        stay: spell::read_numbers(arrival, group),
        txa,
        event,
        parent: document_number(txa.field(13)).filter(|parent| *parent != key),
        key,
        status: status::read(txa, event == DocumentEvent::Cancel),
        patient,
    };
    let update = demographics::read(arrival, group, &document.patient);
    let mut mapped = vec![MappedEvent::Demographics(update), MappedEvent::Item(document.item(group)?)];
    mapped.extend(document.superseded_item()?.map(MappedEvent::Item));
    Ok(mapped)
}

/// A document number: the entity id, else the universal id.
fn document_number(field: Field<'_>) -> Option<String> {
    field.first().and_then(|one| one.component(1).or_else(|| one.component(3)))
}

impl Document<'_, '_> {
    fn id(&self, key: &str) -> String {
        digest(&["document", self.arrival.system.id.as_str(), &self.patient.identity.local_id.0, key])
    }

    fn name(&self) -> String {
        self.txa.field(2).first().and_then(fhir_json::concept_words).unwrap_or_else(|| "Document".to_owned())
    }

    fn item(&self, group: &SegmentGroup<'_>) -> Result<Item, MappingError> {
        let name = self.name();
        let content::Content { content, labels } = content::read(group, &name);
        let content = content.filter(|_| self.status != DocumentStatus::Withdrawn);
        let change = match (self.status, &content) {
            (DocumentStatus::Withdrawn, _) => Change::Withdrawn,
            (_, None) if self.event == DocumentEvent::Edit => {
                Change::CorrectedHeader(item_versions::day_words(times::reported_at(self.arrival)))
            }
            (_, None) => Change::HeaderOnly,
            (_, Some(_)) => Change::Complete,
        };
        let letter = self.status == DocumentStatus::Current && self.is_discharge_letter(&name);
        let mut made = self.header(&self.key, self.status, labels);
        let is_edit = self.event == DocumentEvent::Edit;
        made.put("docStatus", status::doc_status(self.txa, self.status, is_edit).map(|code| json!(code)))
            .put("date", fhir_json::instant(self.txa.field(6)).or_else(|| fhir_json::instant(self.txa.field(4))))
            .put("author", self.txa.field(9).first().and_then(fhir_json::clinician).map(|one| json!([one])))
            .put("authenticator", self.txa.field(22).first().and_then(fhir_json::clinician))
            .put("description", self.description(group))
            .put("relatesTo", self.relates_to())
            .put("content", content.unwrap_or_else(|| self.missing_content()));
        Ok(self.new_item(
            self.key.clone(),
            fhir_json::checked_item(vec![made.build()], name, false, letter, "TXA")?,
            change,
        ))
    }

    /// The document that this one replaces, marked as superseded.
    fn superseded_item(&self) -> Result<Option<Item>, MappingError> {
        let counts = self.event == DocumentEvent::Replacement && self.status == DocumentStatus::Current;
        let Some(parent) = self.parent.as_ref().filter(|_| counts) else { return Ok(None) };
        let mut made = self.header(parent, DocumentStatus::Superseded, vec![]);
        made.put("content", files::title_only("This document was replaced by a later one"));
        let pushed = fhir_json::checked_item(vec![made.build()], self.name(), false, false, "TXA")?;
        Ok(Some(self.new_item(parent.clone(), pushed, Change::Superseded)))
    }

    /// The fields that all versions share. `labels` are the content's access labels.
    fn header(&self, key: &str, status: DocumentStatus, labels: Vec<Value>) -> fhir_json::ResourceBuilder {
        let mut made = fhir_json::ResourceBuilder::new("DocumentReference", &self.id(key), &self.patient.identity);
        let label = fhir_json::confidentiality(self.txa.field(18));
        made.put("meta", status::meta(self.txa, label.as_ref(), labels))
            .put("status", json!(status.code()))
            .put("identifier", json!([{ "value": key }]))
            .put("type", self.txa.field(2).first().and_then(fhir_json::concept))
            .put("securityLabel", label.map(|label| json!([label])));
        made
    }

    fn new_item(&self, key: String, pushed: PushedItem, change: Change) -> Item {
        Item {
            identity: self.patient.identity.clone(),
            kind: PushedKind::Document,
            stay: self.stay.clone(),
            pushed,
            key,
            names: vec![],
            sent: times::reported_at(self.arrival),
            change,
        }
    }

    /// Whether TXA-2 names a discharge summary, by its code or its text.
    fn is_discharge_letter(&self, name: &str) -> bool {
        self.txa.field(2).code().as_deref() == Some("DS") || name.to_lowercase().contains("discharge")
    }

    /// The title (TXA-25), the comments, and a note if the replaced document is not named.
    fn description(&self, group: &SegmentGroup<'_>) -> Option<Value> {
        let mut notes = Notes::default();
        group.all("NTE").for_each(|note| notes.push(note));
        let unnamed = (self.event == DocumentEvent::Replacement && self.txa.field(13).first().is_none())
            .then(|| "Replaces an earlier document, which the sender did not name".to_owned());
        let parts: Vec<String> =
            [self.txa.field(25).first_text(), notes.text(), unnamed].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| json!(parts.join("\n")))
    }

    fn relates_to(&self) -> Option<Value> {
        let parent = self.parent.as_ref()?;
        let code = if self.event == DocumentEvent::Replacement { "replaces" } else { "appends" };
        let reference = format!("DocumentReference/{}", self.id(parent));
        Some(json!([{ "code": code, "target": { "reference": reference, "identifier": { "value": parent } } }]))
    }

    fn missing_content(&self) -> Value {
        files::title_only(match self.status {
            DocumentStatus::Withdrawn => "The sender has withdrawn this document",
            _ => "The content of this document was not sent",
        })
    }
}

#[cfg(test)]
#[path = "documents_tests.rs"]
mod tests;
