//! Files in OBX-5 (ED, RP) as FHIR attachments: chunks joined, decoded and encoded anew. A file that cannot be given
//! as what it is has no data, and a title that says why. Nothing is fetched.

mod decode;

use lcr_hl7::{Repetition, Segment, time};
use serde_json::{Map, Value, json};

use super::value;

pub const AVAILABILITY: &str = "http://terminology.hl7.org/CodeSystem/v2-0273";

/// Whether OBX-5 is a file or points to one.
pub fn is_file(obx: Segment<'_>) -> bool {
    matches!(value::kind(obx).as_str(), "ED" | "RP")
}

/// Whether a status (OBX-11) takes back what it is about: deleted, of another patient, not to be had.
pub fn is_withdrawn(status: Option<&str>) -> bool {
    matches!(status, Some("D" | "W" | "X"))
}

/// The status of an OBX.
pub fn status(obx: Segment<'_>) -> Option<String> {
    obx.field(11).code().map(|code| code.to_ascii_uppercase())
}

/// Whether an embedded file goes on in this OBX, rather than begins.
pub fn is_further_chunk(obx: Segment<'_>) -> bool {
    let Some(piece) = obx.field(5).first().filter(|_| value::kind(obx) == "ED") else { return false };
    let encoding = piece.part(4).map(|text| text.to_ascii_lowercase());
    let chunk = piece.part_words(5);
    chunk.is_some_and(|chunk| !decode::begins_a_file(encoding.as_deref(), &chunk))
}

/// An attachment in the place of a file or text that its sender took back.
pub fn withdrawn(what: &str) -> Value {
    json!({ "title": format!("The sender has withdrawn this {what}") })
}

/// `content` that says in words why there is none.
pub fn only_words(words: &str) -> Value {
    json!([{ "attachment": { "title": words } }])
}

/// One file, of one or more chunks.
struct File {
    /// OBX-3 and OBX-4: chunks of one file have the same.
    place: (Option<String>, Option<String>),
    source: Source,
    title: Option<String>,
    created: Option<String>,
    withdrawn: bool,
}

enum Source {
    /// ED: type, subtype, encoding, data.
    Embedded { kind: Option<String>, subtype: Option<String>, encoding: Option<String>, chunks: Vec<String> },
    /// RP.
    Elsewhere,
}

/// The files of these segments, each with whether it is withdrawn. `title` is theirs where there is one file, and else
/// what OBX-3 calls each.
pub fn attachments<'m>(
    segments: impl Iterator<Item = (Segment<'m>, bool)>,
    title: Option<&str>,
) -> Vec<Value> {
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
                Some(last) if last.goes_on_with(&next) => last.join(next),
                _ => files.push(next),
            }
        }
    }
    let title = title.filter(|_| files.len() == 1);
    files.iter().map(|file| file.attachment(title)).collect()
}

fn source(obx: Segment<'_>, piece: Repetition<'_>) -> Source {
    if value::kind(obx) == "RP" {
        return Source::Elsewhere;
    }
    Source::Embedded {
        kind: piece.part(2),
        subtype: piece.part(3),
        encoding: piece.part(4).map(|text| text.to_ascii_lowercase()),
        chunks: piece.part_words(5).into_iter().collect(),
    }
}

impl File {
    fn new(obx: Segment<'_>, source: Source, withdrawn: bool) -> Self {
        Self {
            withdrawn,
            place: (obx.field(3).words(), obx.field(4).words()),
            source,
            title: obx.field(3).first().and_then(super::r4::concept_words),
            created: obx.field(14).code().and_then(|text| time::timestamp(&text)).map(|at| at.to_string()),
        }
    }

    /// Whether `next` is a further chunk: same place, nothing that contradicts, and no beginning of a file.
    fn goes_on_with(&self, next: &Self) -> bool {
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
                    && !chunks.iter().any(|chunk| decode::begins_a_file(encoding.as_deref(), chunk))
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
            return withdrawn("file");
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

    /// Media type and base64, or why there are none.
    fn content(&self) -> Result<(String, String), &'static str> {
        let Source::Embedded { kind, subtype, encoding, chunks } = &self.source else {
            return Err("The file is kept at the sender and was not sent");
        };
        if chunks.is_empty() {
            return Err("The file was sent without content");
        }
        let encoding =
            encoding.as_deref().ok_or("The file was sent without its encoding and cannot be shown")?;
        let media_type = decode::media_type(kind.as_deref(), subtype.as_deref(), encoding)
            .ok_or("The file was sent without its type and cannot be shown")?;
        let bytes = decode::bytes(encoding, chunks)?;
        if !decode::may_be(&media_type, &bytes) {
            return Err("The file is not of the type that it was sent as and cannot be shown");
        }
        Ok((media_type, decode::base64(&bytes)))
    }
}
