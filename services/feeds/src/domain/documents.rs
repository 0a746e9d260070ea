//! `MDM`: a document with its content inline. Nothing is fetched: a document sent as a pointer shows its title.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lcr_contracts::events::Pushed;
use lcr_hl7::{Segment, time};
use serde_json::{Map, Value, json};

use super::{
    Arrival, Item, Mapped, Mapping, demographics,
    groups::{Group, groups, missing},
    identity, r4, spell,
    values::digest,
};

pub fn map(arrival: &Arrival<'_>) -> Mapping {
    let groups = groups(arrival.message);
    let group = groups.first().ok_or_else(|| missing("PID", "the patient is missing"))?;
    let named = identity::named(arrival, group)?;
    let txa = group.first("TXA").ok_or_else(|| missing("TXA", "the document's header is missing"))?;
    let number = txa.field(12).first().and_then(|one| one.part(1).or_else(|| one.part(3)));
    let key = number.ok_or_else(|| {
        lcr_hl7::Fault::at(lcr_hl7::Condition::RequiredField, "TXA", 12, "the document has no unique number")
    })?;
    let id = digest(&["document", arrival.system.id.as_str(), &named.identity.local_id.0, &key]);
    let name = txa.field(2).first().and_then(r4::concept_words).unwrap_or_else(|| "Document".to_owned());
    let letter = is_discharge(txa, &name);
    let mut made = r4::Resource::new("DocumentReference", &id, &named.identity);
    made.put("status", json!("current"))
        .put("docStatus", json!(doc_status(txa)))
        .put("identifier", json!([{ "value": key }]))
        .put("type", txa.field(2).first().and_then(r4::concept))
        .put("date", r4::instant(txa.field(6)).or_else(|| r4::instant(txa.field(4))))
        .put("author", txa.field(9).first().and_then(r4::clinician).map(|one| json!([one])))
        .put("description", txa.field(25).words().map(Value::String))
        .put("content", content(group, &name));
    let item = Item {
        identity: named.identity.clone(),
        kind: Pushed::Document,
        spell: spell::of_item(arrival, group),
        pushed: r4::checked(vec![made.done()], name, false, letter, "TXA")?,
        key,
        sent: spell::told_at(arrival),
    };
    Ok(vec![Mapped::Demographics(demographics::told(arrival, group, &named)), Mapped::Item(item)])
}

/// TXA-2: a discharge summary by its code or its words.
fn is_discharge(txa: Segment<'_>, name: &str) -> bool {
    txa.field(2).code().as_deref() == Some("DS") || name.to_lowercase().contains("discharge")
}

fn doc_status(txa: Segment<'_>) -> &'static str {
    match txa.field(17).code().as_deref() {
        Some("AU" | "LA" | "DO") => "final",
        Some("CA") => "entered-in-error",
        _ => "preliminary",
    }
}

/// Embedded files, each by itself; the lines of text, together.
fn content(group: &Group<'_>, name: &str) -> Value {
    let mut attachments: Vec<Value> = group.all("OBX").filter_map(attachment).collect();
    let lines = group.all("OBX").filter(|obx| !is_embedded(*obx));
    let lines: Vec<String> = lines.filter_map(|obx| obx.field(5).lines()).collect();
    if !lines.is_empty() {
        let data = STANDARD.encode(lines.join("\n"));
        attachments.insert(0, json!({ "contentType": "text/plain; charset=utf-8", "data": data }));
    }
    if attachments.is_empty() {
        attachments.push(json!({}));
    }
    let titled = attachments.into_iter().map(|mut one| {
        if let Some(fields) = one.as_object_mut() {
            fields.insert("title".to_owned(), json!(name));
        }
        json!({ "attachment": one })
    });
    Value::Array(titled.collect())
}

fn is_embedded(obx: Segment<'_>) -> bool {
    matches!(obx.field(2).code().as_deref(), Some("ED" | "RP"))
}

/// A file in OBX-5: source, type, subtype, encoding, data.
pub fn attachment(obx: Segment<'_>) -> Option<Value> {
    if obx.field(2).code().as_deref() != Some("ED") {
        return None;
    }
    let one = obx.field(5).first()?;
    let data = one.part_words(5)?;
    let data = match one.part(4).as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("base64") => {
            let joined: String = data.chars().filter(|c| !c.is_whitespace()).collect();
            STANDARD.decode(&joined).is_ok().then_some(joined)
        }
        Some("hex") => from_hex(&data).map(|bytes| STANDARD.encode(bytes)),
        _ => Some(STANDARD.encode(data)),
    };
    let mut made = Map::new();
    made.insert("contentType".to_owned(), json!(media_type(one.part(2).as_deref(), one.part(3).as_deref())));
    // A file that does not decode is still told of: its kind and date, without content.
    made.extend(data.map(|data| ("data".to_owned(), json!(data))));
    let at = obx.field(14).code().and_then(|text| time::timestamp(&text));
    made.extend(at.map(|at| ("creation".to_owned(), json!(at.to_string()))));
    Some(Value::Object(made))
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// HL7 tables 0191 and 0291 as a media type, for those that a page can show.
fn media_type(kind: Option<&str>, subtype: Option<&str>) -> &'static str {
    let word = |text: Option<&str>| text.unwrap_or_default().to_ascii_uppercase();
    match (word(kind).as_str(), word(subtype).as_str()) {
        (_, "PDF") | ("PDF" | "APPLICATION/PDF", _) => "application/pdf",
        (_, "JPEG" | "JPG") => "image/jpeg",
        (_, "PNG") => "image/png",
        (_, "TIFF" | "TIF") => "image/tiff",
        (_, "RTF") => "application/rtf",
        (_, "HTML" | "HTM") => "text/html",
        (_, "XML") => "text/xml",
        ("TEXT" | "TX" | "FT", _) => "text/plain",
        _ => "application/octet-stream",
    }
}
