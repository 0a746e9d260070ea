//! The content of a document: its text as one file, and each embedded file as another. What its sender took back is
//! never part of it.

use std::collections::{HashMap, HashSet};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lcr_hl7::Segment;
use serde_json::{Value, json};

use crate::domain::{files, groups::Group, r4, value};

/// What the OBX of a document say.
pub struct Content {
    /// `None` where the message has no content.
    pub content: Option<Value>,
    /// OBX-13.
    pub labels: Vec<Value>,
}

pub fn of(group: &Group<'_>, name: &str) -> Content {
    let all: Vec<Segment<'_>> = group.all("OBX").collect();
    let states = states(&all);
    let with_state = || all.iter().copied().zip(states.iter().copied());
    let texts = || with_state().filter(|(obx, _)| !files::is_file(*obx));
    let lines = texts().filter(|(_, state)| *state == State::Stands);
    let lines: Vec<String> = lines.map(|(obx, _)| value::as_text(obx).unwrap_or_default()).collect();
    let text = lines.join("\n");
    let has_text = !text.trim().is_empty();
    let mut contents = vec![];
    if has_text {
        let data = STANDARD.encode(text);
        contents.push(json!({ "contentType": "text/plain; charset=utf-8", "data": data, "title": name }));
    }
    if texts().any(|(_, state)| state == State::Withdrawn) {
        contents.push(files::withdrawn(if has_text { "part of the text" } else { "text" }));
    }
    let of_files = with_state().filter(|(_, state)| *state != State::SaysSo);
    let of_files = of_files.map(|(obx, state)| (obx, state == State::Withdrawn));
    contents.extend(files::attachments(of_files, Some(name)));
    let contents: Vec<Value> = contents.into_iter().map(|one| json!({ "attachment": one })).collect();
    Content { content: (!contents.is_empty()).then_some(Value::Array(contents)), labels: labels(&all) }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Stands,
    Withdrawn,
    /// It only says that an OBX before it is withdrawn.
    SaysSo,
}

/// An OBX with status D, W or X is withdrawn, and with it what was sent under its OBX-3 and -4 before. A line of text
/// takes back the same line alone, since all lines of a letter may have the same OBX-3 and -4.
fn states(all: &[Segment<'_>]) -> Vec<State> {
    let mut states = Vec::with_capacity(all.len());
    let mut by_place: HashMap<_, Vec<usize>> = HashMap::new();
    let mut by_line: HashMap<_, Vec<usize>> = HashMap::new();
    for (at, obx) in all.iter().enumerate() {
        let place = (obx.field(3).words(), obx.field(4).words());
        let is_sent = value::is_sent(obx.field(5));
        let text = if is_sent && !files::is_file(*obx) { value::as_text(*obx) } else { None };
        let line = text.map(|text| (place.clone(), text));
        if !files::is_withdrawn(files::status(*obx).as_deref()) {
            states.push(State::Stands);
            by_place.entry(place).or_default().push(at);
            if let Some(line) = line {
                by_line.entry(line).or_default().push(at);
            }
            continue;
        }
        let before = line.map_or_else(|| by_place.remove(&place), |line| by_line.remove(&line));
        states.push(if before.is_some() && !is_sent { State::SaysSo } else { State::Withdrawn });
        for at in before.into_iter().flatten() {
            if let Some(state) = states.get_mut(at) {
                *state = State::Withdrawn;
            }
        }
    }
    states
}

/// Marks of the sender's own on who may look, each once.
fn labels(all: &[Segment<'_>]) -> Vec<Value> {
    let mut seen = HashSet::new();
    let marks = all.iter().filter_map(|obx| r4::marks(obx.field(13)));
    let labels = marks.flat_map(|mut marks| r4::into_list(marks["security"].take()));
    labels.filter(|label| seen.insert(label.to_string())).collect()
}
