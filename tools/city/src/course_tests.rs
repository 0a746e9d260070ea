//! Tests of `course.rs`.

use super::*;
use crate::catalogue::{MEASURES, measure};

fn world() -> World {
    World::new(1, 5000, "2026-11-22T12:00:00Z".parse().unwrap_or_default())
}

#[test]
fn a_measurement_changes_little_in_a_month() {
    let world = world();
    for index in 0..400 {
        let person = world.person(index);
        for measure in MEASURES {
            for months in 1..20 {
                let day = world.days_ago(30 * months);
                let (then, later) = (
                    world.measured(&person, measure, day),
                    world.measured(&person, measure, day.saturating_add(Span::new().days(30))),
                );
                let largest = match measure.key {
                    // A child grows, and birthdays step to the next year of the curve.
                    "weight" => then / 3 + 20,
                    "creatinine" => then / 4 + 150,
                    _ => (measure.healthy.1 - measure.healthy.0) / 2 + then / 10 + 10,
                };
                assert!(then.abs_diff(later) <= largest, "{index} {} {then} {later}", measure.key);
            }
        }
    }
}

#[test]
fn filtration_and_creatinine_tell_the_same_story() {
    let world = world();
    let (egfr, creatinine) = (measure("egfr"), measure("creatinine"));
    let (Some(egfr), Some(creatinine)) = (egfr, creatinine) else { unreachable!("both are in the catalogue") };
    for index in 0..2000 {
        let person = world.person(index);
        if person.age < 18 {
            continue;
        }
        let day = world.days_ago(60);
        let (rate, level) = (world.measured(&person, egfr, day), world.measured(&person, creatinine, day));
        assert!(rate >= 600 || level > 700, "{index}: {rate} and {level}");
        assert!(rate < 750 || level < 1200, "{index}: {rate} and {level}");
    }
}
