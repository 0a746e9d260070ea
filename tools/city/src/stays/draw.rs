//! Draws the place, the consultant and the reason of a stay. The same seed must always draw the same stay.

use jiff::{Span, Timestamp};

use super::{Stay, StayKind};
use crate::{health::problems, hospital, plan::Source, random::SeededRng, world::World};

impl World {
    /// Draws place, consultant and reason of a stay. The caller sets the times.
    pub(crate) fn stay_of(
        &self,
        source: Source,
        index: u32,
        visit: String,
        admitted: Timestamp,
        rng: &mut SeededRng,
    ) -> Stay {
        let age = self.age(index);
        let kind = match source {
            Source::Community => StayKind::CommunityBed,
            Source::MentalHealth => StayKind::MentalHealth,
            _ => StayKind::Ward,
        };
        let code = match kind {
            StayKind::CommunityBed => "318",
            StayKind::MentalHealth => "710",
            _ if age < 16 => "420",
            _ if age >= 75 => rng.pick(&["430", "430", "430", "326", "340", "320", "110", "328"]),
            _ => rng.pick(&["326", "326", "340", "320", "100", "110", "301", "361", "101", "120", "400"]),
        };
        let ward = hospital::ward_of_specialty(source, code, rng).unwrap_or(&hospital::wards(source)[0]);
        let place = ward.bed(rng);
        let by_emergency = kind == StayKind::Ward && rng.chance(650);
        let first = if by_emergency && age >= 16 { hospital::assessment_ward(source).bed(rng) } else { place };
        let arrived = admitted.saturating_sub(Span::new().minutes(rng.days(70, 290))).unwrap_or(admitted);
        Stay {
            source,
            index,
            visit,
            kind,
            attended: by_emergency.then_some(arrived),
            admitted,
            left: None,
            first,
            place,
            consultant: hospital::consultant(source, ward.specialty(), rng),
            reason: self.reason(index, ward.specialty().reasons, rng),
            expected_days: rng.between(2, 7),
            pathway: match (age, rng.below(100)) {
                (..65, 0..90) | (65.., 0..40) => "P0",
                (..65, _) | (65.., 40..86) => "P1",
                (_, 86..96) => "P2",
                _ => "P3",
            },
            died: false,
        }
    }
}

impl World {
    /// A reason for admission that fits the person's age and disorders, if the specialty has one.
    fn reason(&self, index: u32, reasons: &[&'static str], rng: &mut SeededRng) -> &'static str {
        let person = self.person(index);
        let problems = problems(self, &person);
        let has = |key: &str| problems.iter().any(|one| one.disorder.key == key);
        let fits = |reason: &str| match reason {
            "Exacerbation of COPD" => has("copd"),
            "Asthma attack" => has("asthma"),
            "Heart failure" => has("hf"),
            "Fracture of neck of femur" => person.age >= 60,
            "Bronchiolitis" => person.age < 2,
            _ => true,
        };
        let drawn = rng.pick(reasons);
        if fits(drawn) { drawn } else { reasons.iter().copied().find(|reason| fits(reason)).unwrap_or(drawn) }
    }
}
