//! Cuts a visit's messages into stays, in told order: by person, and by whether the person had left before (RULES.md, S1
//! to S8). It decides whose a message is; it never decides what a message does.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{
    Moment,
    spell::{Place, SnapshotState, SpellEvent, SpellMessage},
};
use lcr_model::SourceIdentity;

use super::{Person, Who};
use crate::domain::{event_order::Telling, fold, place};

/// A number that went from one person in a bed to another so often is no visit number.
const TOO_MANY: usize = 3;
/// A visit number that nobody told of for so long is used again for somebody else.
const LONG: SignedDuration = SignedDuration::from_hours(28 * 24);

/// The messages of one stay.
pub struct Turn<'a> {
    pub began_as: SourceIdentity,
    person: Person,
    pub tellings: Vec<Telling<'a>>,
    /// When the visit was given to another person while this one was still in hospital.
    pub corrected: Option<Timestamp>,
    /// An update gave the visit from one person to another (S7).
    pub given_on: bool,
    /// The number was used for another person while this one was in hospital, and nothing says which of them it is.
    pub contested: bool,
}

impl Turn<'_> {
    fn new(person: Person, identity: SourceIdentity) -> Self {
        Self {
            began_as: identity,
            person,
            tellings: vec![],
            corrected: None,
            given_on: false,
            contested: false,
        }
    }

    /// The discharge that stands, and when it was told.
    fn left(&self) -> Option<(Moment, Timestamp)> {
        fold::left(&self.tellings)
    }

    fn was_told_of_within(&self, span: SignedDuration, until: Timestamp) -> bool {
        let last = self.tellings.last().map_or(Timestamp::MIN, |last| last.told);
        until.duration_since(last) <= span
    }

    /// When they came, by the latest admission.
    fn came(&self) -> Option<Moment> {
        let messages = self.tellings.iter().rev().map(|one| one.message);
        messages.filter(|message| opens(message)).map(came).next()
    }

    /// S3: an admission after they left, or anything long after.
    fn is_over_for(&self, telling: &Telling<'_>) -> bool {
        let message = telling.message;
        if message.event == SpellEvent::Snapshot || is_cancel(message.event) {
            return false;
        }
        if !opens(message) && self.was_told_of_within(LONG, telling.told) {
            return false;
        }
        let is_later = || self.came().is_none_or(|began| began.is_before(came(message)));
        let Some((left, left_told)) = self.left() else {
            return opens(message) && !self.was_told_of_within(LONG, telling.told) && is_later();
        };
        if !opens(message) {
            return message.happened.at.duration_since(left.last()) > LONG;
        }
        // A day alone does not say whether they came back on it: then the order of telling does.
        let same_day = left.is_day() && left.date() == came(message).date();
        left.is_before(came(message)) || (same_day && telling.told > left_told && is_later())
    }
}

/// Whether a stay stands (S6): its number was not given to another person, or it was told of again afterwards, or the
/// hospital gives the number to everybody.
pub fn stands(turns: &[Turn<'_>], turn: &Turn<'_>) -> bool {
    let again = |corrected| {
        let later = |one: &Telling<'_>| one.told > corrected && !is_cancel(one.message.event);
        turn.tellings.iter().any(later)
    };
    turn.corrected.is_none_or(again) || is_no_visit_number(turns)
}

fn is_no_visit_number(turns: &[Turn<'_>]) -> bool {
    turns.iter().filter(|turn| turn.corrected.is_some()).count() >= TOO_MANY
}

/// Whether both this stay and another person's go on under one number (S6). A leaving that was entered late, of before the
/// number went to the other person, is no doubt.
pub fn is_shared(turns: &[Turn<'_>], at: usize) -> bool {
    let goes_on = |turn: &Turn<'_>| {
        turn.corrected.is_some_and(|corrected| {
            let later = |one: &Telling<'_>| {
                let message = one.message;
                let is_late = turn.left().is_some() && message.happened.at <= corrected;
                one.told > corrected && !is_late && !is_cancel(message.event)
            };
            turn.tellings.iter().any(later)
        })
    };
    let Some(turn) = turns.get(at) else { return false };
    let before = turns.get(..at).unwrap_or_default();
    if turn.contested || before.iter().any(|one| one.contested && one.person != turn.person) {
        return true;
    }
    is_no_visit_number(turns)
        || goes_on(turn)
        || before.iter().any(|one| one.person != turn.person && goes_on(one))
}

/// When an admission says that the person came.
fn came(message: &SpellMessage) -> Moment {
    message.admitted.set().copied().unwrap_or(message.happened)
}

fn left_at(message: &SpellMessage) -> Moment {
    message.discharged.set().copied().unwrap_or(message.happened)
}

fn opens(message: &SpellMessage) -> bool {
    use SpellEvent::{Admit, PreAdmit, Register, Snapshot, ToInpatient};
    match message.event {
        PreAdmit | Register | Admit | ToInpatient => true,
        Snapshot => matches!(message.snapshot, Some(SnapshotState::Planned | SnapshotState::Present)),
        _ => false,
    }
}

fn is_cancel(event: SpellEvent) -> bool {
    use SpellEvent as E;
    matches!(
        event,
        E::CancelAdmit
            | E::CancelDischarge
            | E::CancelTransfer
            | E::CancelPreAdmit
            | E::CancelLeaveOut
            | E::CancelLeaveReturn
            | E::CancelPendingDischarge
            | E::CancelPendingTransfer
    )
}

/// Whose each message is, by its place among the visit's messages.
pub type Owners = HashMap<usize, Person>;

/// All stays of a visit, oldest first, and whose their messages are.
pub fn turns<'a>(tellings: &[Telling<'a>], who: &Who) -> (Vec<Turn<'a>>, Owners) {
    let mut turns: Vec<Turn<'a>> = vec![];
    let mut owners = Owners::new();
    for telling in tellings {
        let person = who.person(telling);
        let at = place(&mut turns, telling, &person).unwrap_or_else(|| {
            let identity = who.counts_as(&telling.message.identity, telling.told).clone();
            let mut turn = Turn::new(person, identity);
            turn.tellings = told_after_leaving(&mut turns, &turn.person);
            turns.push(turn);
            turns.len() - 1
        });
        if let Some(turn) = turns.get_mut(at) {
            turn.tellings.push(*telling);
            owners.insert(telling.order, turn.person.clone());
            if telling.message.moves_visit {
                // S4: with all that was told.
                owners.extend(turn.tellings.iter().map(|one| (one.order, turn.person.clone())));
            }
        }
    }
    (turns, owners)
}

impl Turn<'_> {
    /// Whether a message was told of the person whose stay it is now.
    pub fn is_own(&self, owners: &Owners, telling: &Telling<'_>) -> bool {
        owners.get(&telling.order) == Some(&self.person)
    }
}

/// What the stay before was told of from the first admission after its leaving on: it was of the new stay, with a time that
/// was wrong then.
fn told_after_leaving<'a>(turns: &mut [Turn<'a>], person: &Person) -> Vec<Telling<'a>> {
    let Some(former) = turns.last_mut().filter(|turn| turn.person == *person) else { return vec![] };
    let Some((_, left_told)) = former.left() else { return vec![] };
    let again = |one: &Telling<'_>| one.message.event == SpellEvent::Admit && one.told > left_told;
    match former.tellings.iter().position(again) {
        Some(at) => former.tellings.split_off(at),
        None => vec![],
    }
}

/// Which stay a message belongs to; `None` for a new one.
fn place(turns: &mut Vec<Turn<'_>>, telling: &Telling<'_>, person: &Person) -> Option<usize> {
    let last = turns.len().checked_sub(1)?;
    let own = turns.iter().rposition(|turn| turn.person == *person);
    match own {
        Some(at) if at == last => of_last(turns, telling, person, at),
        _ if telling.message.moves_visit => {
            // S4: the hospital says so itself.
            turns.get_mut(last)?.person = person.clone();
            Some(last)
        }
        Some(at) if !turns.get(at)?.is_over_for(telling) => Some(at),
        _ => of_another(turns.last_mut()?, telling, person).then_some(last),
    }
}

/// S2 and S3, and corrections of the stay before.
fn of_last(turns: &mut Vec<Turn<'_>>, telling: &Telling<'_>, person: &Person, at: usize) -> Option<usize> {
    let turn = turns.get(at)?;
    if turn.is_over_for(telling) {
        return None;
    }
    let is_end = matches!(telling.message.event, SpellEvent::Discharge | SpellEvent::CancelDischarge);
    if !is_end {
        return Some(at);
    }
    let (is_open, began) = (turn.left().is_none(), turn.tellings.first().map(|first| came(first.message)));
    let message = telling.message;
    if message.event == SpellEvent::Discharge && is_open && split(turns, at, left_at(message)) {
        return Some(at);
    }
    let before = turns.get(..at)?.iter().rposition(|turn| turn.person == *person);
    let Some(before) = before else { return Some(at) };
    match message.event {
        // The leaving before was corrected: it ends before this stay began.
        SpellEvent::Discharge if began.is_some_and(|began| left_at(message).is_before(began)) => Some(before),
        // The leaving before was taken back: it was one stay all along.
        SpellEvent::CancelDischarge if is_open && turns.get(before)?.left().is_some() => {
            let later = turns.remove(at);
            let former = turns.get_mut(before)?;
            former.tellings.extend(later.tellings);
            former.tellings.sort_by_key(|one| one.order);
            Some(before)
        }
        _ => Some(at),
    }
}

/// A discharge that is told late and dated between two admissions ends the stay that the first began; the second was no
/// other telling of it. Returns whether that is so.
fn split(turns: &mut Vec<Turn<'_>>, at: usize, left: Moment) -> bool {
    let Some(turn) = turns.get_mut(at) else { return false };
    let admitted = |one: &Telling<'_>| one.message.event == SpellEvent::Admit;
    let (first, last) =
        (turn.tellings.iter().find(|one| admitted(one)), turn.tellings.iter().rposition(admitted));
    let (Some(first), Some(last)) = (first, last) else { return false };
    let begins = turn.tellings.get(last).map(|one| came(one.message));
    if came(first.message).is_before(left) && begins.is_some_and(|begins| left.is_before(begins)) {
        let tellings = turn.tellings.split_off(last);
        let mut later = Turn::new(turn.person.clone(), turn.began_as.clone());
        later.tellings = tellings;
        turns.insert(at + 1, later);
        return true;
    }
    false
}

/// S4 to S8. Returns whether the message is of this stay, which is then that person's.
fn of_another(turn: &mut Turn<'_>, telling: &Telling<'_>, person: &Person) -> bool {
    let recent = turn.was_told_of_within(LONG, telling.told);
    if is_cancel(telling.message.event) || !recent || turn.left().is_some() {
        return false;
    }
    if !turn.is_told_once_more_by(telling.message) {
        turn.contested = true;
        return false;
    }
    if opens(telling.message) {
        // By its arrival it was told first: then nothing says which of them was corrected.
        turn.contested |= turn.tellings.last().is_some_and(|last| telling.arrived_against_the_clock(last));
        turn.corrected = Some(telling.told);
        return false;
    }
    turn.person = person.clone();
    turn.given_on = true;
    true
}

impl Turn<'_> {
    /// Whether a message about another person tells of this very arrival: then the person was corrected. Another time of
    /// admission, another bed, or somebody who was born meanwhile is somebody else.
    fn is_told_once_more_by(&self, message: &SpellMessage) -> bool {
        let Some(began) = self.came() else { return false };
        let born = message.patient.birth_date.is_some_and(|born| born >= began.date());
        let newborn = message.method.set().is_some_and(|how| matches!(how.trim(), "N" | "82" | "83"));
        let same_time = match message.admitted.set() {
            Some(came) => came.compare(began).is_eq(),
            // Without PV1-44 the bed decides.
            None => opens(message),
        };
        let held = self.tellings.iter().rev().find_map(|one| place_of(one.message));
        let same_bed = match (place_of(message), held) {
            (Some(told), Some(held)) => place::agree(told, held),
            _ => false,
        };
        let timed = message.admitted.set().is_some();
        !born && !newborn && same_time && (same_bed || (timed && opens(message)))
    }
}

fn place_of(message: &SpellMessage) -> Option<&Place> {
    message.place.set().filter(|place| !place::is_empty(place))
}
