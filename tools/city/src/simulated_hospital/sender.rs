//! Sends the desk entries by the habits of the sender: in batches, twice, out of order, or with a fast clock. It must not
//! change what the entries say.

use jiff::{SignedDuration, Timestamp};

use super::{
    Delivery, Habits,
    desk_entry::{DeskEntry, MessageOptions},
};
use crate::random::SeededRng;

/// The messages in order of arrival.
pub fn deliveries(seed: u64, habits: Habits, mut entries: Vec<DeskEntry>) -> Vec<Delivery> {
    // The sort is stable: entries of the same time keep their order.
    entries.sort_by_key(|one| one.entered_at);
    let mut rng = SeededRng::new(seed, 0, "sender");
    let mut out: Vec<Delivery> = vec![];
    let mut sequence = 0;
    let mut control = 0_i64;
    let fast_from = entries.get(entries.len() / 3).map(|one| one.entered_at);
    for entry in &entries {
        let entered_at = entry.entered_at;
        let fast = habits.clock_jumps
            && fast_from.is_some_and(|from| entered_at >= from && entered_at < from + SignedDuration::from_hours(9));
        let sent = if fast { entered_at + SignedDuration::from_hours(1) } else { entered_at };
        let mut write = |extra: SignedDuration, rng: &mut SeededRng| {
            sequence += 1;
            control += 1;
            let options = MessageOptions {
                minutes_only: habits.minutes_only,
                days_only: habits.days_only,
                authority: !(habits.drops_authority && rng.chance(400)),
                sequence: habits.sequence.then_some(sequence),
            };
            entry.message(&format!("C{control}"), sent + extra, options)
        };
        let bytes = write(SignedDuration::ZERO, &mut rng);
        // No two messages arrive in the same microsecond.
        let arrives = arrival(habits, entered_at, &mut rng) + SignedDuration::from_micros(control);
        if habits.duplicates && rng.chance(100) {
            let later = arrives + SignedDuration::from_secs(rng.days(1, 4000));
            out.push(Delivery { arrives: later, bytes: bytes.clone() });
        }
        out.push(Delivery { arrives, bytes });
    }
    if habits.tells_again {
        out.extend(repeats(habits, &entries, &mut rng));
    }
    out.sort_by_key(|one| one.arrives);
    out
}

fn arrival(habits: Habits, entered_at: Timestamp, rng: &mut SeededRng) -> Timestamp {
    if habits.batch_at_midnight {
        const DAY: i64 = 24 * 3600;
        let midnight = (entered_at.as_second() / DAY + 1) * DAY;
        // The batch keeps the order of the day.
        let within = SignedDuration::from_micros(entered_at.as_second().rem_euclid(DAY));
        return Timestamp::from_second(midnight).map_or(entered_at, |midnight| midnight + within);
    }
    let reorders = habits.reorders && (habits.sequence || !habits.minutes_only);
    let delay = if reorders { rng.days(1, 900) } else { 1 };
    entered_at + SignedDuration::from_secs(delay)
}

/// Repeats the last entry of some visits with a new control id and a later time.
fn repeats(habits: Habits, entries: &[DeskEntry], rng: &mut SeededRng) -> Vec<Delivery> {
    let mut out = vec![];
    for (at, entry) in entries.iter().enumerate() {
        let repeatable = matches!(entry.event, "A01" | "A02" | "A03");
        if !repeatable || !rng.chance(80) {
            continue;
        }
        let later = entries.iter().skip(at + 1);
        let last = !later.clone().any(|one| one.visit == entry.visit || one.number == entry.number);
        if !last {
            continue;
        }
        let entered_at = entry.entered_at + SignedDuration::from_mins(rng.days(3, 90));
        let options = MessageOptions {
            minutes_only: habits.minutes_only,
            days_only: habits.days_only,
            authority: true,
            sequence: habits.sequence.then_some(900_000 + at as u64),
        };
        let bytes = entry.message(&format!("R{at}"), entered_at, options);
        out.push(Delivery { arrives: arrival(habits, entered_at, rng), bytes });
    }
    out
}
