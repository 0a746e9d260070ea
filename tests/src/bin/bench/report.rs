//! Collects the figures in the order of measurement, writes them as JSON and Markdown, and then fails if one is over its
//! limit. It must never change one.

use std::{fs, path::Path};

use serde_json::{Value, json};

const EXPLANATION: &str = "A figure with \"least – most\" is the median of five rounds of this run; of other figures the \
    note says how often they were measured, if more than once. A ratio is of two figures of this run, so that it can be \
    compared with that of another machine; its note says what it compares, and its aim.";

/// A figure of this run.
struct Figure {
    name: String,
    value: f64,
    /// The least and the most of several rounds.
    spread: Option<(f64, f64)>,
    unit: String,
    note: String,
}

#[derive(Default)]
pub struct Report {
    figures: Vec<Figure>,
    over_limit: Vec<String>,
}

impl Report {
    pub fn add(&mut self, name: &str, value: f64, unit: &str, note: &str) {
        println!("{name}: {value:.2} {unit} ({note})");
        self.push(name, value, None, (unit, note));
    }

    /// Adds the median of several rounds, with the least and the most of them.
    pub fn add_rounds(&mut self, name: &str, values: &[f64], unit: &str, note: &str) {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (Some(least), Some(most)) = (sorted.first(), sorted.last()) else { return };
        let median = sorted[sorted.len() / 2];
        println!("{name}: {median:.2} {unit}, {least:.2} to {most:.2} ({note})");
        self.push(name, median, Some((*least, *most)), (unit, note));
    }

    fn push(&mut self, name: &str, value: f64, spread: Option<(f64, f64)>, (unit, note): (&str, &str)) {
        self.figures.push(Figure {
            name: name.to_owned(),
            value,
            spread,
            unit: unit.to_owned(),
            note: note.to_owned(),
        });
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
        self.figures.iter().find(|figure| figure.name == wanted).map(|figure| figure.value)
    }

    pub fn write(&self) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("target/bench");
        fs::create_dir_all(&folder).unwrap();
        let figures: Vec<Value> = self.figures.iter().map(Figure::to_json).collect();
        fs::write(folder.join("report.json"), serde_json::to_string_pretty(&figures).unwrap()).unwrap();
        let rows: Vec<String> = self.figures.iter().map(Figure::to_row).collect();
        let head = "| figure | value | least – most | note |\n|---|---|---|---|";
        let table = format!("# Bench\n\n{EXPLANATION}\n\n{head}\n{}\n", rows.join("\n"));
        fs::write(folder.join("report.md"), table).unwrap();
        println!("written to target/bench/report.md");
        assert!(self.over_limit.is_empty(), "over the limit: {}", self.over_limit.join("; "));
    }
}

impl Figure {
    fn to_json(&self) -> Value {
        let Self { name, value, spread, unit, note } = self;
        let mut figure = json!({ "name": name, "value": value, "unit": unit, "note": note });
        if let Some((least, most)) = spread {
            figure["min"] = json!(least);
            figure["max"] = json!(most);
        }
        figure
    }

    fn to_row(&self) -> String {
        let Self { name, value, spread, unit, note } = self;
        let spread = spread.map_or_else(String::new, |(least, most)| format!("{least:.2} – {most:.2}"));
        format!("| {name} | {value:.2} {unit} | {spread} | {note} |")
    }
}
