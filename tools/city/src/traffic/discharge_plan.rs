//! The discharge plan in the `ZDP` and `ZDT` segments, which grows during a stay. Texts are invented. Codes are those of
//! the national lists (criteria to reside, discharge pathways).

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use crate::stays::{Stay, StayKind};
use crate::world::World;

/// The stage of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(super) enum Stage {
    New,
    Planning,
    Fit,
    Agreed,
    Ready,
}

/// A discharge plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DischargePlan {
    /// Whether the patient needs a hospital bed, and by which criterion. None if the unit does not record it.
    pub(super) reside: Option<(bool, &'static str)>,
    /// The date since when no bed is needed.
    pub(super) since: Option<Date>,
    pub(super) status: &'static str,
    pub(super) changed: Timestamp,
    pub(super) pathway: Option<&'static str>,
    pub(super) going_to: &'static str,
    pub(super) transfer: Option<(&'static str, Date)>,
    pub(super) criteria: &'static str,
    pub(super) items: Vec<Item>,
}

/// A task before discharge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) key: &'static str,
    pub(super) waiting: bool,
    pub(super) words: &'static str,
    pub(super) by: &'static str,
    pub(super) since: Date,
    pub(super) done: bool,
}

/// A task of a pathway: key, whether another organisation does it, text, who does it.
type ItemTemplate = (&'static str, bool, &'static str, &'static str);
const TTO: ItemTemplate = ("tto", false, "Medicines to take home", "Pharmacy");
const LETTER: ItemTemplate = ("letter", false, "Discharge letter", "Ward doctors");
const PACKAGE: ItemTemplate = ("pkg", true, "Package of care, four calls a day", "Adult Social Care");
const THERAPY: ItemTemplate = ("ot", false, "Occupational therapy assessment", "Therapy team");
const BED: ItemTemplate = ("bed", true, "Community bed", "Aire Community Healthcare");
const HOME: ItemTemplate = ("home", true, "Care home place", "Adult Social Care");

fn item_templates(pathway: &str) -> &'static [ItemTemplate] {
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

impl DischargePlan {
    /// The plan of a stay at a stage.
    pub(super) fn of(world: &World, stay: &Stay, stage: Stage, at: Timestamp) -> Self {
        let day = world.in_london(at).date();
        let mut rng = stay.rng(world, "plan");
        let need = rng.pick(&["02", "03", "04", "06", "08"]);
        let fit = stage >= Stage::Fit;
        let came = world.in_london(stay.admitted).date();
        // That day or the day before. Later messages omit the date, which leaves it unchanged.
        let since = day.saturating_sub(Span::new().days(rng.days(0, 1))).max(came);
        let (to, service) = going_to(stay.pathway);
        let items = if stage == Stage::New { &[][..] } else { item_templates(stay.pathway) };
        let done = |one: &ItemTemplate| match stage {
            Stage::New | Stage::Planning | Stage::Fit => false,
            Stage::Agreed => one.1 || one.0 == "ot",
            Stage::Ready => one.0 != "tto",
        };
        let item = |one: &ItemTemplate| Item {
            key: one.0,
            waiting: one.1,
            words: one.2,
            by: one.3,
            since: came.saturating_add(Span::new().days(1)).min(day),
            done: done(one),
        };
        Self {
            reside: (stay.kind == StayKind::Ward).then_some(if fit { (false, "") } else { (true, need) }),
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
            criteria: rng.pick(&[
                "Walks to the toilet with one",
                "Breathes room air",
                "Eats and drinks",
                "Pain controlled with tablets",
            ]),
            items: items.iter().map(item).collect(),
        }
    }
}
