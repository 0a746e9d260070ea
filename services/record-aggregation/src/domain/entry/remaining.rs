//! What an item says beyond its main fields: listed with a label, or named as left out. No element is dropped in silence;
//! `elements.txt` decides on each, and a test compares it with HL7's list.

use std::{collections::HashMap, sync::LazyLock};

use lcr_fhir::{read, words};
use serde_json::{Map, Value};

/// What becomes of each element.
static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::read(include_str!("../elements.txt")));

/// The most lines one item may add.
const MOST: usize = 60;

/// The rest of an item.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Remaining {
    /// (label, value) in the source's order.
    pub more: Vec<(String, String)>,
    /// Names of what is not shown, each once.
    pub left_out: Vec<String>,
}

/// How an element is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Treatment {
    Shown,
    Used,
    More(&'static str),
    LeftOut(&'static str),
    Technical,
}

#[derive(Debug, Clone, Copy)]
struct Rule {
    treatment: Treatment,
    /// The block that treats its parts.
    parts: Option<&'static str>,
}

struct Rules(HashMap<&'static str, HashMap<&'static str, Rule>>);

impl Rules {
    fn read(table: &'static str) -> Self {
        let (mut rules, mut block): (HashMap<&str, HashMap<&str, Rule>>, &str) = (HashMap::new(), "");
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            match line.strip_prefix("  ").and_then(|line| line.split_once(' ')) {
                Some((name, rule)) => {
                    rules.entry(block).or_default().insert(name, Rule::read(rule));
                }
                None => block = line,
            }
        }
        Self(rules)
    }

    /// The rule for an element as JSON names it: its own, that of the choice it is one of, or that of every type.
    fn of(&self, block: &str, name: &str) -> Option<Rule> {
        let own = self.0.get(block);
        let exact = own.and_then(|rules| rules.get(name));
        let choice = || {
            let chosen = |choice: &str| {
                let base = choice.strip_suffix("[x]")?;
                name.strip_prefix(base).filter(|of| of.starts_with(char::is_uppercase))
            };
            own?.iter().find(|(choice, _)| chosen(choice).is_some()).map(|(_, rule)| rule)
        };
        exact.or_else(choice).or_else(|| self.0.get("*")?.get(name)).copied()
    }
}

impl Rule {
    fn read(line: &'static str) -> Self {
        let (line, parts) = match line.split_once(" > ") {
            Some((line, parts)) => (line, Some(parts)),
            None => (line, None),
        };
        let (word, label) = line.split_once(' ').unwrap_or((line, ""));
        let treatment = match word {
            "shown" => Treatment::Shown,
            "more" => Treatment::More(label),
            "left-out" => Treatment::LeftOut(label),
            "technical" => Treatment::Technical,
            _ => Treatment::Used,
        };
        Self { treatment, parts }
    }
}

/// The rest of one resource, which is `root` or is contained in it.
pub fn remaining(root: &Value, resource: &Value) -> Remaining {
    let mut rest = Remaining::default();
    if let (Some(block), Some(fields)) = (read::str_at(resource, "resourceType"), resource.as_object()) {
        rest.walk(root, block, fields);
        if read::str_at(resource, "text.status") == Some("additional") {
            rest.leave_out("Prose beside the item");
        }
    }
    rest
}

impl Remaining {
    fn walk(&mut self, root: &Value, block: &str, fields: &Map<String, Value>) {
        for (name, value) in
            fields.iter().filter(|(name, value)| says_something(value) && *name != "resourceType")
        {
            match (name.strip_prefix('_'), RULES.of(block, name)) {
                (Some(primitive), _) => self.beside(primitive, value),
                _ if name == "extension" => self.extensions(root, value),
                (None, None) => self.leave_out(&spaced(name)),
                (None, Some(rule)) => self.element(root, rule, value),
            }
        }
    }

    fn element(&mut self, root: &Value, rule: Rule, value: &Value) {
        if let Some(block) = rule.parts {
            for part in parts(value) {
                self.walk(root, block, part);
            }
            return;
        }
        match rule.treatment {
            Treatment::Shown | Treatment::Used | Treatment::Technical => {}
            Treatment::LeftOut(label) => self.leave_out(label),
            Treatment::More(label) => match words_of(root, value) {
                Some(words) => self.add(label.to_owned(), words),
                None => self.leave_out(label),
            },
        }
    }

    fn add(&mut self, label: String, words: String) {
        if self.more.len() < MOST {
            self.more.push((label, words));
        }
    }

    /// Extensions are shown by the last part of their address; those with parts of their own are left out.
    fn extensions(&mut self, root: &Value, extensions: &Value) {
        for extension in extensions.as_array().into_iter().flatten() {
            let label = label_of(read::str_at(extension, "url").unwrap_or("Extension"));
            let value = extension.as_object().and_then(|fields| {
                fields.iter().find(|(name, _)| name.starts_with("value")).map(|(_, value)| value)
            });
            match value.and_then(|value| words::any(root, value)) {
                Some(words) => self.add(label, words),
                None => self.leave_out(&label),
            }
        }
    }

    /// What stands beside a primitive: its original text and the reason for its absence are read with it.
    fn beside(&mut self, primitive: &str, value: &Value) {
        let all = parts(value)
            .into_iter()
            .filter_map(|one| one.get("extension").and_then(Value::as_array))
            .flatten();
        let read_with_it = |url: &str| url == words::ORIGINAL_TEXT || url.ends_with("data-absent-reason");
        let mut urls = all.filter_map(|one| read::str_at(one, "url"));
        if urls.any(|url| !read_with_it(url)) {
            self.leave_out(&format!("A remark on {}", spaced(primitive).to_lowercase()));
        }
    }

    fn leave_out(&mut self, label: &str) {
        if self.left_out.len() < MOST && !self.left_out.iter().any(|one| one == label) {
            self.left_out.push(label.to_owned());
        }
    }
}

/// Any value in words; a `Timing` as the dosages are.
fn words_of(root: &Value, value: &Value) -> Option<String> {
    let is_timing = value.get("repeat").is_some() || value.get("event").is_some_and(Value::is_array);
    if is_timing { Some(super::timing::words(value)) } else { words::any(root, value) }
}

fn parts(value: &Value) -> Vec<&Map<String, Value>> {
    match value {
        Value::Array(all) => all.iter().filter_map(Value::as_object).collect(),
        Value::Object(fields) => vec![fields],
        _ => vec![],
    }
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(all) => all.iter().any(says_something),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    }
}

/// `Extension-UKCore-BodySiteReference` → `Body site reference`.
fn label_of(url: &str) -> String {
    let last = url.trim_end_matches('/').rsplit(['/', ':', '#']).next().unwrap_or(url);
    let last = last.trim_start_matches("Extension-").trim_start_matches("UKCore-");
    spaced(last.rsplit('-').next().filter(|name| name.len() > 3).unwrap_or(last))
}

/// `dispenseInterval` → `Dispense interval`.
fn spaced(name: &str) -> String {
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
#[path = "remaining_tests.rs"]
mod tests;
