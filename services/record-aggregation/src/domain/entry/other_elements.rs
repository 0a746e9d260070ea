//! Reads the elements of an item beyond its main fields: shown with a label, or named as left out. It never drops an
//! element silently. `elements.txt` decides on each element, and a test compares it with HL7's list.

mod rules;

use lcr_fhir::{display, read};
use serde_json::{Map, Value};

use rules::{RULES, Rule, Treatment};

/// How many lines and omitted names one item may add.
const MAX_LINES: usize = 60;

/// The other elements of an item.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct OtherElements {
    /// (label, value) in the source's order.
    pub more: Vec<(String, String)>,
    /// The names of elements that are not shown, each once.
    pub left_out: Vec<String>,
}

/// Reads one resource, which is `root` or is contained in it.
pub fn read_other_elements(root: &Value, resource: &Value) -> OtherElements {
    let mut other = OtherElements::default();
    if let (Some(block), Some(fields)) = (read::str_at(resource, "resourceType"), resource.as_object()) {
        other.read_block(root, block, fields);
        if read::str_at(resource, "text.status") == Some("additional") {
            other.leave_out("Prose beside the item");
        }
    }
    other
}

impl OtherElements {
    fn read_block(&mut self, root: &Value, block: &str, fields: &Map<String, Value>) {
        for (name, value) in fields.iter().filter(|(name, value)| has_content(value) && *name != "resourceType") {
            match (name.strip_prefix('_'), RULES.find(block, name)) {
                (Some(primitive), _) => self.check_primitive_extensions(primitive, value),
                _ if name == "extension" => self.read_extensions(root, value),
                (None, None) => self.leave_out(&element_label(name)),
                (None, Some(rule)) => self.read_element(root, rule, value),
            }
        }
    }

    fn read_element(&mut self, root: &Value, rule: Rule, value: &Value) {
        if let Some(block) = rule.parts {
            for part in parts(value) {
                self.read_block(root, block, part);
            }
            return;
        }
        match rule.treatment {
            Treatment::Shown | Treatment::Used | Treatment::Technical => {}
            Treatment::LeftOut(label) => self.leave_out(label),
            Treatment::More(label) => match value_text(root, value) {
                Some(words) => self.add_line(label.to_owned(), words),
                None => self.leave_out(label),
            },
        }
    }

    fn add_line(&mut self, label: String, words: String) {
        if self.more.len() < MAX_LINES {
            self.more.push((label, words));
        }
    }

    /// Shows extensions with a label from their URL. Those with parts of their own are left out.
    fn read_extensions(&mut self, root: &Value, extensions: &Value) {
        for extension in extensions.as_array().into_iter().flatten() {
            let label = extension_label(read::str_at(extension, "url").unwrap_or("Extension"));
            let value = extension
                .as_object()
                .and_then(|fields| fields.iter().find(|(name, _)| name.starts_with("value")).map(|(_, value)| value));
            match value.and_then(|value| display::any_value(root, value)) {
                Some(words) => self.add_line(label, words),
                None => self.leave_out(&label),
            }
        }
    }

    /// Leaves out the extensions of a primitive, except its original text and absent reason, which are read with it.
    fn check_primitive_extensions(&mut self, primitive: &str, value: &Value) {
        let all = parts(value).into_iter().filter_map(|one| one.get("extension").and_then(Value::as_array)).flatten();
        let is_read_elsewhere = |url: &str| url == display::ORIGINAL_TEXT || url.ends_with("data-absent-reason");
        let mut urls = all.filter_map(|one| read::str_at(one, "url"));
        if urls.any(|url| !is_read_elsewhere(url)) {
            self.leave_out(&format!("A remark on {}", element_label(primitive).to_lowercase()));
        }
    }

    fn leave_out(&mut self, label: &str) {
        if self.left_out.len() < MAX_LINES && !self.left_out.iter().any(|one| one == label) {
            self.left_out.push(label.to_owned());
        }
    }
}

/// Any value in words. A `Timing` has the same words as in dosages.
fn value_text(root: &Value, value: &Value) -> Option<String> {
    let is_timing = value.get("repeat").is_some() || value.get("event").is_some_and(Value::is_array);
    if is_timing { Some(super::timing::timing_text(value)) } else { display::any_value(root, value) }
}

fn parts(value: &Value) -> Vec<&Map<String, Value>> {
    match value {
        Value::Array(all) => all.iter().filter_map(Value::as_object).collect(),
        Value::Object(fields) => vec![fields],
        _ => vec![],
    }
}

fn has_content(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(all) => all.iter().any(has_content),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    }
}

/// `Extension-UKCore-BodySiteReference` → `Body site reference`.
fn extension_label(url: &str) -> String {
    let last = url.trim_end_matches('/').rsplit(['/', ':', '#']).next().unwrap_or(url);
    let last = last.trim_start_matches("Extension-").trim_start_matches("UKCore-");
    element_label(last.rsplit('-').next().filter(|name| name.len() > 3).unwrap_or(last))
}

/// `dispenseInterval` → `Dispense interval`.
fn element_label(name: &str) -> String {
    let mut words = String::new();
    for (at, letter) in name.chars().take(60).enumerate() {
        match letter {
            _ if at == 0 => words.extend(letter.to_uppercase()),
            '-' | '_' => words.push(' '),
            upper if upper.is_uppercase() && !words.ends_with(char::is_uppercase) => {
                words.push(' ');
                words.extend(upper.to_lowercase());
            }
            other => words.push(other),
        }
    }
    words
}

#[cfg(test)]
#[path = "other_elements_tests.rs"]
mod tests;
