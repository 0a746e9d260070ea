//! What a source pushed, put beside what it answers: the same item in both is shown once, as it was answered.

use std::{borrow::Borrow, collections::HashMap};

use jiff::Timestamp;
use lcr_fhir::Item;
use lcr_model::SourceId;

use super::{
    answer::{Ended, SourceAnswer, TypeAnswer},
    kind::Kind,
};

/// One pushed item: a report with its observations, a document, a referral, an appointment.
#[derive(Debug, Clone, PartialEq)]
pub struct Pushed {
    pub source: SourceId,
    /// The source's time of it, microseconds.
    pub version: i64,
    pub items: Vec<(Kind, Item)>,
}

/// The answers with what was pushed.
pub fn beside<A: Borrow<SourceAnswer>>(answers: &[A], pushed: &[Pushed]) -> Vec<SourceAnswer> {
    let mut all: Vec<SourceAnswer> = answers.iter().map(|one| one.borrow().clone()).collect();
    let mut seen: HashMap<(SourceId, Kind), HashMap<String, usize>> = HashMap::new();
    for one in pushed {
        let Some(answer) = all.iter_mut().find(|answer| answer.source == one.source) else { continue };
        let said_at = Timestamp::from_microsecond(one.version).unwrap_or(Timestamp::UNIX_EPOCH);
        for (kind, item) in &one.items {
            let Some(of_type) = answer.types.get_mut(kind) else { continue };
            // Answered or pushed already: the ids seen so far, so that many items cost no more than their number.
            let seen = seen.entry((one.source.clone(), *kind)).or_insert_with(|| places(&of_type.items));
            if let Some(place) = seen.get(item.id()) {
                replace_in_older_copy(of_type, *place, item, said_at);
                continue;
            }
            seen.insert(item.id().to_owned(), of_type.items.len());
            of_type.items.push(item.clone());
            of_type.ended = match of_type.ended {
                // A source that is never asked is as fresh as its newest message.
                Ended::NotOffered => Ended::Answered { at: said_at },
                Ended::Answered { at } if answer.only_pushes => Ended::Answered { at: at.max(said_at) },
                other => other,
            };
        }
    }
    all
}

/// What was pushed after a copy was made goes before what the copy says of the same item: it may withdraw it.
fn replace_in_older_copy(of_type: &mut TypeAnswer, place: usize, item: &Item, said_at: Timestamp) {
    let is_older = matches!(of_type.ended, Ended::Stale { as_of } if as_of < said_at);
    if let Some(held) = of_type.items.get_mut(place).filter(|_| is_older) {
        *held = item.clone();
    }
}

/// Where each item stands; of two with one id, the first.
fn places(items: &[Item]) -> HashMap<String, usize> {
    items.iter().enumerate().rev().map(|(place, item)| (item.id().to_owned(), place)).collect()
}
