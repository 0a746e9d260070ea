//! Reads comments (NTE): their lines in order, with the kind of comment. Must never drop a line inside a comment, not
//! even an empty one.

use lcr_hl7::Segment;
use serde_json::{Value, json};

/// The comments on one subject, in message order.
#[derive(Default)]
pub struct Notes<'m>(Vec<Segment<'m>>);

impl<'m> Notes<'m> {
    pub fn push(&mut self, note: Segment<'m>) {
        self.0.push(note);
    }

    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One text per run of comments of the same kind.
    fn texts(&self) -> Vec<String> {
        let mut runs: Vec<(Option<String>, Vec<String>)> = vec![];
        for note in self.0.iter().filter(|note| !note.field(3).is_deleted()) {
            let (kind, text) = (kind(*note), note.field(3).text().unwrap_or_default());
            match runs.last_mut() {
                Some((last, lines)) if *last == kind => lines.push(text),
                _ => runs.push((kind, vec![text])),
            }
        }
        let texts = runs.into_iter().map(|(kind, lines)| {
            let text = lines.join("\n");
            let text = text.trim_matches('\n');
            match kind {
                Some(kind) if !text.trim().is_empty() => format!("{kind}: {text}"),
                _ => text.to_owned(),
            }
        });
        texts.filter(|text| !text.trim().is_empty()).collect()
    }

    /// All comments as one text.
    pub fn text(&self) -> Option<String> {
        let texts = self.texts();
        (!texts.is_empty()).then(|| texts.join("\n"))
    }

    /// The comments as FHIR annotations.
    pub fn annotations(&self) -> Value {
        self.texts().into_iter().map(|text| json!({ "text": text })).collect()
    }
}

/// The name of the comment's kind (NTE-4). `None` for a plain remark.
fn kind(note: Segment<'_>) -> Option<String> {
    let kind = note.field(4).first()?;
    let words = match kind.component(1).unwrap_or_default().to_ascii_uppercase().as_str() {
        "RE" => return None,
        "PI" => "Instructions for the patient",
        "AI" => "Ancillary instructions",
        "GI" => "General instructions",
        "1R" => "Primary reason",
        "2R" => "Secondary reason",
        "GR" => "General reason",
        "DR" => "Duplicate or interaction reason",
        code => return Some(kind.component_text(2).unwrap_or_else(|| code.to_owned())),
    };
    Some(kind.component_text(2).unwrap_or_else(|| words.to_owned()))
}
