//! The content of a document: its text as one file, and each embedded file as another.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::domain::{files, groups::Group, value};

/// `None` where the message has no content.
pub fn of(group: &Group<'_>, name: &str) -> Option<Value> {
    let lines = group.all("OBX").filter(|obx| !files::is_file(*obx));
    let lines: Vec<String> = lines.map(|obx| value::as_text(obx).unwrap_or_default()).collect();
    let text = lines.join("\n");
    let mut contents = vec![];
    if !text.trim().is_empty() {
        let data = STANDARD.encode(text);
        contents.push(json!({ "contentType": "text/plain; charset=utf-8", "data": data, "title": name }));
    }
    contents.extend(files::attachments(group.all("OBX"), Some(name)));
    let contents: Vec<Value> = contents.into_iter().map(|one| json!({ "attachment": one })).collect();
    (!contents.is_empty()).then_some(Value::Array(contents))
}
