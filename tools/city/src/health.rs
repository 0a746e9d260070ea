//! What is true of one person's health, before any source says its part of it: the sources of one person
//! agree because they are told from the same facts. It must never be served itself.

use jiff::civil::Date;

use crate::catalogue::{DISORDERS, Disorder};
use crate::world::{Part, Person, World};

#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) disorder: &'static Disorder,
    pub(crate) onset: Date,
    /// Over, for the few long-term disorders that end.
    pub(crate) resolved: bool,
}

/// Disorders in the order of the catalogue. Some bring others: diabetes and age bring high blood pressure.
pub(crate) fn problems(world: &World, person: &Person) -> Vec<Problem> {
    let mut dice = world.dice(person.index, "health");
    let band = match person.age {
        ..18 => 0,
        18..50 => 1,
        50..70 => 2,
        _ => 3,
    };
    let mut found: Vec<Problem> = Vec::new();
    for disorder in DISORDERS {
        let has_diabetes = found.iter().any(|one| one.disorder.key == "t2dm");
        let more = if has_diabetes && matches!(disorder.key, "htn" | "ckd3") { 2 } else { 1 };
        let drawn = dice.chance(disorder.rates[band] * more);
        let latest = (person.age * 300).clamp(60, 7000);
        let days = dice.days(30, u32::try_from(latest).unwrap_or(60));
        let over = dice.chance(150) && matches!(disorder.key, "asthma" | "eczema" | "depression" | "anxiety");
        if story(person).map_or(drawn, |keys| keys.contains(&disorder.key)) {
            found.push(Problem { disorder, onset: world.days_ago(days), resolved: over });
        }
    }
    found
}

/// The disorders of those of the cast whose story needs them.
fn story(person: &Person) -> Option<&'static [&'static str]> {
    match Part::of(person.index)? {
        Part::Fredrica => Some(&["t2dm", "htn", "af", "ckd3", "depression", "oa"]),
        Part::Restricted => Some(&["asthma", "depression"]),
        Part::Deceased => Some(&["hf", "copd", "htn"]),
        Part::Osei => Some(&["htn", "dementia", "oa", "ckd3"]),
        Part::Child => Some(&["asthma"]),
        Part::Leonard => Some(&["htn", "valve"]),
        Part::Doreen => Some(&["htn", "af", "hf"]),
        _ => None,
    }
}
