//! The disorders of one person. All sources derive their records from these facts, so that they agree. The facts
//! themselves must never be served.

use jiff::civil::Date;

use crate::catalogue::{ALLERGENS, CODEINE, DISORDERS, Disorder, PENICILLIN, Term};
use crate::world::{CastRole, Person, World};

#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) disorder: &'static Disorder,
    pub(crate) onset: Date,
    /// True for the few long-term disorders that have ended.
    pub(crate) resolved: bool,
}

/// The disorders of a person, in the order of the catalogue. Diabetes makes hypertension and kidney disease likelier.
pub(crate) fn problems(world: &World, person: &Person) -> Vec<Problem> {
    let mut rng = world.rng(person.index, "health");
    let band = match person.age {
        ..18 => 0,
        18..50 => 1,
        50..70 => 2,
        _ => 3,
    };
    let mut problems_so_far: Vec<Problem> = Vec::new();
    for disorder in DISORDERS {
        let has_diabetes = problems_so_far.iter().any(|one| one.disorder.key == "t2dm");
        let more = if has_diabetes && matches!(disorder.key, "htn" | "ckd3") { 2 } else { 1 };
        let drawn = rng.chance(disorder.rates[band] * more);
        let latest = (person.age * 300).clamp(60, 7000);
        let days = rng.days(30, u32::try_from(latest).unwrap_or(60));
        let resolved = rng.chance(150) && matches!(disorder.key, "asthma" | "eczema" | "depression" | "anxiety");
        if scripted_disorders(person).map_or(drawn, |keys| keys.contains(&disorder.key)) {
            problems_so_far.push(Problem { disorder, onset: world.days_ago(days), resolved });
        }
    }
    problems_so_far
}

/// The allergens of a person, with the reaction and whether it is severe. Records may miss some of them.
pub(crate) fn allergens(world: &World, index: u32) -> Vec<(Term, Term, bool)> {
    let mut rng = world.rng(index, "allergies");
    let count = [0, 0, 0, 0, 0, 0, 0, 1, 1, 2][rng.below(10) as usize];
    let first = rng.below(8);
    let draw = |step: u32| {
        let (substance, reaction) = ALLERGENS[((first + step * 3) % 8) as usize];
        (substance, reaction, rng.chance(100))
    };
    (0..count).map(draw).collect()
}

/// Whether the person is allergic to the substance, as at least one source records.
pub(crate) fn is_allergic(world: &World, index: u32, allergen: Term) -> bool {
    match CastRole::of(index) {
        Some(CastRole::Fredrica) => [PENICILLIN, CODEINE].contains(&allergen),
        Some(CastRole::Leonard) => allergen == PENICILLIN,
        _ => allergens(world, index).iter().any(|(substance, ..)| *substance == allergen),
    }
}

/// The fixed disorders of a cast member. None for everybody else.
fn scripted_disorders(person: &Person) -> Option<&'static [&'static str]> {
    match CastRole::of(person.index)? {
        CastRole::Fredrica => Some(&["t2dm", "htn", "af", "ckd3", "depression", "oa"]),
        CastRole::Restricted => Some(&["asthma", "depression"]),
        CastRole::Deceased => Some(&["hf", "copd", "htn"]),
        CastRole::Osei => Some(&["htn", "dementia", "oa", "ckd3"]),
        CastRole::Child => Some(&["asthma"]),
        CastRole::Leonard => Some(&["htn", "valve"]),
        CastRole::Doreen => Some(&["htn", "af", "hf"]),
        _ => None,
    }
}
