//! However a sequence of messages is cut into sets, it must end in the same tables and in the same events in the same order
//! as if each message had been stored alone.

use lcr_contracts::{
    events::{CloudEvent, Stream},
    registry::System,
};
use lcr_model::SourceId;
use proptest::{prelude::*, sample::Index};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::Value;

use super::scene::{hospital, incoming_from};
use super::*;
use crate::{
    domain::testing::text,
    store::{last_known, message::entity},
};

const SYSTEMS: [&str; 2] = ["st-hildas", "wharfe-valley"];
const NUMBERS: [&str; 3] = ["4711", "4712", "4713"];
/// The PID of each person: with an NHS number, and later without one.
const PEOPLE: [[&str; 2]; 3] = [
    [ASHDOWN, "PID|1||4711^^^Z9H01^MR||Cole^Ottilie"],
    [BELL, "PID|1||4712^^^Z9H01^MR||Bell^Wilfred||19510302|M"],
    ["PID|1||4713^^^Z9H01^MR||Dale^Rosa||19600101|F", "PID|1||4713^^^Z9H01^MR|||||M"],
];
/// The last message about a visit does not name it.
const VISITS: [&str; 3] = ["V1", "V2", ""];
/// A40 joins two people, and waits if both have NHS numbers. A42 gives a visit another number. A99 always waits.
const KINDS: [&str; 10] =
    ["ADT^A01", "ADT^A02", "ADT^A03", "ADT^A08", "ADT^A11", "ADT^A13", "ADT^A31", "ADT^A40", "ADT^A42", "ADT^A99"];
const MAX_STEPS: usize = 12;

/// What a message says, as positions in the lists above.
#[derive(Debug, Clone, Copy)]
struct Content {
    system: usize,
    kind: usize,
    control_id: usize,
    person: usize,
    details: usize,
    visit: usize,
    minute: usize,
}

#[derive(Debug, Clone)]
enum Step {
    Message(Content),
    /// An earlier message comes again, with the same bytes from the same system.
    Repeated(Index),
}

impl Content {
    fn bytes(self) -> String {
        let Self { kind, person, visit, .. } = self;
        let mut segments = vec![PEOPLE[person][self.details].to_owned()];
        match KINDS[kind] {
            "ADT^A31" => {}
            "ADT^A40" => segments.push(format!("MRG|{}^^^Z9H01^MR", NUMBERS[(person + 1) % 3])),
            "ADT^A42" => {
                segments.push(format!("MRG|{}^^^Z9H01^MR||||{}", NUMBERS[person], VISITS[(visit + 1) % 3]));
                segments.push(pv1(VISITS[visit]));
            }
            _ => segments.push(pv1(VISITS[visit])),
        }
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let bytes = text(KINDS[kind], &segments).replace("|M1|", &format!("|C{}|", self.control_id));
        bytes.replace("20261120093000", &format!("202611200930{:02}", self.minute))
    }
}

fn content() -> impl Strategy<Value = Content> {
    // Few control ids, so that many are used again for other messages.
    let (names, about) = ((0..2usize, 0..KINDS.len(), 0..8usize), (0..3usize, 0..2usize, 0..3usize, 0..3usize));
    (names, about).prop_map(|((system, kind, control_id), (person, details, visit, minute))| Content {
        system,
        kind,
        control_id,
        person,
        details,
        visit,
        minute,
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![4 => content().prop_map(Step::Message), 1 => any::<Index>().prop_map(Step::Repeated)]
}

/// The messages of the steps, as they are handed over.
fn messages(steps: &[Step]) -> Vec<Arc<IncomingMessage>> {
    let mut sent: Vec<(usize, String)> = vec![];
    for step in steps {
        match step {
            Step::Message(content) => sent.push((content.system, content.bytes())),
            Step::Repeated(earlier) if !sent.is_empty() => sent.push(earlier.get(&sent).clone()),
            Step::Repeated(_) => {}
        }
    }
    let handed_over = |(system, bytes): &(usize, String)| {
        let system = System { id: SourceId::new(SYSTEMS[*system]), ..hospital() };
        incoming_from(&system, bytes)
    };
    sent.iter().map(handed_over).collect()
}

/// Begins a new set with each message whose cut is true.
fn cut_into_sets(messages: &[Arc<IncomingMessage>], cuts: &[bool]) -> Vec<Vec<Arc<IncomingMessage>>> {
    let mut sets: Vec<Vec<Arc<IncomingMessage>>> = vec![];
    for (message, cut) in messages.iter().zip(cuts) {
        match sets.last_mut() {
            Some(set) if !cut => set.push(message.clone()),
            _ => sets.push(vec![message.clone()]),
        }
    }
    sets
}

/// All that feeds stores and publishes, unsealed. The ids and the times of the events are left out.
#[derive(Debug, PartialEq)]
struct FinalState {
    outcomes: Vec<StoreOutcome>,
    /// The status and the number of events of each message. They are in `messages` too, which do not print.
    statuses: Vec<(String, i32)>,
    messages: Vec<Row>,
    /// Id, version and content.
    last_known: Vec<(String, i64, Option<String>)>,
    /// Type, key, version and body.
    events: Vec<(String, String, i64, Value)>,
}

/// Stores the messages in an empty store, cut into sets.
async fn state_after(keys: &Arc<DataKeys>, messages: &[Arc<IncomingMessage>], cuts: &[bool]) -> FinalState {
    let scene = Scene::with_keys(keys.clone()).await;
    let mut outcomes = vec![];
    for set in cut_into_sets(messages, cuts) {
        outcomes.extend(scene.store(&set).await.unwrap());
    }
    let db = scene.store.read();
    let rows = entity::Entity::find().order_by_asc(entity::Column::Id).all(db).await.unwrap();
    let known = last_known::entity::Entity::find().order_by_asc(last_known::entity::Column::Id).all(db).await.unwrap();
    let events = scene.store.outbox().after(Stream::Feeds, 0, 1_000).await.unwrap();
    FinalState {
        outcomes,
        statuses: scene.rows().await,
        messages: rows.into_iter().map(|row| opened_message(keys, row)).collect(),
        last_known: known.into_iter().map(|row| opened_row(keys, row)).collect(),
        events: events.into_iter().map(|row| opened_event(keys, row.event)).collect(),
    }
}

fn opened_message(keys: &DataKeys, row: Row) -> Row {
    let about = row.about.as_ref().map(|sealed| opened(keys, &[format!("feeds/about/{}", row.id)], sealed));
    Row { about, ..row }
}

fn opened_row(keys: &DataKeys, row: last_known::Row) -> (String, i64, Option<String>) {
    let places = ["people", "stays", "visits", "items", "care-links"].map(|place| format!("feeds/{place}/{}", row.id));
    let plain = row.sealed.map(|sealed| opened(keys, &places, &sealed));
    (row.id, row.version, plain)
}

fn opened_event(keys: &DataKeys, event: CloudEvent) -> (String, String, i64, Value) {
    let places = ["feeds/demographics", "feeds/encounter", "feeds/care-link"].map(str::to_owned);
    let mut body = event.data;
    let plain = body["sealed"].as_str().map(|sealed| opened(keys, &places, sealed));
    if let Some(plain) = plain {
        body["sealed"] = Value::String(plain);
    }
    (event.event_type, event.subject, event.lcrversion, body)
}

/// The plain text of a value that is sealed for one of these places.
fn opened(keys: &DataKeys, places: &[String], sealed: &str) -> String {
    let plain = places.iter().find_map(|place| keys.open(place, sealed).ok()).unwrap();
    String::from_utf8(plain).unwrap()
}

/// The states after storing each message alone, all as one set, and with these cuts.
fn three_states(steps: &[Step], cuts: &[bool]) -> [FinalState; 3] {
    let keys = Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap());
    // The same messages with the same ids go into each store.
    let messages = messages(steps);
    let (alone, together) = ([true; MAX_STEPS], [false; MAX_STEPS]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        [
            state_after(&keys, &messages, &alone).await,
            state_after(&keys, &messages, &together).await,
            state_after(&keys, &messages, cuts).await,
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn any_cut_into_sets_ends_as_the_messages_alone_would(
        steps in prop::collection::vec(step(), 1..=MAX_STEPS),
        cuts in prop::collection::vec(any::<bool>(), MAX_STEPS),
    ) {
        let [alone, together, cut] = three_states(&steps, &cuts);
        prop_assert_eq!(&together, &alone);
        prop_assert_eq!(&cut, &alone);
    }
}

/// The random steps could all be without effect. These are not.
#[test]
fn a_sequence_with_every_outcome_ends_the_same_in_one_set() {
    let base = Content { system: 0, kind: 0, control_id: 0, person: 0, details: 0, visit: 0, minute: 0 };
    let steps = [
        base,
        // The same bytes from the same system, and from another.
        base,
        Content { system: 1, ..base },
        // The control id of the first message again, for a transfer with another name.
        Content { kind: 1, details: 1, minute: 1, ..base },
        Content { kind: 6, control_id: 1, person: 1, ..base },
        // Would join two NHS numbers.
        Content { kind: 7, control_id: 2, minute: 1, ..base },
        Content { kind: 2, control_id: 3, visit: 2, minute: 2, ..base },
    ]
    .map(Step::Message);
    let [alone, together, cut] = three_states(&steps, &[true, false, false, true, false, false, true]);
    let statuses: Vec<&str> = alone.statuses.iter().map(|(status, _)| status.as_str()).collect();
    let accepted = "accepted";
    assert_eq!(statuses, [accepted, "duplicate", accepted, accepted, accepted, "dead-letter", accepted]);
    assert!(alone.messages.iter().any(|row| row.about.is_some()), "its people are marked");
    assert_eq!(together, alone);
    assert_eq!(cut, alone);
}
