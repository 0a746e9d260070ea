//! Reads a document's content: its text as one attachment and each embedded file as another. It must never contain
//! withdrawn text or files.

use std::collections::{HashMap, HashSet};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lcr_hl7::Segment;
use serde_json::{Value, json};

use crate::domain::{fhir_json, files, hl7_values, segment_groups::SegmentGroup};

/// The content of a document's OBX segments.
pub struct Content {
    /// `None` if the message has no content.
    pub content: Option<Value>,
    /// The access labels (OBX-13).
    pub labels: Vec<Value>,
}

pub fn read(group: &SegmentGroup<'_>, name: &str) -> Content {
    let all: Vec<Segment<'_>> = group.all("OBX").collect();
    let states = obx_states(&all);
    let with_state = || all.iter().copied().zip(states.iter().copied());
    let texts = || with_state().filter(|(obx, _)| !files::is_file(*obx));
    let lines = texts().filter(|(_, state)| *state == ObxState::Current);
    let lines: Vec<String> = lines.map(|(obx, _)| hl7_values::as_text(obx).unwrap_or_default()).collect();
    let text = lines.join("\n");
    let has_text = !text.trim().is_empty();
    let mut contents = vec![];
    if has_text {
        let data = STANDARD.encode(text);
        contents.push(json!({ "contentType": "text/plain; charset=utf-8", "data": data, "title": name }));
    }
    if texts().any(|(_, state)| state == ObxState::Withdrawn) {
        contents.push(files::withdrawn_attachment(if has_text { "part of the text" } else { "text" }));
    }
    let of_files = with_state().filter(|(_, state)| *state != ObxState::WithdrawalNotice);
    let of_files = of_files.map(|(obx, state)| (obx, state == ObxState::Withdrawn));
    contents.extend(files::attachments(of_files, Some(name)));
    let contents: Vec<Value> = contents.into_iter().map(|one| json!({ "attachment": one })).collect();
    Content { content: (!contents.is_empty()).then_some(Value::Array(contents)), labels: labels(&all) }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ObxState {
    Current,
    Withdrawn,
    /// It only withdraws an earlier OBX.
    WithdrawalNotice,
}

/// An OBX with status D, W or X withdraws earlier OBX with the same OBX-3 and OBX-4. A text line withdraws only equal
/// lines, because all lines of a letter may have the same OBX-3 and OBX-4.
fn obx_states(all: &[Segment<'_>]) -> Vec<ObxState> {
    let mut states = Vec::with_capacity(all.len());
    let mut by_place: HashMap<_, Vec<usize>> = HashMap::new();
    let mut by_line: HashMap<_, Vec<usize>> = HashMap::new();
    for (at, obx) in all.iter().enumerate() {
        let place = (obx.field(3).first_text(), obx.field(4).first_text());
        let is_sent = hl7_values::has_value(obx.field(5));
        let text = if is_sent && !files::is_file(*obx) { hl7_values::as_text(*obx) } else { None };
        let line = text.map(|text| (place.clone(), text));
        if !files::is_withdrawn(files::status(*obx).as_deref()) {
            states.push(ObxState::Current);
            by_place.entry(place).or_default().push(at);
            if let Some(line) = line {
                by_line.entry(line).or_default().push(at);
            }
            continue;
        }
        let before = line.map_or_else(|| by_place.remove(&place), |line| by_line.remove(&line));
        states.push(if before.is_some() && !is_sent { ObxState::WithdrawalNotice } else { ObxState::Withdrawn });
        for at in before.into_iter().flatten() {
            if let Some(state) = states.get_mut(at) {
                *state = ObxState::Withdrawn;
            }
        }
    }
    states
}

/// The sender's access labels, without duplicates.
fn labels(all: &[Segment<'_>]) -> Vec<Value> {
    let mut seen = HashSet::new();
    let marks = all.iter().filter_map(|obx| fhir_json::access_labels(obx.field(13)));
    let labels = marks.flat_map(|mut marks| fhir_json::into_list(marks["security"].take()));
    labels.filter(|label| seen.insert(label.to_string())).collect()
}
