//! Three months of a trust's messages through mapping and fold. As in the service, each message folds its visit again.

use std::{collections::HashMap, time::Instant};

use lcr_city::simulated_hospital::{Habits, simulate};
use lcr_contracts::{
    registry::{Feed, System, SystemSetup},
    spell::SpellMessage,
};
use lcr_feeds::DryRun;
use lcr_model::{OdsCode, SourceId, SpellId};
use lcr_virtual_ward::preview;

use crate::report::Report;

const MESSAGES: usize = 300_000;

pub fn three_months(report: &mut Report) {
    let (mut read, mut folded, mut seed) = (0, 0, 0);
    let (mut mapping, mut folding) = (0.0, 0.0);
    while read < MESSAGES {
        let habits = Habits::of(u32::try_from(seed % 16_384).unwrap_or_default());
        let played = simulate(seed, habits, 200, 20, "2026-09-01T06:00:00Z".parse().unwrap());
        seed += 1;
        let mut run = DryRun::of(&hospital());
        let mut visits: HashMap<SpellId, Vec<(SpellId, SpellMessage)>> = HashMap::new();
        for delivery in &played.deliveries {
            let started = Instant::now();
            let stays: Vec<_> =
                run.add_file(&delivery.bytes, delivery.arrives).into_iter().flat_map(|tried| tried.stays).collect();
            mapping += started.elapsed().as_secs_f64();
            read += 1;
            for (visit, message) in stays {
                let messages = visits.entry(visit.clone()).or_default();
                messages.push((visit, message));
                let copies = messages.clone();
                let started = Instant::now();
                folded += preview(copies, &[], &[], delivery.arrives).len();
                folding += started.elapsed().as_secs_f64();
            }
        }
    }
    let note = "aim: both together under 120 s";
    report.add("ward: mapping 300,000 messages", mapping, "s", note);
    report.add("ward: folding each one's visit again", folding, "s", note);
    report.add("ward: stays folded", folded as f64, "", "one for each message and stay of its visit");
}

fn hospital() -> System {
    System {
        id: SourceId::new("st-hildas"),
        name: "St Hilda's".to_owned(),
        organisation: OdsCode::new("Z9H01"),
        base_url: String::new(),
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: std::collections::BTreeMap::new(),
        rhythm: "real-time".to_owned(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: Some(Feed {
            senders: vec![("HILDAPAS".to_owned(), "Z9H01".to_owned())],
            profile: "default".to_owned(),
            ..Feed::default()
        }),
    }
}
