//! An entry at a hospital desk, and the HL7 v2 message made from it.

use jiff::{Timestamp, tz::TimeZone};

/// A ward and a bed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bed {
    pub ward: &'static str,
    pub bed: u32,
}

/// One entry at a hospital desk.
#[derive(Debug, Clone)]
pub struct DeskEntry {
    /// When it was entered.
    pub entered_at: Timestamp,
    /// The trigger event, such as `A01`.
    pub event: &'static str,
    /// The patient's number.
    pub number: String,
    pub visit: String,
    /// PV1-44.
    pub admitted: Timestamp,
    /// EVN-6, if the desk recorded when it happened.
    pub occurred: Option<Timestamp>,
    pub place: Option<Bed>,
    pub prior: Option<Bed>,
    /// PV1-45 and PV1-37.
    pub left: Option<(Timestamp, &'static str)>,
    /// MRG-1.
    pub former_number: Option<String>,
    /// MRG-5.
    pub former_visit: Option<String>,
    pub class: &'static str,
}

/// The format of times and numbers in a message.
#[derive(Debug, Clone, Copy)]
pub struct MessageOptions {
    pub minutes_only: bool,
    pub days_only: bool,
    pub authority: bool,
    pub sequence: Option<u64>,
}

fn local(at: Timestamp, format: &str) -> String {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).strftime(format).to_string()
}

fn clock(at: Timestamp, minutes_only: bool) -> String {
    local(at, if minutes_only { "%Y%m%d%H%M" } else { "%Y%m%d%H%M%S" })
}

fn bed(bed: Option<&Bed>) -> String {
    bed.map_or_else(String::new, |bed| format!("{}^^{}^Z9H01A", bed.ward, bed.bed))
}

impl DeskEntry {
    /// Writes the message. `sent` is the time by the sender's clock.
    pub fn message(&self, control_id: &str, sent: Timestamp, options: MessageOptions) -> Vec<u8> {
        let sent = clock(sent, options.minutes_only);
        let sequence = options.sequence.map(|number| number.to_string()).unwrap_or_default();
        let event = self.event;
        let occurred = self.occurred.map(|at| clock(at, options.minutes_only)).unwrap_or_default();
        let header = format!("MSH|^~\\&|HILDAPAS|Z9H01|LCR|LCR|{sent}||ADT^{event}|{control_id}|P|2.4|{sequence}");
        let mut lines = vec![
            header.trim_end_matches('|').to_owned(),
            format!("EVN|{event}|{sent}||||{occurred}").trim_end_matches('|').to_owned(),
            format!("PID|1||{0}^^^Z9H01^MR||FAMILY{0}^Given||19500101|F", self.number),
        ];
        if self.former_number.is_some() || self.former_visit.is_some() {
            let number = self.former_number.as_ref().unwrap_or(&self.number);
            let visit = self.former_visit.as_deref().unwrap_or_default();
            let line = format!("MRG|{number}^^^Z9H01^MR||||{visit}");
            lines.push(line.trim_end_matches('|').to_owned());
        }
        if event != "A40" {
            lines.push(self.visit_line(options));
        }
        lines.push(String::new());
        lines.join("\r").into_bytes()
    }

    fn visit_line(&self, options: MessageOptions) -> String {
        let mut fields = vec![String::new(); 46];
        let mut put = |number: usize, text: String| {
            if let Some(field) = fields.get_mut(number) {
                *field = text;
            }
        };
        put(0, "PV1".into());
        put(1, "1".into());
        put(2, self.class.into());
        put(3, bed(self.place.as_ref()));
        put(6, bed(self.prior.as_ref()));
        put(19, format!("{}{}", self.visit, if options.authority { "^^^HILDAADM^VN" } else { "" }));
        put(44, clock(self.admitted, options.minutes_only));
        if let Some((left, to)) = self.left {
            put(37, to.into());
            put(45, if options.days_only { local(left, "%Y%m%d") } else { clock(left, options.minutes_only) });
        }
        fields.join("|").trim_end_matches('|').to_owned()
    }
}
