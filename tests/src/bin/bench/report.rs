//! Collects the figures in the order of measurement, writes them as JSON and Markdown, and then fails if one is over its
//! limit. It must never change one.

use std::{fs, path::Path};

use serde_json::{Value, json};

/// Name, value, unit and note.
type Figure = (String, f64, String, String);

#[derive(Default)]
pub struct Report {
    figures: Vec<Figure>,
    over_limit: Vec<String>,
}

impl Report {
    pub fn add(&mut self, name: &str, value: f64, unit: &str, note: &str) {
        println!("{name}: {value:.2} {unit} ({note})");
        self.figures.push((name.to_owned(), value, unit.to_owned(), note.to_owned()));
    }

    /// Adds the ratio of two figures of this run.
    pub fn ratio(&mut self, name: &str, over: &str, under: &str, note: &str) {
        if let (Some(over), Some(under)) = (self.find(over), self.find(under)) {
            self.add(name, over / under, "times", note);
        }
    }

    /// Fails the run, after the report is written, if the figure of this name is over `most`.
    pub fn limit(&mut self, name: &str, most: f64) {
        let value = self.find(name).expect("a figure of this run");
        if value > most {
            self.over_limit.push(format!("{name}: {value:.2}, limit {most}"));
        }
    }

    fn find(&self, wanted: &str) -> Option<f64> {
        self.figures.iter().find(|(name, ..)| name == wanted).map(|(_, value, ..)| *value)
    }

    pub fn write(&self) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("target/bench");
        fs::create_dir_all(&folder).unwrap();
        let figures: Vec<Value> = self
            .figures
            .iter()
            .map(|(name, value, unit, note)| json!({ "name": name, "value": value, "unit": unit, "note": note }))
            .collect();
        fs::write(folder.join("report.json"), serde_json::to_string_pretty(&figures).unwrap()).unwrap();
        let rows: Vec<String> = self
            .figures
            .iter()
            .map(|(name, value, unit, note)| format!("| {name} | {value:.2} {unit} | {note} |"))
            .collect();
        let table = format!("# Bench\n\n| figure | value | note |\n|---|---|---|\n{}\n", rows.join("\n"));
        fs::write(folder.join("report.md"), table).unwrap();
        println!("written to target/bench/report.md");
        assert!(self.over_limit.is_empty(), "over the limit: {}", self.over_limit.join("; "));
    }
}
