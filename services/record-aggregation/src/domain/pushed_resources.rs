//! Adds the resources that a source pushed to its answers. It never shows the same item twice.

use std::{borrow::Borrow, collections::HashMap};

use jiff::Timestamp;
use lcr_model::SourceId;

use super::{
    prepared_item::PreparedItem,
    resource_type::ResourceType,
    source_answer::{QueryOutcome, SourceAnswer, TypeAnswer},
};

/// The resources of one pushed item: a report with its observations, a document, a referral or an appointment.
#[derive(Debug, Clone, PartialEq)]
pub struct PushedResources {
    pub source: SourceId,
    /// The source's time of the item, in microseconds.
    pub version: i64,
    pub items: Vec<(ResourceType, PreparedItem)>,
}

/// Returns the answers with the pushed resources. An answered item wins over the same pushed item.
pub fn add_pushed<A: Borrow<SourceAnswer>>(answers: &[A], pushed: &[PushedResources]) -> Vec<SourceAnswer> {
    let mut all: Vec<SourceAnswer> = answers.iter().map(|one| one.borrow().clone()).collect();
    let mut seen: HashMap<(SourceId, ResourceType), HashMap<String, usize>> = HashMap::new();
    for push in pushed {
        let Some(answer) = all.iter_mut().find(|answer| answer.source == push.source) else { continue };
        let pushed_at = Timestamp::from_microsecond(push.version).unwrap_or(Timestamp::UNIX_EPOCH);
        for (resource_type, item) in &push.items {
            let Some(type_answer) = answer.types.get_mut(resource_type) else { continue };
            // An index by id, so that the cost does not grow with the square of the number of items.
            let seen =
                seen.entry((push.source.clone(), *resource_type)).or_insert_with(|| index_by_id(&type_answer.items));
            if let Some(position) = seen.get(item.id()) {
                replace_if_copy_is_older(type_answer, *position, item, pushed_at);
                continue;
            }
            seen.insert(item.id().to_owned(), type_answer.items.len());
            type_answer.items.push(item.clone());
            type_answer.outcome = match type_answer.outcome {
                // A push-only source is as current as its newest message.
                QueryOutcome::NotOffered => QueryOutcome::Answered { at: pushed_at },
                QueryOutcome::Answered { at } if answer.push_only => QueryOutcome::Answered { at: at.max(pushed_at) },
                other => other,
            };
        }
    }
    all
}

/// Replaces an item of a stored copy by one that was pushed later, because the later one may withdraw it.
fn replace_if_copy_is_older(type_answer: &mut TypeAnswer, position: usize, item: &PreparedItem, pushed_at: Timestamp) {
    let is_older = matches!(type_answer.outcome, QueryOutcome::Stale { as_of } if as_of < pushed_at);
    if let Some(copy) = type_answer.items.get_mut(position).filter(|_| is_older) {
        *copy = item.clone();
    }
}

/// The position of each item by its id. The first one wins if two have the same id.
fn index_by_id(items: &[PreparedItem]) -> HashMap<String, usize> {
    items.iter().enumerate().rev().map(|(position, item)| (item.id().to_owned(), position)).collect()
}
