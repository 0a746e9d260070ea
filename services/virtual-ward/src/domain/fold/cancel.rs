//! What a cancel takes back: the telling that its EVN-6 names, else the latest event of its kind told before it, and
//! never more (RULES.md, E3 to E6).

use jiff::SignedDuration;
use lcr_contracts::{
    Moment,
    spell::{Place, SpellEvent, SpellMessage},
};

use super::standing::{Event, Standing};
use crate::domain::{event_order::Telling, place};

/// Takes back the latest event of these kinds, or the one named.
pub fn take_back<'a>(standing: &mut Standing<'a>, cancel: &Telling<'a>, kinds: &[SpellEvent]) {
    if take(standing, cancel, kinds, |_| true) == Took::Nothing {
        standing.unmatched.push(*cancel);
    }
}

/// A11: takes back the admission. If nothing else opened the stay, there is none (E6).
pub fn admission<'a>(standing: &mut Standing<'a>, cancel: &Telling<'a>) {
    use SpellEvent::{Admit, PreAdmit, Register, Snapshot, ToInpatient, ToOutpatient};
    if admission_after_leaving(standing, cancel) {
        return;
    }
    match take(standing, cancel, &[Admit, ToInpatient, Register], |_| true) {
        Took::NothingMore => return,
        Took::Nothing => standing.unmatched.push(*cancel),
        Took::Something => {}
    }
    let opens =
        |event: &Event<'_>| [Admit, ToInpatient, ToOutpatient, Register, Snapshot].contains(&event.kind);
    if standing.events.iter().any(|event| event.kind == Admit) {
        return;
    }
    if standing.events.iter().any(opens) {
        // What happened after an admission that never was did not happen either.
        let came = standing.taken_back.last().map(|telling| telling.message.happened.at);
        let before = |event: &Event<'_>| event.message().map(|message| message.happened.at) < came;
        standing.events.retain(|event| opens(event) || before(event));
        return;
    }
    standing.events.retain(|event| event.kind == PreAdmit);
    standing.opened_by_move = false;
    standing.void = Some(cancel.told);
}

/// The latest admission may have been told after the person left: then that one is meant, and the stay that ended stands.
fn admission_after_leaving<'a>(standing: &mut Standing<'a>, cancel: &Telling<'a>) -> bool {
    let left = standing.events.iter().rfind(|event| event.kind == SpellEvent::Discharge);
    let Some(left_told) = left.and_then(Event::newest).map(|newest| newest.told) else { return false };
    let again = |one: &Telling<'a>| one.told > left_told && !is_edit(cancel, one);
    let at = standing
        .events
        .iter()
        .position(|event| event.kind == SpellEvent::Admit && event.tellings.iter().any(again));
    let Some(at) = at else { return false };
    let earlier = standing.events.get(at).is_some_and(|event| event.tellings.iter().any(|one| !again(one)));
    if earlier {
        strip(standing, cancel, at, again);
    }
    earlier
}

/// A13.
pub fn discharge<'a>(standing: &mut Standing<'a>, cancel: &Telling<'a>) {
    match take(standing, cancel, &[SpellEvent::Discharge], |_| true) {
        Took::Something => standing.discharge_taken_back = Some(cancel.told),
        Took::NothingMore => {}
        Took::Nothing => standing.unmatched.push(*cancel),
    }
}

/// A12: the move to PV1-6, or from where the person is again.
pub fn transfer<'a>(standing: &mut Standing<'a>, cancel: &Telling<'a>) {
    let message = cancel.message;
    let (cancelled, back_to) = (told(&message.prior_place), told(&message.place));
    let is = |place: Option<&Place>, other: Option<&Place>| {
        place.zip(other).is_some_and(|(one, other)| place::agree(one, other))
    };
    let to = |event: &Event<'a>| event.message().and_then(|message| told(&message.place));
    let from = |event: &Event<'a>| event.message().and_then(|message| told(&message.prior_place));
    let rules: [&dyn Fn(&Event<'a>) -> bool; 6] = [
        &|event| is(to(event), cancelled) && is(from(event), back_to),
        // Some hospitals write a cancel as they wrote the move.
        &|event| is(to(event), back_to) && is(from(event), cancelled),
        &|event| is(to(event), cancelled),
        &|event| cancelled.is_none() && is(from(event), back_to),
        &|event| cancelled.is_none() && !is(to(event), back_to),
        &|_| cancelled.is_none() && back_to.is_none(),
    ];
    if rules.iter().all(|rule| take(standing, cancel, &[SpellEvent::Transfer], rule) == Took::Nothing) {
        standing.unmatched.push(*cancel);
    }
}

fn told(place: &lcr_contracts::spell::Told<Place>) -> Option<&Place> {
    place.set().filter(|place| !place::is_empty(place))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Took {
    Something,
    /// What it names was taken back or replaced before.
    NothingMore,
    Nothing,
}

fn take<'a>(
    standing: &mut Standing<'a>,
    cancel: &Telling<'a>,
    kinds: &[SpellEvent],
    meant: impl Fn(&Event<'a>) -> bool,
) -> Took {
    let candidates: Vec<usize> = (0..standing.events.len())
        .filter(|at| {
            standing.events.get(*at).is_some_and(|event| kinds.contains(&event.kind) && meant(event))
        })
        .collect();
    let any_telling = |at: &&usize, rule: &dyn Fn(&Telling<'a>) -> bool| {
        standing.events.get(**at).is_some_and(|event| event.tellings.iter().any(rule))
    };
    if let Some(named) = cancel.message.occurred {
        // E3.
        let is_named = |telling: &Telling<'a>| names(named, telling.message) && !is_edit(cancel, telling);
        if let Some(at) = candidates.iter().rfind(|at| any_telling(at, &is_named)) {
            let newest = standing.events.get(*at).and_then(Event::newest);
            let replaced = newest.is_some_and(|one| !is_named(one) && !is_edit(cancel, one));
            // It names a telling that was replaced since: the event itself may be meant.
            standing.cancel_unclear |= replaced;
            strip(standing, cancel, *at, is_named);
            return Took::Something;
        }
        let gone = |one: &Telling<'_>| kinds.contains(&one.message.event) && names(named, one.message);
        if standing.taken_back.iter().any(gone) {
            return Took::NothingMore;
        }
        if !is_own_time(cancel, named) && !candidates.is_empty() {
            standing.cancel_unclear = true;
            return Took::NothingMore;
        }
    }
    // E4: of those told before it rather than of those told together with it.
    let earlier = candidates.iter().rfind(|at| any_telling(at, &|one| !is_edit(cancel, one)));
    let Some(at) = earlier.or(candidates.last()) else { return Took::Nothing };
    strip(standing, cancel, *at, |_| true);
    Took::Something
}

/// Whether EVN-6 of a cancel is when the cancel was made, and names no event.
fn is_own_time(cancel: &Telling<'_>, named: Moment) -> bool {
    named.is_day() || cancel.told.duration_since(named.at).abs() <= SignedDuration::from_hours(2)
}

/// Whether a telling came together with the cancel, so that both are an edit of what was told before (E5).
fn is_edit(cancel: &Telling<'_>, telling: &Telling<'_>) -> bool {
    !cancel.is_numbered_after(telling) && cancel.ties_with(telling)
}

/// Takes the tellings away that the cancel means; an event without any is gone.
fn strip<'a>(
    standing: &mut Standing<'a>,
    cancel: &Telling<'a>,
    at: usize,
    is_named: impl Fn(&Telling<'a>) -> bool,
) {
    let Some(event) = standing.events.get_mut(at) else { return };
    let earlier = event.tellings.iter().any(|one| is_named(one) && !is_edit(cancel, one));
    let goes = |one: &Telling<'a>| is_named(one) && !(earlier && is_edit(cancel, one));
    let gone: Vec<Telling<'a>> = event.tellings.iter().copied().filter(|one| goes(one)).collect();
    event.tellings.retain(|one| !goes(one));
    standing.taken_back.extend(gone);
    standing.events.retain(|event| !event.tellings.is_empty());
}

/// Cancels that found nothing told before them, and that arrived after an event of their kind: nobody cancels what is not
/// there, so the sender's clock was set back in between. They take it back, and the row says that it is in doubt.
pub fn against_the_clock(standing: &mut Standing<'_>) {
    for cancel in std::mem::take(&mut standing.unmatched) {
        let kinds = cancelled_by(cancel.message.event);
        let meant = |one: &Telling<'_>| one.arrived_against_the_clock(&cancel);
        let at = standing
            .events
            .iter()
            .rposition(|event| kinds.contains(&event.kind) && event.tellings.iter().any(meant));
        let Some(event) = at.and_then(|at| standing.events.get_mut(at)) else { continue };
        let gone: Vec<Telling<'_>> = event.tellings.iter().copied().filter(|one| meant(one)).collect();
        event.tellings.retain(|one| !meant(one));
        standing.taken_back.extend(gone);
        standing.events.retain(|event| !event.tellings.is_empty());
        standing.order_unsure = true;
        let is_admission = cancel.message.event == SpellEvent::CancelAdmit;
        if is_admission && !standing.events.iter().any(|event| kinds.contains(&event.kind)) {
            standing.events.clear();
            standing.void = Some(cancel.told);
        }
    }
}

fn cancelled_by(cancel: SpellEvent) -> &'static [SpellEvent] {
    match cancel {
        SpellEvent::CancelAdmit => &[SpellEvent::Admit, SpellEvent::Register, SpellEvent::ToInpatient],
        SpellEvent::CancelDischarge => &[SpellEvent::Discharge],
        SpellEvent::CancelTransfer => &[SpellEvent::Transfer],
        _ => &[],
    }
}

/// Whether EVN-6 of a cancel is the time of what `message` tells of.
fn names(named: Moment, message: &SpellMessage) -> bool {
    let times = [
        Some(message.happened),
        message.occurred,
        message.admitted.set().copied().filter(|_| message.event != SpellEvent::Discharge),
        message.discharged.set().copied().filter(|_| message.event == SpellEvent::Discharge),
    ];
    times.into_iter().flatten().any(|time| time.compare(named).is_eq())
}
