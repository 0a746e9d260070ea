//! Converts files in OBX-5 (ED, RP) to FHIR attachments: joins, decodes and re-encodes their chunks. A file that cannot
//! be shown gets a title with the reason instead of data. This code must never fetch a file.

mod decode;

use lcr_hl7::{Repetition, Segment, time};
use serde_json::{Map, Value, json};

use super::hl7_values;

pub const AVAILABILITY: &str = "http://terminology.hl7.org/CodeSystem/v2-0273";

/// Whether OBX-5 is a file or a pointer to one.
pub fn is_file(obx: Segment<'_>) -> bool {
    matches!(hl7_values::value_type(obx).as_str(), "ED" | "RP")
}

/// Whether a status (OBX-11) withdraws its OBX: deleted, wrong or not obtainable.
pub fn is_withdrawn(status: Option<&str>) -> bool {
    matches!(status, Some("D" | "W" | "X"))
}

/// The status of an OBX (OBX-11).
pub fn status(obx: Segment<'_>) -> Option<String> {
    obx.field(11).code().map(|code| code.to_ascii_uppercase())
}

/// Whether this OBX continues an embedded file instead of starting one.
pub fn is_further_chunk(obx: Segment<'_>) -> bool {
    let Some(piece) = obx.field(5).first().filter(|_| hl7_values::value_type(obx) == "ED") else {
        return false;
    };
    let encoding = piece.component(4).map(|text| text.to_ascii_lowercase());
    let chunk = piece.component_text(5);
    chunk.is_some_and(|chunk| !decode::starts_file(encoding.as_deref(), &chunk))
}

/// The attachment that replaces a withdrawn file or text.
pub fn withdrawn_attachment(what: &str) -> Value {
    json!({ "title": format!("The sender has withdrawn this {what}") })
}

/// A `content` without data, whose title says why.
pub fn title_only(words: &str) -> Value {
    json!([{ "attachment": { "title": words } }])
}

/// One file of one or more chunks.
struct File {
    /// OBX-3 and OBX-4, which are equal for all chunks of a file.
    place: (Option<String>, Option<String>),
    source: Source,
    title: Option<String>,
    created: Option<String>,
    withdrawn: bool,
}

enum Source {
    /// The file is in the message (ED): type, subtype, encoding and data.
    Embedded { kind: Option<String>, subtype: Option<String>, encoding: Option<String>, chunks: Vec<String> },
    /// The file stays at the sender (RP).
    Pointer,
}

/// The files in these segments; the flag says whether a segment is withdrawn. `title` names a single file; several
/// files are named by OBX-3.
pub fn attachments<'m>(segments: impl Iterator<Item = (Segment<'m>, bool)>, title: Option<&str>) -> Vec<Value> {
    let mut files: Vec<File> = vec![];
    for (obx, withdrawn) in segments.filter(|(obx, _)| is_file(*obx)) {
        let pieces: Vec<Repetition<'m>> = obx.field(5).repetitions().collect();
        if pieces.is_empty() {
            files.push(File::new(
                obx,
                Source::Embedded { kind: None, subtype: None, encoding: None, chunks: vec![] },
                withdrawn,
            ));
        }
        for piece in pieces {
            let next = File::new(obx, source(obx, piece), withdrawn);
            match files.last_mut() {
                Some(last) if last.continues_with(&next) => last.join(next),
                _ => files.push(next),
            }
        }
    }
    let title = title.filter(|_| files.len() == 1);
    files.iter().map(|file| file.attachment(title)).collect()
}

fn source(obx: Segment<'_>, piece: Repetition<'_>) -> Source {
    if hl7_values::value_type(obx) == "RP" {
        return Source::Pointer;
    }
    Source::Embedded {
        kind: piece.component(2),
        subtype: piece.component(3),
        encoding: piece.component(4).map(|text| text.to_ascii_lowercase()),
        chunks: piece.component_text(5).into_iter().collect(),
    }
}

impl File {
    fn new(obx: Segment<'_>, source: Source, withdrawn: bool) -> Self {
        Self {
            withdrawn,
            place: (obx.field(3).first_text(), obx.field(4).first_text()),
            source,
            title: obx.field(3).first().and_then(super::fhir_json::concept_words),
            created: obx.field(14).code().and_then(|text| time::parse_timestamp(&text)).map(|at| at.to_string()),
        }
    }

    /// Whether `next` is a further chunk of this file: same test and type, and no start of another file.
    fn continues_with(&self, next: &Self) -> bool {
        let same = |one: &Option<String>, other: &Option<String>| other.is_none() || one == other;
        match (&self.source, &next.source) {
            (
                Source::Embedded { kind, subtype, encoding, .. },
                Source::Embedded { kind: kind2, subtype: subtype2, encoding: encoding2, chunks },
            ) => {
                self.place == next.place
                    && self.withdrawn == next.withdrawn
                    && same(kind, kind2)
                    && same(subtype, subtype2)
                    && same(encoding, encoding2)
                    && !chunks.iter().any(|chunk| decode::starts_file(encoding.as_deref(), chunk))
            }
            _ => false,
        }
    }

    fn join(&mut self, next: Self) {
        if let (Source::Embedded { chunks, .. }, Source::Embedded { chunks: more, .. }) =
            (&mut self.source, next.source)
        {
            chunks.extend(more);
        }
    }

    fn attachment(&self, title: Option<&str>) -> Value {
        if self.withdrawn {
            return withdrawn_attachment("file");
        }
        let mut made = Map::new();
        let title = title.map(str::to_owned).or_else(|| self.title.clone());
        match self.content() {
            Ok((media_type, data)) => {
                made.insert("contentType".to_owned(), json!(media_type));
                made.insert("data".to_owned(), json!(data));
                made.extend(title.map(|title| ("title".to_owned(), json!(title))));
            }
            Err(words) => {
                made.insert("title".to_owned(), json!(words));
            }
        }
        made.extend(self.created.as_ref().map(|at| ("creation".to_owned(), json!(at))));
        Value::Object(made)
    }

    /// The media type and base64 data, or the reason why the file cannot be shown.
    fn content(&self) -> Result<(String, String), &'static str> {
        let Source::Embedded { kind, subtype, encoding, chunks } = &self.source else {
            return Err("The file is kept at the sender and was not sent");
        };
        if chunks.is_empty() {
            return Err("The file was sent without content");
        }
        let encoding = encoding.as_deref().ok_or("The file was sent without its encoding and cannot be shown")?;
        let media_type = decode::media_type(kind.as_deref(), subtype.as_deref(), encoding)
            .ok_or("The file was sent without its type and cannot be shown")?;
        let bytes = decode::bytes(encoding, chunks)?;
        if !decode::matches_type(&media_type, &bytes) {
            return Err("The file is not of the type that it was sent as and cannot be shown");
        }
        Ok((media_type, decode::base64(&bytes)))
    }
}
