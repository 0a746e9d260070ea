//! HL7 v2 messages and their parts, for tests. All people in them are invented.

use jiff::Timestamp;

/// An ADT message of the hospital. `rest` has the segments after EVN.
pub fn adt(event: &str, control_id: &str, at: &str, rest: &[&str]) -> String {
    let head = format!("MSH|^~\\&|PAS|Z9H01|LCR|LCR|{at}||ADT^{event}|{control_id}|P|2.4\rEVN||{at}\r");
    head + &rest.join("\r")
}

/// A segment with these fields, by HL7 number.
pub fn segment(name: &str, fields: &[(usize, &str)]) -> String {
    let last = fields.iter().map(|(number, _)| *number).max().unwrap_or_default();
    let mut all = vec![""; last + 1];
    all[0] = name;
    for (number, value) in fields {
        all[*number] = value;
    }
    all.join("|")
}

/// An invented patient.
pub const PID: &str = "PID|1||47110815^^^Z9H01^MR~9990000018^^^NHS^NH||Ashdown^Ottilie^M^^Mrs^^L||19450714|2|||12 Millrace Lane^^Leeds^^LS1 4ZZ";

/// The code of an acknowledgement.
pub fn code(answer: &str) -> &str {
    let msa = answer.lines().find_map(|line| line.strip_prefix("MSA|")).unwrap_or_default();
    msa.get(..2).unwrap_or_default()
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
