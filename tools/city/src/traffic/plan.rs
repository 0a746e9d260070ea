//! How a discharge plan grows while somebody is in hospital: what the `ZDP` and `ZDT` of a message say. The words are
//! invented; codes are those of the national lists (criteria to reside, discharge pathways).

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use crate::stays::{Kind, Stay};
use crate::world::World;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(super) enum Stage {
    New,
    Planning,
    Fit,
    Agreed,
    Ready,
}

/// A whole plan, as `ZDP` and `ZDT` tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// Needs a hospital bed, by which criterion; none where the unit does not record it.
    pub(super) reside: Option<(bool, &'static str)>,
    /// Since when not.
    pub(super) since: Option<Date>,
    pub(super) status: &'static str,
    pub(super) changed: Timestamp,
    pub(super) pathway: Option<&'static str>,
    pub(super) going_to: &'static str,
    pub(super) transfer: Option<(&'static str, Date)>,
    pub(super) criteria: &'static str,
    pub(super) items: Vec<Item>,
}

/// Something that has to happen first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) key: &'static str,
    pub(super) waiting: bool,
    pub(super) words: &'static str,
    pub(super) by: &'static str,
    pub(super) since: Date,
    pub(super) done: bool,
}

/// What each pathway waits for: key, whether somebody else has to do it, words, whom it waits for.
type Waits = (&'static str, bool, &'static str, &'static str);
const TTO: Waits = ("tto", false, "Medicines to take home", "Pharmacy");
const LETTER: Waits = ("letter", false, "Discharge letter", "Ward doctors");
const PACKAGE: Waits = ("pkg", true, "Package of care, four calls a day", "Adult Social Care");
const THERAPY: Waits = ("ot", false, "Occupational therapy assessment", "Therapy team");
const BED: Waits = ("bed", true, "Community bed", "Aire Community Healthcare");
const HOME: Waits = ("home", true, "Care home place", "Adult Social Care");

fn waits(pathway: &str) -> &'static [Waits] {
    match pathway {
        "P1" => &[PACKAGE, THERAPY, TTO, LETTER],
        "P2" => &[BED, THERAPY, TTO, LETTER],
        "P3" => &[HOME, TTO, LETTER],
        _ => &[TTO, LETTER],
    }
}

fn going_to(pathway: &str) -> (&'static str, Option<&'static str>) {
    match pathway {
        "P1" => ("home with reablement", Some("Reablement team")),
        "P2" => ("community bed", Some("Aire House")),
        "P3" => ("care home", Some("Birch Terrace Nursing Home")),
        _ => ("home", None),
    }
}

impl Plan {
    /// The plan of a stay at a stage of it.
    pub(super) fn of(world: &World, stay: &Stay, stage: Stage, at: Timestamp) -> Self {
        let day = world.in_london(at).date();
        let mut dice = stay.dice(world, "plan");
        let need = dice.pick(&["02", "03", "04", "06", "08"]);
        let fit = stage >= Stage::Fit;
        let came = world.in_london(stay.admitted).date();
        // Of that day or the day before: told again later without a date, it stays what it was.
        let since = day.saturating_sub(Span::new().days(dice.days(0, 1))).max(came);
        let (to, service) = going_to(stay.pathway);
        let items = if stage == Stage::New { &[][..] } else { waits(stay.pathway) };
        let done = |one: &Waits| match stage {
            Stage::New | Stage::Planning | Stage::Fit => false,
            Stage::Agreed => one.1 || one.0 == "ot",
            Stage::Ready => one.0 != "tto",
        };
        let item = |one: &Waits| Item {
            key: one.0,
            waiting: one.1,
            words: one.2,
            by: one.3,
            since: came.saturating_add(Span::new().days(1)).min(day),
            done: done(one),
        };
        Self {
            reside: (stay.kind == Kind::Ward).then_some(if fit { (false, "") } else { (true, need) }),
            since: (fit && stage == Stage::Fit).then_some(since),
            status: match stage {
                Stage::New => "not-started",
                Stage::Planning | Stage::Fit => "in-progress",
                Stage::Agreed => "agreed",
                Stage::Ready => "ready",
            },
            changed: at,
            pathway: (stage != Stage::New).then_some(stay.pathway),
            going_to: to,
            transfer: service
                .filter(|_| stage >= Stage::Agreed)
                .map(|service| (service, day.saturating_add(Span::new().days(1)))),
            criteria: dice.pick(&[
                "Walks to the toilet with one",
                "Breathes room air",
                "Eats and drinks",
                "Pain controlled with tablets",
            ]),
            items: items.iter().map(item).collect(),
        }
    }
}
