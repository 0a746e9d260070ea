//! The identifiers of patients that must appear nowhere.

use lcr_tests::record_json;
use serde_json::Value;

/// Names, numbers, dates, addresses and ids of everybody who is viewed or searched for.
#[derive(Default)]
pub struct PatientIdentifiers {
    pub(super) words: Vec<String>,
    pub(super) ids: Vec<String>,
}

impl PatientIdentifiers {
    fn add(&mut self, word: &str) {
        // Short words are part of too many others.
        if word.len() > 3 {
            self.words.push(word.to_lowercase());
        }
    }

    pub(super) fn add_member(&mut self, member: &lcr_city::CastMember) {
        self.add(&member.family);
        self.add(&member.given);
        self.add_date(&member.birth_date);
        if let Some(number) = &member.nhs_number {
            self.add(number);
            self.add(&format!("{} {} {}", &number[..3], &number[3..6], &number[6..]));
        }
    }

    /// Adds a date in all its formats.
    fn add_date(&mut self, iso: &str) {
        let date: jiff::civil::Date = iso.parse().unwrap();
        for form in ["%Y-%m-%d", "%d-%b-%Y", "%d/%m/%Y", "%Y%m%d", "%d %B %Y"] {
            self.add(&date.strftime(form).to_string());
        }
    }

    /// Adds the names and numbers in the PID segments of a message.
    pub(super) fn add_message(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes).into_owned();
        for segment in text.split('\r').filter(|segment| segment.starts_with("PID|")) {
            let fields: Vec<&str> = segment.split('|').collect();
            for id in fields.get(3).unwrap_or(&"").split('~') {
                self.add(id.split('^').next().unwrap_or_default());
            }
            // One name may be a street's or a ward's; both names together are a person's.
            let mut name = fields.get(5).unwrap_or(&"").split('^');
            let (family, given) = (name.next().unwrap_or_default(), name.next().unwrap_or_default());
            self.add(&format!("{family}^{given}"));
            self.add(&format!("{given} {family}"));
            self.add(&format!("{family}, {given}"));
        }
    }

    /// Adds the address in a record.
    pub(super) fn add_address(&mut self, record: &Value) {
        for entry in record_json::entries(record, "demographics") {
            let text = |name: &str| entry["detail"][name].as_str().or(entry["detail"]["Demographics"][name].as_str());
            for part in text("address").unwrap_or_default().split(',') {
                self.add(part.trim());
            }
        }
    }
}

impl PatientIdentifiers {
    /// Checks that neither logs nor metrics contain any of the identifiers.
    pub fn assert_absent(&self, logs: &str, metrics: &str) {
        assert!(self.words.iter().any(|word| word.contains("elm road")), "addresses are searched for");
        let (log_lines, metric_lines) = (logs.lines().count(), metrics.lines().count());
        println!("{log_lines} lines of log, {metric_lines} of metrics, {} words", self.words.len());
        assert!(log_lines > 100, "the log was verbose");
        assert_eq!(lines_with(logs, &self.words), Vec::<String>::new(), "the log identifies a person");
        assert_eq!(lines_with(metrics, &self.words), Vec::<String>::new(), "the metrics identify a person");
        assert_eq!(lines_with(metrics, &self.ids), Vec::<String>::new(), "a label holds a person's id");
        assert_eq!(lines_with(logs, &self.ids), Vec::<String>::new(), "the log holds a person's id");
    }
}

/// The first lines that contain one of the words.
fn lines_with(text: &str, words: &[String]) -> Vec<String> {
    let lower = text.to_lowercase();
    let lines = lower.lines().filter(|line| words.iter().any(|word| contains_word(line, word)));
    lines.map(str::to_owned).take(10).collect()
}

/// Whether a line contains the word by itself, not as part of another.
fn contains_word(line: &str, word: &str) -> bool {
    let plain = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    line.match_indices(word)
        .any(|(at, _)| plain(line[..at].chars().next_back()) && plain(line[at + word.len()..].chars().next()))
}
