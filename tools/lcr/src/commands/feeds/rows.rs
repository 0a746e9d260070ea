//! The rows that the messages of a test run lead to.

use std::{collections::BTreeMap, fmt};

use jiff::tz::TimeZone;
use lcr_contracts::{
    Moment, Precision,
    spell::{SpellEvent, SpellMessage, Told},
};
use lcr_model::SpellId;

/// One stay, as its messages leave it. It says what was told last, field by field: the ward's own rules for cancels, edits
/// and messages told again are not applied.
#[derive(Default)]
pub struct Row {
    person: String,
    visit: Option<String>,
    last: Option<SpellEvent>,
    messages: usize,
    class: Option<String>,
    ward: Option<String>,
    bed: Option<String>,
    admitted: Option<Moment>,
    left: Option<Moment>,
    expected: Option<String>,
    further: BTreeMap<String, String>,
}

/// A row for each stay, in the order of their first message.
pub fn of(messages: Vec<(SpellId, SpellMessage)>) -> Vec<Row> {
    let mut order: Vec<SpellId> = vec![];
    let mut rows: BTreeMap<SpellId, Row> = BTreeMap::new();
    for (stay, message) in messages {
        if let Some(formerly) = &message.formerly
            && let Some(row) = rows.remove(formerly)
        {
            order.retain(|one| one != formerly);
            rows.entry(stay.clone()).or_insert(row);
        }
        if !order.contains(&stay) {
            order.push(stay.clone());
        }
        rows.entry(stay).or_default().tell(message);
    }
    order.iter().filter_map(|stay| rows.remove(stay)).collect()
}

impl Row {
    fn tell(&mut self, message: SpellMessage) {
        self.person = message.identity.local_id.0;
        self.visit = message.visit.or(self.visit.take());
        self.last = Some(message.event);
        self.messages += 1;
        put(&mut self.class, message.class);
        let place = message.place;
        put(&mut self.ward, place.clone().map(|place| place.ward_name.or(place.ward).unwrap_or_default()));
        put(&mut self.bed, place.map(|place| place.bed.unwrap_or_default()));
        put(&mut self.admitted, message.admitted);
        put(&mut self.left, message.discharged);
        match message.event {
            SpellEvent::Admit => drop(self.admitted.get_or_insert(message.happened)),
            SpellEvent::Discharge => drop(self.left.get_or_insert(message.happened)),
            SpellEvent::CancelDischarge => self.left = None,
            _ => {}
        }
        put(&mut self.expected, message.expected_discharge.map(|day| day.to_string()));
        for (key, told) in message.further {
            match told {
                Told::Set(value) => drop(self.further.insert(key, value)),
                Told::Deleted => drop(self.further.remove(&key)),
                Told::Unchanged => {}
            }
        }
    }
}

fn put<T>(held: &mut Option<T>, told: Told<T>) {
    match told {
        Told::Unchanged => {}
        Told::Deleted => *held = None,
        Told::Set(value) => *held = Some(value),
    }
}

/// As precisely as it was told, by London's clock.
fn in_london(at: Moment) -> String {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    let form = match at.precision {
        Precision::Day => "%Y-%m-%d",
        Precision::Hour => "%Y-%m-%d %H o'clock",
        Precision::Minute | Precision::Second => "%Y-%m-%d %H:%M",
    };
    at.at.to_zoned(zone).strftime(form).to_string()
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dash = |text: &Option<String>| text.clone().filter(|text| !text.is_empty()).unwrap_or("-".into());
        let time = |at: &Option<Moment>| at.map_or("-".to_owned(), in_london);
        write!(f, "person {}, visit {}: ", self.person, dash(&self.visit))?;
        write!(f, "class {}, ward {}, bed {}, ", dash(&self.class), dash(&self.ward), dash(&self.bed))?;
        write!(f, "admitted {}, left {}, ", time(&self.admitted), time(&self.left))?;
        write!(f, "expected to leave {}", dash(&self.expected))?;
        for (key, value) in &self.further {
            write!(f, ", {key} {value}")?;
        }
        let last = self.last.map(|event| format!("{event:?}"));
        let messages = if self.messages == 1 { "message" } else { "messages" };
        write!(f, "; {} {messages}, the last {}", self.messages, dash(&last))
    }
}
