//! Converts findings to Observations. Embedded files become attachments of the report. The ids must stay the same for
//! the same test, because corrections refer to them.

use std::collections::{HashMap, HashSet};

use lcr_hl7::{Repetition, Segment};
use lcr_model::SourceIdentity;
use serde_json::{Map, Value, json};

use super::{
    absent_reason,
    findings::{self, Finding, is_correction},
    orders::Order,
    status,
};
use crate::domain::{fhir_json, files, hashed_ids::digest, hl7_values, item_versions::ReportCorrection};

/// A longer specimen description is shown only with the report, not with each observation.
const MAX_SPECIMEN_BYTES: usize = 500;

/// The results of one order.
#[derive(Default)]
pub struct OrderResults {
    pub observations: Vec<Value>,
    pub attachments: Vec<Value>,
    /// Comments on the files, because attachments cannot hold any.
    pub about_files: Vec<String>,
    /// The access labels of the files (OBX-13).
    pub labels: Vec<Value>,
    seen_labels: HashSet<String>,
    /// Corrections of earlier results.
    pub correction: ReportCorrection,
    /// Whether the message holds only some results of the report.
    pub is_partial: bool,
}

/// Data that all observations of an order share.
struct Context<'c, 'm> {
    identity: &'c SourceIdentity,
    order: Segment<'m>,
    specimen: Option<String>,
}

pub fn read(order: &Order<'_>, report: &str, identity: &SourceIdentity) -> OrderResults {
    let specimen = order.specimen().filter(|words| words.len() <= MAX_SPECIMEN_BYTES);
    let context = Context { identity, order: order.request, specimen };
    let of_order = order.request.field(25).code().map(|code| code.to_ascii_uppercase());
    let findings = findings::read(order);
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut found = OrderResults::default();
    found.correction.is_correction = of_order.as_deref() == Some("C");
    for finding in &findings {
        let times = seen.entry(&finding.test).or_default();
        *times += 1;
        // The hash omits the report's id, which contains the person's number, so that it survives a merge of people.
        let id = digest(&[&finding.test, &times.to_string()]);
        let id = format!("{report}-{}", id.get(..16).unwrap_or_default());
        found.record_change(finding, &id);
        if finding.is_file() {
            let status = finding.status.as_deref().or(of_order.as_deref());
            found.add_file(finding, &id, files::is_withdrawn(status));
        } else {
            found.observations.push(context.observation(finding, &id));
        }
    }
    found
}

impl OrderResults {
    /// Records whether the finding changes an earlier result.
    fn record_change(&mut self, finding: &Finding<'_, '_>, id: &str) {
        let status = finding.status.as_deref();
        let is_file = finding.is_file();
        let takes_back = is_file && status == Some("X") && !finding.has_value();
        self.is_partial |= finding.has_correction(is_correction) || takes_back;
        self.correction.is_correction |= finding.has_correction(|status| matches!(status, Some("C" | "D" | "W")));
        let keeps = if is_file { status == Some("U") } else { matches!(status, Some("D" | "U" | "W")) };
        if keeps && !finding.has_value() {
            self.correction.keep_value.insert(id.to_owned());
        }
    }

    /// Adds a file to the report, under the id that a later correction will use.
    fn add_file(&mut self, finding: &Finding<'_, '_>, id: &str, withdrawn: bool) {
        let mut all = files::attachments(finding.lines().map(|line| (line, withdrawn)), None);
        for (at, one) in all.iter_mut().enumerate() {
            one["id"] = json!(if at == 0 { id.to_owned() } else { format!("{id}-{}", at + 1) });
        }
        self.attachments.extend(all);
        let name = finding.first.field(3).first().and_then(fhir_json::concept_words);
        let name = name.map_or_else(|| "the file".to_owned(), |name| format!("the file {name}"));
        let texts = finding.notes.iter().filter_map(|notes| notes.text());
        self.about_files.extend(texts.map(|text| format!("About {name}: {text}")));
        let labels = finding.lines().filter_map(|line| fhir_json::access_labels(line.field(13)));
        for label in labels.flat_map(|mut marks| fhir_json::into_list(marks["security"].take())) {
            if self.seen_labels.insert(label.to_string()) {
                self.labels.push(label);
            }
        }
    }
}

impl Context<'_, '_> {
    fn observation(&self, finding: &Finding<'_, '_>, id: &str) -> Value {
        let obx = finding.first;
        let status = finding.status.as_deref();
        let code = obx.field(3).first().and_then(fhir_json::concept);
        let code = code.unwrap_or_else(|| json!({ "text": "Observation" }));
        let mut value = Map::new();
        if status != Some("X") {
            hl7_values::write_value(&mut value, obx, &finding.texts(), &code);
        }
        let absent = absent_reason::reason(obx, status, !value.is_empty());
        let mut made = fhir_json::ResourceBuilder::new("Observation", id, self.identity);
        made.put("meta", fhir_json::access_labels(obx.field(13)))
            .put("status", json!(status::observation_status(status, self.order)))
            .put("code", code)
            .put(
                "effectiveDateTime",
                fhir_json::date_time(obx.field(14)).or_else(|| fhir_json::date_time(self.order.field(7))),
            )
            .put("issued", fhir_json::instant(obx.field(19)))
            .put("performer", performers(obx))
            .put("dataAbsentReason", absent)
            .put("interpretation", Value::Array(obx.field(8).repetitions().filter_map(flag).collect()))
            .put("note", notes(finding))
            .put("method", obx.field(17).first().and_then(fhir_json::concept))
            .put("specimen", self.specimen.as_ref().map(|words| json!({ "display": words })))
            .put("device", device(obx))
            .put("referenceRange", reference_ranges(obx));
        for (name, value) in value {
            made.put(&name, value);
        }
        made.build()
    }
}

fn notes(finding: &Finding<'_, '_>) -> Value {
    let all = finding.notes.iter().map(|notes| notes.annotations());
    all.flat_map(fhir_json::into_list).collect()
}

/// The responsible people (OBX-16) and the place (OBX-23, else OBX-15).
fn performers(obx: Segment<'_>) -> Value {
    let people = obx.field(16).repetitions().filter_map(fhir_json::clinician);
    let place = obx.field(23).first().and_then(|one| one.component_text(1));
    let place = place.or_else(|| obx.field(15).first().and_then(fhir_json::concept_words));
    people.chain(place.map(|name| json!({ "display": name }))).collect()
}

/// The instrument (OBX-18), named by its identifier.
fn device(obx: Segment<'_>) -> Option<Value> {
    let parts: Vec<String> = obx.field(18).first()?.component_texts().collect();
    (!parts.is_empty()).then(|| json!({ "display": parts.join(" ") }))
}

/// The reference range as sent (OBX-7), and the group it applies to (OBX-10).
fn reference_ranges(obx: Segment<'_>) -> Value {
    let groups = obx.field(10).repetitions().filter_map(|one| one.component(1)).filter_map(|code| {
        let words = match code.to_ascii_uppercase().as_str() {
            "N" => return None,
            "A" => "people of this age".to_owned(),
            "S" => "people of this sex".to_owned(),
            "R" => "people of this ethnic group".to_owned(),
            _ => code,
        };
        Some(json!({ "text": words }))
    });
    let groups: Vec<Value> = groups.collect();
    let ranges = obx.field(7).repetitions().filter_map(Repetition::text).map(|text| {
        if groups.is_empty() { json!({ "text": text }) } else { json!({ "text": text, "appliesTo": groups }) }
    });
    ranges.collect()
}

/// The abnormal flag (HL7 table 0078). An unknown flag is shown as sent.
fn flag(one: Repetition<'_>) -> Option<Value> {
    const KNOWN: [&str; 20] =
        ["H", "L", "HH", "LL", "HU", "LU", "N", "A", "AA", "<", ">", "U", "D", "B", "W", "S", "R", "I", "POS", "NEG"];
    let code = one.component(1);
    let system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
    match (code.filter(|code| KNOWN.contains(&code.as_str())), one.component_text(2)) {
        (Some(code), None) => Some(json!({ "coding": [{ "system": system, "code": code }] })),
        (Some(code), Some(text)) => Some(json!({ "coding": [{ "system": system, "code": code }], "text": text })),
        (None, _) => Some(json!({ "text": fhir_json::concept_words(one).or_else(|| one.text())? })),
    }
}
