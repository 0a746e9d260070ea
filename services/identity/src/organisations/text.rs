//! The documents of the agreement as one organisation signs them, and their hash (S-69). What an organisation writes must never
//! become a heading or a placeholder of the text.

use std::collections::BTreeSet;

use lcr_contracts::partners::{
    agreement::{AgreementDocument, AgreementText},
    organisation::DataFlowSchedule,
};
use lcr_model::{Dataset, OdsCode};
use sha2::{Digest, Sha256};

use super::versions::{Template, Version};

/// The text where the organisation has not set its schedule.
const NOT_SET: &str = "not stated yet";

/// What begins a heading or an item of a list.
const MARKS: [char; 2] = ['#', '-'];
const MARKS_AND_SPACE: [char; 3] = ['#', '-', ' '];

/// What the documents say about one organisation.
#[derive(Debug, Clone, Copy)]
pub struct TextFacts<'a> {
    pub ods: &'a OdsCode,
    pub name: &'a str,
    pub schedule: Option<&'a DataFlowSchedule>,
}

pub fn render(version: &Version, facts: TextFacts<'_>) -> AgreementText {
    let documents: Vec<AgreementDocument> =
        version.templates.iter().map(|template| document(template, version, facts)).collect();
    let text_hash = hash(version.id, &documents);
    AgreementText { version: version.id.to_owned(), documents, text_hash }
}

fn document(template: &Template, version: &Version, facts: TextFacts<'_>) -> AgreementDocument {
    let mut blocks = blocks(template.text).into_iter();
    let first = blocks.next().unwrap_or_default();
    let title = first.strip_prefix("# ").unwrap_or(&first).to_owned();
    let paragraphs = blocks.flat_map(|block| fill(&block, version, facts)).collect();
    AgreementDocument { name: template.name.to_owned(), title, paragraphs }
}

/// The headings, list items and paragraphs of a template, each on one line.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut continues = false;
    for line in text.lines().map(str::trim) {
        let is_own = line.starts_with("# ") || line.starts_with("- ");
        let joins = continues && !is_own && !line.is_empty();
        if let (true, Some(block)) = (joins, blocks.last_mut()) {
            block.push(' ');
            block.push_str(line);
        } else if !line.is_empty() {
            blocks.push(line.to_owned());
        }
        continues = !line.is_empty() && !line.starts_with("# ");
    }
    blocks
}

/// A block with its placeholders filled in. A list of datasets becomes one item for each.
fn fill(block: &str, version: &Version, facts: TextFacts<'_>) -> Vec<String> {
    match block {
        "{{gives}}" => dataset_items(facts.schedule.map(|schedule| &schedule.gives)),
        "{{receives}}" => dataset_items(facts.schedule.map(|schedule| &schedule.receives)),
        _ if block.starts_with(MARKS) => vec![replace(block, version, facts)],
        // A value at the beginning must not make it a heading or an item.
        _ => vec![replace(block, version, facts).trim_start_matches(MARKS_AND_SPACE).to_owned()],
    }
}

fn dataset_items(datasets: Option<&BTreeSet<Dataset>>) -> Vec<String> {
    match datasets {
        None => vec![format!("- {NOT_SET}")],
        Some(none) if none.is_empty() => vec!["- nothing".to_owned()],
        Some(datasets) => datasets.iter().map(|dataset| format!("- {}", dataset.title())).collect(),
    }
}

/// Replaces each placeholder once, from left to right, so that a value is never read as a placeholder.
fn replace(block: &str, version: &Version, facts: TextFacts<'_>) -> String {
    let mut text = String::with_capacity(block.len());
    let mut rest = block;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        text.push_str(before);
        text.push_str(&value(name, version, facts));
        rest = after;
    }
    text.push_str(rest);
    text
}

/// The value of a placeholder, on one line.
fn value(placeholder: &str, version: &Version, facts: TextFacts<'_>) -> String {
    let value = match placeholder {
        "organisation" => facts.name.to_owned(),
        "ods" => facts.ods.to_string(),
        "version" => version.id.to_owned(),
        "date" => version.date.strftime("%-d %B %Y").to_string(),
        "lawful_basis" => facts.schedule.map_or(NOT_SET, |schedule| schedule.lawful_basis.as_str()).to_owned(),
        "retention" => facts.schedule.map_or(NOT_SET, |schedule| schedule.retention.as_str()).to_owned(),
        // A test reads every published template, so no other placeholder is ever left.
        other => format!("{{{{{other}}}}}"),
    };
    value.replace(char::is_control, " ")
}

/// SHA-256 of the version and of every line of the documents, each line ended by a line feed, in hexadecimal digits.
fn hash(version: &str, documents: &[AgreementDocument]) -> String {
    let mut hash = Sha256::new();
    let mut add = |line: &str| {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    };
    add(version);
    for document in documents {
        add(&document.name);
        add(&document.title);
        document.paragraphs.iter().for_each(|paragraph| add(paragraph));
        add("");
    }
    let digest: [u8; 32] = hash.finalize().into();
    base16ct::lower::encode_string(&digest)
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
