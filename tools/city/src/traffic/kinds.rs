//! The kinds of story a day has, each as it happens in hospitals: also what goes wrong with the messages themselves,
//! since a record that trusts them to be in order and alone is wrong by the evening.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::beat::{Beat, What, numbered};
use super::story;
use crate::draw::Dice;
use crate::hospital::{self, Place};
use crate::plan::Source;
use crate::stays::{Kind, Stay};
use crate::world::{CAST_SIZE, World};

/// The how-manieth story of a day, when it begins and when the day began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tale {
    pub(super) number: u64,
    pub(super) at: Timestamp,
    pub(super) from: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Stay,
    DayCase,
    Attender,
    Updated,
    /// Registered anew by mistake, and merged.
    Merged,
    NeverCame,
    MovedBack,
    BackAgain,
    Leave,
    CommunityBed,
    /// A transfer that is told after the discharge.
    Late,
    /// The same bytes twice.
    Twice,
    /// The same message under another control id.
    ToldAgain,
    /// Leaves while a result is awaited.
    Pending,
    Died,
}

/// How the kinds take turns.
const TURNS: [Sort; 20] = [
    Sort::Stay,
    Sort::DayCase,
    Sort::Merged,
    Sort::Stay,
    Sort::Attender,
    Sort::BackAgain,
    Sort::Updated,
    Sort::Stay,
    Sort::MovedBack,
    Sort::Leave,
    Sort::NeverCame,
    Sort::Stay,
    Sort::Pending,
    Sort::Late,
    Sort::CommunityBed,
    Sort::Twice,
    Sort::Stay,
    Sort::ToldAgain,
    Sort::Attender,
    Sort::Died,
];
pub(super) const TURN: usize = TURNS.len();
/// People asked before a story is left out.
const ASKED: u32 = 200;

/// The story of that number: somebody who is not busy, their stay, its messages. None where nobody is found.
pub(super) fn tale(world: &World, tale: Tale, busy: &HashSet<u32>) -> Option<(Stay, Vec<Beat>)> {
    let sort = TURNS[usize::try_from(tale.number).unwrap_or(0) % TURN];
    let number = u32::try_from(tale.number).unwrap_or(u32::MAX);
    let mut dice = world.dice(number, &format!("tale {}", tale.from.as_second()));
    let source = match sort {
        Sort::Leave => Source::MentalHealth,
        Sort::CommunityBed => Source::Community,
        _ if dice.chance(600) => Source::StHildas,
        _ => Source::WharfeValley,
    };
    let fits = |index: &u32| {
        let old_enough = sort != Sort::Died || world.age(*index) >= 70;
        let free = !busy.contains(index) && world.stays_of(source, *index).is_empty();
        index >= &CAST_SIZE && free && old_enough && world.may_be_admitted(source, *index)
    };
    let index = (0..ASKED).map(|_| dice.below(world.people)).find(fits)?;
    let visit = format!("{}D{:X}{:X}", source.letters(), tale.from.as_second() / 60, tale.number);
    let mut stay = world.stay_of(source, index, visit, tale.at, &mut dice);
    let left = after(tale.at, dice.days(1500, 2900));
    stay.left = Some(left);
    stay.attended = stay.attended.map(|_| after(tale.at, -dice.days(60, 600)));
    if sort == Sort::Stay && stay.attended.is_some() {
        // Played from the arrival on.
        stay.attended = Some(tale.at);
        stay.admitted = after(tale.at, dice.days(90, 300));
    } else {
        stay.attended = None;
    }
    let beats = beats(world, &mut stay, sort, left, &mut dice);
    Some((stay, beats))
}

fn after(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(at)
}

fn beats(world: &World, stay: &mut Stay, sort: Sort, left: Timestamp, dice: &mut Dice) -> Vec<Beat> {
    let soon = after(stay.admitted, dice.days(120, 400));
    match sort {
        Sort::Stay | Sort::CommunityBed => story::of(world, stay, left),
        Sort::DayCase => {
            stay.kind = Kind::DayCase;
            stay.expected_days = 0;
            story::of(world, stay, left)
        }
        Sort::Attender => {
            stay.kind = Kind::Attender;
            stay.place = Place::department(hospital::emergency(stay.source));
            story::of(world, stay, left)
        }
        Sort::Updated => vec![Beat::new(What::UpdatePerson, stay.admitted, stay.place)],
        Sort::Merged => numbered(vec![
            Beat::new(What::AddPerson, stay.admitted, stay.place),
            Beat::new(What::Merge, soon, stay.place),
        ]),
        Sort::NeverCame => numbered(vec![
            Beat::new(What::Admit, stay.admitted, stay.place),
            Beat::new(What::CancelAdmit, soon, stay.place),
        ]),
        Sort::MovedBack => with(world, stay, left, moved_back(stay, story::part(stay, left, 40))),
        Sort::BackAgain => with(world, stay, left, back_again(stay, left)),
        Sort::Leave => {
            let out = Beat::new(What::LeaveOut, story::part(stay, left, 55), stay.place);
            let back = Beat::new(What::LeaveBack, story::part(stay, left, 70), stay.place);
            with(world, stay, left, vec![out, back])
        }
        Sort::Late => {
            stay.first = hospital::assessment(stay.source).bed(dice);
            late(world, stay, left)
        }
        Sort::Twice => twice(story::of(world, stay, left)),
        Sort::ToldAgain => told_again(story::of(world, stay, left)),
        Sort::Pending => {
            let taken = story::part(stay, left, 90);
            let awaited = Beat::new(What::Culture(false), taken, stay.place);
            let done = Beat::new(What::Culture(true), taken, stay.place).told_at(after(left, 600));
            with(world, stay, left, vec![awaited, done])
        }
        Sort::Died => {
            stay.died = true;
            story::of(world, stay, left)
        }
    }
}

/// The stay as it is usually told, with something more.
fn with(world: &World, stay: &Stay, left: Timestamp, more: Vec<Beat>) -> Vec<Beat> {
    let mut all = story::of(world, stay, left);
    all.extend(more);
    numbered(all)
}

/// A transfer that was entered for the wrong person.
fn moved_back(stay: &Stay, moved: Timestamp) -> Vec<Beat> {
    let wards = hospital::wards(stay.source);
    let other = wards.iter().rev().find(|ward| **ward != *stay.place.ward).unwrap_or(stay.place.ward);
    let wrong = Place { ward: other, bay: Some('B'), bed: Some(1) };
    vec![
        Beat::new(What::Transfer, moved, wrong).from(stay.place),
        Beat::new(What::CancelTransfer, after(moved, 90), stay.place).from(wrong),
    ]
}

/// The one transfer of the stay is told when the person has left.
fn late(world: &World, stay: &Stay, left: Timestamp) -> Vec<Beat> {
    let mut all = story::of(world, stay, left);
    all.retain(|beat| beat.what != What::Transfer);
    let moved = Beat::new(What::Transfer, story::part(stay, left, 12), stay.place).from(stay.first);
    all.push(moved.told_at(after(left, 40)));
    numbered(all)
}

/// A discharge that was entered too early.
fn back_again(stay: &Stay, left: Timestamp) -> Vec<Beat> {
    let early = story::part(stay, left, 80);
    vec![
        Beat::new(What::Discharge, early, stay.place),
        Beat::new(What::CancelDischarge, after(early, 60), stay.place),
    ]
}

/// A sender that saw no acknowledgement: the second message again, the same to the byte.
fn twice(mut beats: Vec<Beat>) -> Vec<Beat> {
    if let Some(again) = beats.get(1).cloned() {
        beats.push(Beat { due: after(again.due, 30), ..again });
    }
    beats
}

/// A sender that was restarted: the last message again, as a new one.
fn told_again(mut beats: Vec<Beat>) -> Vec<Beat> {
    if let Some(again) = beats.last().cloned() {
        let at = after(again.due, 45);
        beats.push(Beat { number: again.number + 1, due: at, sent: at, ..again });
    }
    beats
}
