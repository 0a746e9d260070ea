//! The course of a person's measurements over the years: each drifts slowly around a level of its own, so that all sources
//! and messages agree on a day. It is computed and never stored. Values are in tenths, like those of the catalogue.

use jiff::{Span, civil::Date};

use crate::{
    catalogue::Measure,
    health::problems,
    world::{CastRole, Person, Sex, World, years_between},
};

/// The median weight of children by completed year, in tenths of a kilogram.
const CHILD_WEIGHTS: [u32; 18] =
    [75, 105, 125, 145, 165, 185, 207, 230, 256, 286, 320, 360, 410, 465, 520, 570, 610, 640];
/// The glomerular filtration rate below which it is reported as a number; above, laboratories report no more than this.
const REPORTED_FILTRATION: u32 = 900;

impl World {
    /// The value of a measure on a day.
    pub(crate) fn measured(&self, person: &Person, measure: &Measure, day: Date) -> u32 {
        let value = match measure.key {
            "weight" => self.weight(person, measure, day),
            "egfr" => self.filtration(person, day).min(REPORTED_FILTRATION),
            "creatinine" => creatinine(person, self.filtration(person, day), day),
            _ => self.drift(person, measure.key, self.usual_range(person, measure), day),
        };
        if measure.digits == 0 { value / 10 * 10 } else { value }
    }

    /// The range of a disorder that the person has, otherwise that of healthy people.
    fn usual_range(&self, person: &Person, measure: &Measure) -> (u32, u32) {
        let problems = problems(self, person);
        let of_disorder = problems.iter().flat_map(|one| one.disorder.measures).find(|(key, ..)| *key == measure.key);
        of_disorder.map_or(measure.healthy, |(_, low, high)| (*low, *high))
    }

    /// A level of the person's own within the range, which wanders from year to year and varies a little by day.
    fn drift(&self, person: &Person, key: &str, (low, high): (u32, u32), day: Date) -> u32 {
        let width = high.saturating_sub(low);
        let level = low + width * self.rng(person.index, &format!("level {key}")).between(20, 80) / 100;
        let of_year = |year: i16| {
            let step = self.rng(person.index, &format!("course {key} {year}")).between(0, width * 24 / 100);
            (level + step).saturating_sub(width * 12 / 100)
        };
        let (start, end) = (of_year(day.year()), of_year(day.year().saturating_add(1)));
        let passed = u32::from(day.day_of_year().unsigned_abs()).min(365);
        let between = (start * (365 - passed) + end * passed) / 365;
        let noise = self.rng(person.index, &format!("noise {key} {day}")).between(0, width * 6 / 100);
        (between + noise).saturating_sub(width * 3 / 100).clamp(low, high)
    }

    /// Children follow a growth curve; adults stay within a few kilograms.
    fn weight(&self, person: &Person, measure: &Measure, day: Date) -> u32 {
        let build = self.rng(person.index, "build").between(85, 118);
        let age = years_between(person.birth, day);
        if let Some(median) = usize::try_from(age).ok().and_then(|years| CHILD_WEIGHTS.get(years)) {
            return median * build / 100;
        }
        let (low, high) = measure.healthy;
        let level = low + (high - low) * (build - 85) / 33 + if person.sex == Sex::Male { 60 } else { 0 };
        self.drift(person, measure.key, (level.saturating_sub(25), level + 25), day)
    }

    /// The glomerular filtration rate. It falls with age and with kidney disease.
    fn filtration(&self, person: &Person, day: Date) -> u32 {
        if CastRole::of(person.index) == Some(CastRole::Fredrica) {
            return self.fredricas_filtration(day);
        }
        let problems = problems(self, person);
        let of_disorder = problems.iter().flat_map(|one| one.disorder.measures).find(|(key, ..)| *key == "egfr");
        if let Some((key, low, high)) = of_disorder {
            return self.drift(person, key, (*low, *high), day);
        }
        let age = u32::try_from(years_between(person.birth, day)).unwrap_or(0);
        let usual = 1250_u32.saturating_sub(7 * age).max(660);
        self.drift(person, "egfr", (usual - 50, usual + 50), day)
    }

    /// Hers fell from about 50 to the 41 of yesterday within a year.
    fn fredricas_filtration(&self, day: Date) -> u32 {
        let yesterday = self.today.saturating_sub(Span::new().days(1));
        let before = u32::try_from((yesterday - day).get_days()).unwrap_or(0).min(720);
        410 + before / 4
    }
}

/// The creatinine that gives this filtration rate by the CKD-EPI equation of 2009, which laboratories here use for adults.
fn creatinine(person: &Person, filtration: u32, day: Date) -> u32 {
    const TENTHS_OF_MICROMOLES_PER_MG_PER_DL: f64 = 884.0;
    let age = years_between(person.birth, day);
    // Adults have a range of their own, which children reach slowly.
    if age < 18 {
        return 450.max(300 + u32::try_from(age).unwrap_or(0) * 28);
    }
    let (kappa, alpha, factor) = if person.sex == Sex::Female { (0.7, 0.329, 1.018) } else { (0.9, 0.411, 1.0) };
    let years = i32::try_from(age).unwrap_or(i32::MAX);
    let ratio = f64::from(filtration) / 10.0 / (141.0 * factor * 0.993_f64.powi(years));
    let relative = if ratio <= 1.0 { ratio.powf(-1.0 / 1.209) } else { ratio.powf(-1.0 / alpha) };
    let tenths = (relative * kappa * TENTHS_OF_MICROMOLES_PER_MG_PER_DL).round();
    // Bounded, so the conversion is exact.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a small positive number")]
    let whole = tenths.clamp(300.0, 9000.0) as u32;
    whole
}

#[cfg(test)]
#[path = "course_tests.rs"]
mod tests;
