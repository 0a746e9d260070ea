//! How a hospital's system sends what its desks entered: on time or in batches, once or twice, in order or not, by a clock
//! that is right or an hour fast.

use jiff::{SignedDuration, Timestamp};

use super::{
    Delivery, Habits,
    statement::{Statement, Written},
};
use crate::draw::Dice;

/// The messages in the order in which they arrive.
pub fn deliveries(seed: u64, habits: Habits, mut statements: Vec<Statement>) -> Vec<Delivery> {
    // Stable: what was entered together is sent in the order of the desk.
    statements.sort_by_key(|one| one.told);
    let mut dice = Dice::new(seed, 0, "sender");
    let mut out: Vec<Delivery> = vec![];
    let mut sequence = 0;
    let mut control = 0;
    let fast_from = statements.get(statements.len() / 3).map(|one| one.told);
    for statement in &statements {
        let told = statement.told;
        let fast = habits.clock_jumps
            && fast_from.is_some_and(|from| told >= from && told < from + SignedDuration::from_hours(9));
        let sent = if fast { told + SignedDuration::from_hours(1) } else { told };
        let mut write = |extra: SignedDuration, dice: &mut Dice| {
            sequence += 1;
            control += 1;
            let how = Written {
                minutes_only: habits.minutes_only,
                days_only: habits.days_only,
                authority: !(habits.drops_authority && dice.chance(400)),
                sequence: habits.sequence.then_some(sequence),
            };
            statement.message(&format!("C{control}"), sent + extra, how)
        };
        let bytes = write(SignedDuration::ZERO, &mut dice);
        let arrives = arrival(habits, told, &mut dice);
        if habits.duplicates && dice.chance(100) {
            let later = arrives + SignedDuration::from_secs(dice.days(1, 4000));
            out.push(Delivery { arrives: later, bytes: bytes.clone() });
        }
        out.push(Delivery { arrives, bytes });
    }
    if habits.tells_again {
        out.extend(told_again(habits, &statements, &mut dice));
    }
    out.sort_by_key(|one| one.arrives);
    out
}

fn arrival(habits: Habits, told: Timestamp, dice: &mut Dice) -> Timestamp {
    if habits.batch_at_midnight {
        const DAY: i64 = 24 * 3600;
        let midnight = (told.as_second() / DAY + 1) * DAY;
        // In order: the place within the day is the place within the batch.
        let within = SignedDuration::from_micros(told.as_second().rem_euclid(DAY));
        return Timestamp::from_second(midnight).map_or(told, |midnight| midnight + within);
    }
    let reorders = habits.reorders && (habits.sequence || !habits.minutes_only);
    let delay = if reorders { dice.days(1, 900) } else { 1 };
    told + SignedDuration::from_secs(delay)
}

/// The last discharge, move or admission of some visits once more, under a new control id and a later time.
fn told_again(habits: Habits, statements: &[Statement], dice: &mut Dice) -> Vec<Delivery> {
    let mut out = vec![];
    for (at, statement) in statements.iter().enumerate() {
        let repeatable = matches!(statement.event, "A01" | "A02" | "A03");
        if !repeatable || !dice.chance(80) {
            continue;
        }
        let later = statements.iter().skip(at + 1);
        let last = !later.clone().any(|one| one.visit == statement.visit || one.number == statement.number);
        if !last {
            continue;
        }
        let told = statement.told + SignedDuration::from_mins(dice.days(3, 90));
        let how = Written {
            minutes_only: habits.minutes_only,
            days_only: habits.days_only,
            authority: true,
            sequence: habits.sequence.then_some(900_000 + at as u64),
        };
        let bytes = statement.message(&format!("R{at}"), told, how);
        out.push(Delivery { arrives: arrival(habits, told, dice), bytes });
    }
    out
}
