//! Stays whose messages are late, repeated or cancelled. Each must end in the state of the stay without the variation.

use jiff::Timestamp;

use super::{
    super::{
        planned_message::{MessageKind, PlannedMessage, number_in_order},
        stay_messages::{self, moment_in_stay},
    },
    after,
};
use crate::{
    hospital::{self, Place},
    stays::Stay,
    world::World,
};

/// The usual messages of the stay, with some more.
pub(super) fn stay_messages_with(
    world: &World,
    stay: &Stay,
    left: Timestamp,
    more: Vec<PlannedMessage>,
) -> Vec<PlannedMessage> {
    let mut all = stay_messages::of(world, stay, left);
    all.extend(more);
    number_in_order(all)
}

/// Out on leave and back.
pub(super) fn leave(stay: &Stay, left: Timestamp) -> Vec<PlannedMessage> {
    vec![
        PlannedMessage::new(MessageKind::LeaveOut, moment_in_stay(stay, left, 55), stay.place),
        PlannedMessage::new(MessageKind::LeaveBack, moment_in_stay(stay, left, 70), stay.place),
    ]
}

/// A culture that is final only after the discharge.
pub(super) fn pending_result(stay: &Stay, left: Timestamp) -> Vec<PlannedMessage> {
    let taken = moment_in_stay(stay, left, 90);
    let preliminary = PlannedMessage::new(MessageKind::Culture(false), taken, stay.place);
    let last = PlannedMessage::new(MessageKind::Culture(true), taken, stay.place);
    vec![preliminary, last.sent_later(after(left, 600))]
}

/// A transfer entered for the wrong person, then cancelled.
pub(super) fn cancelled_transfer(stay: &Stay, moved: Timestamp) -> Vec<PlannedMessage> {
    let wards = hospital::wards(stay.source);
    let other = wards.iter().rev().find(|ward| **ward != *stay.place.ward).unwrap_or(stay.place.ward);
    let wrong = Place { ward: other, bay: Some('B'), bed: Some(1) };
    vec![
        PlannedMessage::new(MessageKind::Transfer, moved, wrong).from(stay.place),
        PlannedMessage::new(MessageKind::CancelTransfer, after(moved, 90), stay.place).from(wrong),
    ]
}

/// The stay's only transfer message is sent after the discharge.
pub(super) fn late_transfer(world: &World, stay: &Stay, left: Timestamp) -> Vec<PlannedMessage> {
    let mut all = stay_messages::of(world, stay, left);
    all.retain(|message| message.kind != MessageKind::Transfer);
    let moved = PlannedMessage::new(MessageKind::Transfer, moment_in_stay(stay, left, 12), stay.place).from(stay.first);
    all.push(moved.sent_later(after(left, 40)));
    number_in_order(all)
}

/// A discharge entered too early, then cancelled.
pub(super) fn cancelled_discharge(stay: &Stay, left: Timestamp) -> Vec<PlannedMessage> {
    let early = moment_in_stay(stay, left, 80);
    vec![
        PlannedMessage::new(MessageKind::Discharge, early, stay.place),
        PlannedMessage::new(MessageKind::CancelDischarge, after(early, 60), stay.place),
    ]
}

/// A sender without an acknowledgement: repeats the second message byte for byte.
pub(super) fn repeat_same_bytes(mut messages: Vec<PlannedMessage>) -> Vec<PlannedMessage> {
    if let Some(again) = messages.get(1).cloned() {
        messages.push(PlannedMessage { due: after(again.due, 30), ..again });
    }
    messages
}

/// A restarted sender: repeats the last message as a new one.
pub(super) fn repeat_with_new_id(mut messages: Vec<PlannedMessage>) -> Vec<PlannedMessage> {
    if let Some(again) = messages.last().cloned() {
        let at = after(again.due, 45);
        messages.push(PlannedMessage { number: again.number + 1, due: at, sent: at, ..again });
    }
    messages
}
