//! Collects the figures in the order of measurement and writes them as JSON and Markdown. It must never change one.

use std::{fs, path::Path};

use serde_json::{Value, json};

#[derive(Default)]
pub struct Report(Vec<(String, f64, String, String)>);

impl Report {
    pub fn add(&mut self, name: &str, value: f64, unit: &str, note: &str) {
        println!("{name}: {value:.2} {unit} ({note})");
        self.0.push((name.to_owned(), value, unit.to_owned(), note.to_owned()));
    }

    /// Adds the ratio of two figures of this run.
    pub fn ratio(&mut self, name: &str, over: &str, under: &str, note: &str) {
        let find = |wanted: &str| self.0.iter().find(|(name, ..)| name == wanted).map(|(_, value, ..)| *value);
        if let (Some(over), Some(under)) = (find(over), find(under)) {
            self.add(name, over / under, "times", note);
        }
    }

    pub fn write(&self) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("target/bench");
        fs::create_dir_all(&folder).unwrap();
        let figures: Vec<Value> = self
            .0
            .iter()
            .map(|(name, value, unit, note)| json!({ "name": name, "value": value, "unit": unit, "note": note }))
            .collect();
        fs::write(folder.join("report.json"), serde_json::to_string_pretty(&figures).unwrap()).unwrap();
        let rows: Vec<String> =
            self.0.iter().map(|(name, value, unit, note)| format!("| {name} | {value:.2} {unit} | {note} |")).collect();
        let table = format!("# Bench\n\n| figure | value | note |\n|---|---|---|\n{}\n", rows.join("\n"));
        fs::write(folder.join("report.md"), table).unwrap();
        println!("written to target/bench/report.md");
    }
}
