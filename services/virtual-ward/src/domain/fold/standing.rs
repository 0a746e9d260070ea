//! Which events of a stay stand, once what was told again has replaced what it repeats and what was taken back is gone
//! (RULES.md, E1 to E6). It looks at the messages in told order and at nothing else.

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_contracts::{
    Moment,
    spell::{Place, SnapshotState, SpellEvent, SpellMessage},
};

use super::cancel;
use crate::domain::{event_order::Telling, place};

/// Something that happened, with everything that was told of it: the newest last.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    pub kind: SpellEvent,
    pub tellings: Vec<Telling<'a>>,
}

impl Standing<'_> {
    /// Whether a cancel took this message back.
    pub fn took_back(&self, message: &SpellMessage) -> bool {
        self.taken_back.iter().any(|one| std::ptr::eq(one.message, message))
    }
}

impl<'a> Event<'a> {
    /// The telling that counts. An event that stands has at least one.
    pub fn newest(&self) -> Option<&Telling<'a>> {
        self.tellings.last()
    }

    pub fn message(&self) -> Option<&'a SpellMessage> {
        self.newest().map(|telling| telling.message)
    }
}

/// The events that stand, in the order in which they were first told.
#[derive(Debug, Default)]
pub struct Standing<'a> {
    pub events: Vec<Event<'a>>,
    /// The stay was cancelled as a whole, by a message told then, and nothing has opened it again.
    pub void: Option<Timestamp>,
    /// A move told after the cancel of the admission says that the person is here all the same.
    pub opened_by_move: bool,
    /// When the last discharge that was taken back was told to be so: what was said before of where the person went is gone.
    pub discharge_taken_back: Option<Timestamp>,
    /// Tellings that a cancel took back: a cancel that names one of them has nothing more to do.
    pub taken_back: Vec<Telling<'a>>,
    /// Cancels that found nothing to take back.
    pub unmatched: Vec<Telling<'a>>,
    /// The sender's clock and the order of arrival disagree about what was told last.
    pub order_unsure: bool,
    /// A cancel does not match what was told last.
    pub cancel_unclear: bool,
}

/// When the person left and when that was told, if a discharge stands.
pub fn left(tellings: &[Telling<'_>]) -> Option<(Moment, Timestamp)> {
    let standing = of(tellings);
    let ends = |event: &&Event<'_>| event.kind == SpellEvent::Discharge;
    let ended = standing.events.iter().find(ends).and_then(Event::newest);
    let snapshot = standing.events.iter().rfind(|event| event.kind == SpellEvent::Snapshot);
    let finished = snapshot.and_then(Event::newest);
    let finished = finished.filter(|one| one.message.snapshot == Some(SnapshotState::Finished));
    let at = |one: &Telling<'_>| one.message.discharged.set().copied().unwrap_or(one.message.happened);
    ended.or(finished).map(|one| (at(one), one.told))
}

/// The events of these messages that stand. None of them is a copy of another.
pub fn of<'a>(tellings: &[Telling<'a>]) -> Standing<'a> {
    let mut standing = Standing::default();
    for telling in tellings {
        apply(&mut standing, telling);
    }
    cancel::against_the_clock(&mut standing);
    standing
}

fn apply<'a>(standing: &mut Standing<'a>, telling: &Telling<'a>) {
    use SpellEvent as E;
    match telling.message.event {
        E::CancelPreAdmit => cancel::take_back(standing, telling, &[E::PreAdmit]),
        E::CancelAdmit => cancel::admission(standing, telling),
        E::CancelTransfer => cancel::transfer(standing, telling),
        E::CancelDischarge => cancel::discharge(standing, telling),
        E::CancelLeaveOut => cancel::take_back(standing, telling, &[E::LeaveOut]),
        E::CancelLeaveReturn => cancel::take_back(standing, telling, &[E::LeaveReturn]),
        E::CancelPendingTransfer => cancel::take_back(standing, telling, &[E::PendingTransfer]),
        E::CancelPendingDischarge => cancel::take_back(standing, telling, &[E::PendingDischarge]),
        E::Update => {}
        _ => tell(standing, telling),
    }
}

/// An event, or another telling of one that stands.
fn tell<'a>(standing: &mut Standing<'a>, telling: &Telling<'a>) {
    let message = telling.message;
    if standing.void.is_some() {
        use SpellEvent::{Admit, PreAdmit, Register, Snapshot, ToInpatient, Transfer};
        match message.event {
            PreAdmit | Register | Admit | ToInpatient | Snapshot => {}
            Transfer => standing.opened_by_move = true,
            _ => return,
        }
        standing.void = None;
    }
    let same = standing.events.iter().rposition(|event| is_same(event, standing, message));
    match same.and_then(|at| standing.events.get_mut(at)) {
        Some(event) => {
            let unsure = event.newest().is_some_and(|newest| telling.arrived_against_the_clock(newest));
            standing.order_unsure |= unsure;
            event.tellings.push(*telling);
        }
        None => standing.events.push(Event { kind: message.event, tellings: vec![*telling] }),
    }
}

/// E1: whether `message` tells of the same event once more.
fn is_same(event: &Event<'_>, standing: &Standing<'_>, message: &SpellMessage) -> bool {
    use SpellEvent::{LeaveOut, LeaveReturn, Snapshot, ToInpatient, ToOutpatient, Transfer};
    if event.kind != message.event {
        return false;
    }
    let none_since = |kinds: &[SpellEvent]| {
        let told = event.newest().map(|newest| newest.told);
        !standing
            .events
            .iter()
            .any(|other| kinds.contains(&other.kind) && other.newest().map(|newest| newest.told) >= told)
    };
    match message.event {
        Snapshot => false,
        Transfer => event.message().is_some_and(|before| is_same_move(standing, before, message)),
        LeaveOut => none_since(&[LeaveReturn]),
        LeaveReturn => none_since(&[LeaveOut]),
        ToInpatient => none_since(&[ToOutpatient]),
        ToOutpatient => none_since(&[ToInpatient]),
        _ => true,
    }
}

fn told_place(told: &lcr_contracts::spell::Told<Place>) -> Option<&Place> {
    told.set().filter(|place| !place::is_empty(place))
}

fn is_same_move(standing: &Standing<'_>, before: &SpellMessage, message: &SpellMessage) -> bool {
    let (from, to) = (told_place(&message.prior_place), told_place(&message.place));
    let (was_from, was_to) = (told_place(&before.prior_place), told_place(&before.place));
    let same = |one: Option<&Place>, other: Option<&Place>| match (one, other) {
        (Some(one), Some(other)) => place::same(one, other),
        (None, None) => true,
        _ => false,
    };
    if same(from, was_from) && same(to, was_to) {
        let moved_on = |other: &SpellMessage| {
            let leaves =
                told_place(&other.prior_place).zip(to).is_some_and(|(left, to)| place::agree(left, to));
            other.event == SpellEvent::Transfer && leaves && other.happened.at >= before.happened.at
        };
        return !standing.events.iter().filter_map(Event::message).any(moved_on);
    }
    // The same event time from the same place, to another: the destination was corrected.
    let same_time = before.occurred.is_some() && before.occurred == message.occurred;
    same_time && from.is_some() && same(from, was_from)
}

/// E2: the messages without those that have the words and event time of an earlier one, unless something was taken back in
/// between.
pub fn without_copies<'a>(tellings: &[Telling<'a>]) -> Vec<Telling<'a>> {
    let mut seen: HashMap<SpellEvent, Vec<(&SpellMessage, usize)>> = HashMap::new();
    let mut is_news = |at: usize| {
        let Some(message) = tellings.get(at).map(|telling| telling.message) else { return false };
        let of_kind = seen.entry(message.event).or_default();
        let before = of_kind.iter_mut().find(|(other, _)| says_the_same(other, message));
        let Some((_, last)) = before else {
            of_kind.push((message, at));
            return true;
        };
        let since = tellings.get(*last..).unwrap_or_default();
        *last = at;
        // A cancel of the same second belongs to an edit (E5), wherever it stands.
        let between = |(place, other): (usize, &Telling<'_>)| {
            let together = tellings.get(at).is_some_and(|one| one.ties_with(other));
            (place < at || together) && contrary(message.event, other.message.event)
        };
        let first = tellings.len() - since.len();
        since.iter().enumerate().map(|(nth, other)| (first + nth, other)).any(between)
    };
    let news: Vec<bool> = (0..tellings.len()).map(&mut is_news).collect();
    tellings.iter().zip(news).filter(|(_, is_news)| *is_news).map(|(one, _)| *one).collect()
}

fn says_the_same(one: &SpellMessage, other: &SpellMessage) -> bool {
    // The cheap differences first: most messages differ in their time.
    if one.happened != other.happened || one.identity != other.identity || one.place != other.place {
        return false;
    }
    // The same state at another time is news: it may have been another in between.
    if one.event == SpellEvent::Snapshot && one.sent != other.sent {
        return false;
    }
    let carried = SpellMessage {
        sent: one.sent,
        received: one.received,
        sequence: one.sequence,
        control_id: one.control_id.clone(),
        content: one.content.clone(),
        ..other.clone()
    };
    *one == carried
}

/// What a cancel takes back, and what takes that back.
fn contrary(one: SpellEvent, other: SpellEvent) -> bool {
    use SpellEvent as E;
    let pairs = [
        (E::Discharge, E::CancelDischarge),
        (E::Transfer, E::CancelTransfer),
        (E::Admit, E::CancelAdmit),
        (E::Register, E::CancelAdmit),
        (E::ToInpatient, E::CancelAdmit),
        (E::PreAdmit, E::CancelPreAdmit),
        (E::LeaveOut, E::CancelLeaveOut),
        (E::LeaveOut, E::LeaveReturn),
        (E::LeaveReturn, E::CancelLeaveReturn),
        (E::PendingDischarge, E::CancelPendingDischarge),
        (E::PendingTransfer, E::CancelPendingTransfer),
    ];
    pairs.iter().any(|pair| *pair == (one, other) || *pair == (other, one))
}
