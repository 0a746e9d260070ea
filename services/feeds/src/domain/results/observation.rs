//! Findings as Observations: value, status, comments, and what else OBX says. An embedded file belongs to the report.

use std::collections::{HashMap, HashSet};

use lcr_hl7::{Repetition, Segment};
use lcr_model::SourceIdentity;
use serde_json::{Map, Value, json};

use super::{
    absent,
    findings::{self, Finding, is_correction},
    orders::Order,
    status,
};
use crate::domain::{files, pushed::Part, r4, value, values::digest};

/// A specimen in more words than this stands with the report alone, not with each observation.
const LONGEST_SPECIMEN: usize = 500;

/// What was found under one order.
#[derive(Default)]
pub struct Found {
    pub observations: Vec<Value>,
    pub attachments: Vec<Value>,
    /// Comments on the files: they have no place for them.
    pub about_files: Vec<String>,
    /// OBX-13 of the files.
    pub labels: Vec<Value>,
    seen_labels: HashSet<String>,
    /// Corrections of what was sent before.
    pub part: Part,
    /// Whether it is some results of the report alone.
    pub is_part: bool,
}

/// What the observations of one order share.
struct Context<'c, 'm> {
    identity: &'c SourceIdentity,
    order: Segment<'m>,
    specimen: Option<String>,
}

pub fn read(order: &Order<'_>, report: &str, identity: &SourceIdentity) -> Found {
    let specimen = order.specimen().filter(|words| words.len() <= LONGEST_SPECIMEN);
    let context = Context { identity, order: order.request, specimen };
    let of_order = order.request.field(25).code().map(|code| code.to_ascii_uppercase());
    let findings = findings::of(order);
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut found = Found::default();
    found.part.is_correction = of_order.as_deref() == Some("C");
    for finding in &findings {
        let times = seen.entry(&finding.test).or_default();
        *times += 1;
        // Without the report's own id, which holds the person's number: after a merge the parts are the same ones.
        let id = digest(&[&finding.test, &times.to_string()]);
        let id = format!("{report}-{}", id.get(..16).unwrap_or_default());
        found.note(finding, &id);
        if finding.is_file() {
            let status = finding.status.as_deref().or(of_order.as_deref());
            found.file(finding, &id, files::is_withdrawn(status));
        } else {
            found.observations.push(context.observation(finding, &id));
        }
    }
    found
}

impl Found {
    /// What it is to what was sent before.
    fn note(&mut self, finding: &Finding<'_, '_>, id: &str) {
        let status = finding.status.as_deref();
        let is_file = finding.is_file();
        let takes_back = is_file && status == Some("X") && !finding.has_value();
        self.is_part |= finding.has_correction(is_correction) || takes_back;
        self.part.is_correction |= finding.has_correction(|status| matches!(status, Some("C" | "D" | "W")));
        let keeps = if is_file { status == Some("U") } else { matches!(status, Some("D" | "U" | "W")) };
        if keeps && !finding.has_value() {
            self.part.keep_value.insert(id.to_owned());
        }
    }

    /// A file of the report, under the id that a later correction of it has.
    fn file(&mut self, finding: &Finding<'_, '_>, id: &str, withdrawn: bool) {
        let mut all = files::attachments(finding.lines().map(|line| (line, withdrawn)), None);
        for (at, one) in all.iter_mut().enumerate() {
            one["id"] = json!(if at == 0 { id.to_owned() } else { format!("{id}-{}", at + 1) });
        }
        self.attachments.extend(all);
        let name = finding.first.field(3).first().and_then(r4::concept_words);
        let name = name.map_or_else(|| "the file".to_owned(), |name| format!("the file {name}"));
        let texts = finding.notes.iter().filter_map(|notes| notes.text());
        self.about_files.extend(texts.map(|text| format!("About {name}: {text}")));
        let labels = finding.lines().filter_map(|line| r4::marks(line.field(13)));
        for label in labels.flat_map(|mut marks| r4::into_list(marks["security"].take())) {
            if self.seen_labels.insert(label.to_string()) {
                self.labels.push(label);
            }
        }
    }
}

impl Context<'_, '_> {
    fn observation(&self, finding: &Finding<'_, '_>, id: &str) -> Value {
        let obx = finding.first;
        let told = finding.status.as_deref();
        let code = obx.field(3).first().and_then(r4::concept);
        let code = code.unwrap_or_else(|| json!({ "text": "Observation" }));
        let mut value = Map::new();
        if told != Some("X") {
            value::put(&mut value, obx, &finding.texts(), &code);
        }
        let absent = absent::reason(obx, told, !value.is_empty());
        let mut made = r4::Resource::new("Observation", id, self.identity);
        made.put("meta", r4::marks(obx.field(13)))
            .put("status", json!(status::of_observation(told, self.order)))
            .put("code", code)
            .put("effectiveDateTime", r4::when(obx.field(14)).or_else(|| r4::when(self.order.field(7))))
            .put("issued", r4::instant(obx.field(19)))
            .put("performer", performers(obx))
            .put("dataAbsentReason", absent)
            .put("interpretation", Value::Array(obx.field(8).repetitions().filter_map(flag).collect()))
            .put("note", notes(finding))
            .put("method", obx.field(17).first().and_then(r4::concept))
            .put("specimen", self.specimen.as_ref().map(|words| json!({ "display": words })))
            .put("device", device(obx))
            .put("referenceRange", reference_ranges(obx));
        for (name, value) in value {
            made.put(&name, value);
        }
        made.done()
    }
}

fn notes(finding: &Finding<'_, '_>) -> Value {
    let all = finding.notes.iter().map(|notes| notes.annotations());
    all.flat_map(r4::into_list).collect()
}

/// Who answers for it (OBX-16) and where it was done (OBX-23, else OBX-15).
fn performers(obx: Segment<'_>) -> Value {
    let people = obx.field(16).repetitions().filter_map(r4::clinician);
    let place = obx.field(23).first().and_then(|one| one.part_words(1));
    let place = place.or_else(|| obx.field(15).first().and_then(r4::concept_words));
    people.chain(place.map(|name| json!({ "display": name }))).collect()
}

/// OBX-18: the instrument, in the words of its identifier.
fn device(obx: Segment<'_>) -> Option<Value> {
    let parts: Vec<String> = obx.field(18).first()?.parts().collect();
    (!parts.is_empty()).then(|| json!({ "display": parts.join(" ") }))
}

/// OBX-7 as it was written, and whom it is for (OBX-10).
fn reference_ranges(obx: Segment<'_>) -> Value {
    let whom = obx.field(10).repetitions().filter_map(|one| one.part(1)).filter_map(|code| {
        let words = match code.to_ascii_uppercase().as_str() {
            "N" => return None,
            "A" => "people of this age".to_owned(),
            "S" => "people of this sex".to_owned(),
            "R" => "people of this ethnic group".to_owned(),
            _ => code,
        };
        Some(json!({ "text": words }))
    });
    let whom: Vec<Value> = whom.collect();
    let ranges = obx.field(7).repetitions().filter_map(Repetition::words).map(|text| {
        if whom.is_empty() { json!({ "text": text }) } else { json!({ "text": text, "appliesTo": whom }) }
    });
    ranges.collect()
}

/// HL7 table 0078; a flag that it does not hold is shown as it was sent.
fn flag(one: Repetition<'_>) -> Option<Value> {
    const KNOWN: [&str; 20] = [
        "H", "L", "HH", "LL", "HU", "LU", "N", "A", "AA", "<", ">", "U", "D", "B", "W", "S", "R", "I", "POS",
        "NEG",
    ];
    let code = one.part(1);
    let system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
    match (code.filter(|code| KNOWN.contains(&code.as_str())), one.part_words(2)) {
        (Some(code), None) => Some(json!({ "coding": [{ "system": system, "code": code }] })),
        (Some(code), Some(text)) => {
            Some(json!({ "coding": [{ "system": system, "code": code }], "text": text }))
        }
        (None, _) => Some(json!({ "text": r4::concept_words(one).or_else(|| one.words())? })),
    }
}
