//! OBX as Observations: the value by its type (OBX-2), what is odd kept as the words that were sent. Lines of one
//! text that come as several OBX are one text; an embedded file belongs to the report.

use lcr_hl7::{Repetition, Segment};
use lcr_model::SourceIdentity;
use serde_json::{Value, json};

use crate::domain::{documents, r4};

/// What was found under one order.
#[derive(Default)]
pub struct Found {
    pub observations: Vec<Value>,
    pub attachments: Vec<Value>,
    /// Notes on the order as a whole.
    pub notes: Option<String>,
}

/// One observation: its OBX (more than one where a text came in lines) and the notes after it.
struct Part<'m> {
    lines: Vec<Segment<'m>>,
    notes: Vec<String>,
}

pub fn read(segments: &[Segment<'_>], report: &str, identity: &SourceIdentity, order: Segment<'_>) -> Found {
    let mut found = Found::default();
    let mut parts: Vec<Part<'_>> = vec![];
    let mut notes = vec![];
    for segment in segments {
        match (segment.name(), parts.last_mut()) {
            ("NTE", None) => notes.extend(segment.field(3).lines()),
            ("NTE", Some(part)) => part.notes.extend(segment.field(3).lines()),
            (_, Some(part)) if continues(part, *segment) => part.lines.push(*segment),
            _ => parts.push(Part { lines: vec![*segment], notes: vec![] }),
        }
    }
    for (at, part) in parts.iter().enumerate() {
        let Some(first) = part.lines.first() else { continue };
        let attachments: Vec<Value> =
            part.lines.iter().filter_map(|line| documents::attachment(*line)).collect();
        if attachments.is_empty() {
            found.observations.push(observation(
                part,
                *first,
                &format!("{report}-{}", at + 1),
                identity,
                order,
            ));
        } else {
            found.attachments.extend(attachments);
        }
    }
    found.notes = (!notes.is_empty()).then(|| notes.join("\n"));
    found
}

/// Whether a text goes on: same test, same sub-id, nothing between.
fn continues(part: &Part<'_>, next: Segment<'_>) -> bool {
    let is_text = |segment: Segment<'_>| matches!(segment.field(2).code().as_deref(), Some("TX" | "FT"));
    let same = |last: &Segment<'_>| {
        [3, 4].iter().all(|number| last.field(*number).words() == next.field(*number).words())
    };
    part.notes.is_empty()
        && is_text(next)
        && part.lines.last().is_some_and(|last| is_text(*last) && same(last))
}

fn observation(
    part: &Part<'_>,
    obx: Segment<'_>,
    id: &str,
    identity: &SourceIdentity,
    order: Segment<'_>,
) -> Value {
    let mut made = r4::Resource::new("Observation", id, identity);
    let code = obx.field(3).first().and_then(r4::concept);
    made.put("status", json!(status(obx.field(11).code().as_deref(), order)))
        .put("code", code.unwrap_or_else(|| json!({ "text": "Observation" })))
        .put("effectiveDateTime", r4::when(obx.field(14)).or_else(|| r4::when(order.field(7))))
        .put("interpretation", Value::Array(obx.field(8).repetitions().filter_map(flag).collect()))
        .put("referenceRange", obx.field(7).words().map(|text| json!([{ "text": text }])))
        .put("note", (!part.notes.is_empty()).then(|| json!([{ "text": part.notes.join("\n") }])));
    let lines: Vec<String> = part.lines.iter().filter_map(|line| line.field(5).lines()).collect();
    if let Some((name, value)) = value(obx, &lines) {
        made.put(name, value);
    }
    made.done()
}

fn value(obx: Segment<'_>, lines: &[String]) -> Option<(&'static str, Value)> {
    let first = obx.field(5).first()?;
    let many = obx.field(5).repetitions().count() > 1;
    let typed = match obx.field(2).code().as_deref() {
        _ if many || lines.len() > 1 => None,
        Some("NM") => quantity(obx, None, &first.words()?),
        Some("SN") => structured(obx, first),
        Some("CE" | "CWE" | "CNE" | "CF") => Some(("valueCodeableConcept", r4::concept(first)?)),
        Some("DT" | "TS" | "DTM") => r4::when_text(&first.part(1)?).map(|when| ("valueDateTime", when)),
        _ => None,
    };
    let words = || (!lines.is_empty()).then(|| ("valueString", json!(lines.join("\n"))));
    typed.or_else(words)
}

fn quantity(obx: Segment<'_>, comparator: Option<&str>, text: &str) -> Option<(&'static str, Value)> {
    // Laboratories write "<5" as a number too.
    let (found, rest) = ["<=", ">=", "<", ">"]
        .iter()
        .find_map(|sign| Some((Some(*sign), text.strip_prefix(*sign)?)))
        .unwrap_or((comparator, text));
    let mut made = serde_json::Map::new();
    made.insert("value".into(), r4::number(rest)?);
    let unit = obx.field(6).first();
    let unit = unit.and_then(|one| one.part_words(1).or_else(|| one.part_words(2)));
    made.extend(unit.map(|unit| ("unit".to_owned(), json!(unit))));
    made.extend(found.map(|sign| ("comparator".to_owned(), json!(sign))));
    Some(("valueQuantity", Value::Object(made)))
}

/// `<^10`, `^182`; a range or a ratio stays the words it was sent as.
fn structured(obx: Segment<'_>, one: Repetition<'_>) -> Option<(&'static str, Value)> {
    let sign = one.part_words(1);
    let known = match sign.as_deref() {
        None | Some("=") => None,
        Some(sign @ ("<" | "<=" | ">" | ">=")) => Some(sign),
        Some(_) => return None,
    };
    if one.part(3).is_some() { None } else { quantity(obx, known, &one.part(2)?) }
}

fn flag(one: Repetition<'_>) -> Option<Value> {
    const KNOWN: [&str; 18] =
        ["H", "L", "HH", "LL", "HU", "LU", "N", "A", "AA", "<", ">", "U", "D", "B", "W", "S", "R", "I"];
    let code = one.part(1)?;
    let system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
    Some(if KNOWN.contains(&code.as_str()) {
        json!({ "coding": [{ "system": system, "code": code }] })
    } else {
        json!({ "text": one.words()? })
    })
}

/// HL7 table 0085 as `Observation.status`; without one, the order's word.
fn status(code: Option<&str>, order: Segment<'_>) -> &'static str {
    match code {
        Some("F" | "U") => "final",
        Some("C") => "corrected",
        Some("P" | "R" | "S") => "preliminary",
        Some("X") => "cancelled",
        Some("D" | "W") => "entered-in-error",
        Some("I" | "N" | "O") => "registered",
        _ if order.field(25).code().as_deref() == Some("F") => "final",
        _ => "unknown",
    }
}
