//! The stays that stories of the cast tell of. Their visit numbers stay the same from day to day, so that a platform
//! which is started again tomorrow moves their stories along instead of telling them twice.

use jiff::{Span, Timestamp};

use super::{Kind, Stay};
use crate::hospital::{Place, specialty, ward_called};
use crate::plan::Source;
use crate::world::{Part, World};

/// What a story says of a stay at St Hilda's.
struct Told {
    kind: Kind,
    ward: &'static str,
    bed: (Option<char>, Option<u32>),
    /// Days ago, hour, minute.
    came: (i64, i8, i8),
    left: Option<(i64, i8, i8)>,
    reason: &'static str,
    expected_days: u32,
    pathway: &'static str,
}

fn told(part: Part) -> Option<Told> {
    let ward = |ward, bed, came, reason, expected_days, pathway| Told {
        kind: Kind::Ward,
        ward,
        bed,
        came,
        left: None,
        reason,
        expected_days,
        pathway,
    };
    let bed = |bay, bed| (Some(bay), Some(bed));
    Some(match part {
        Part::Fredrica => ward("J27", bed('C', 4), (3, 14, 20), "Fall at home", 6, "P1"),
        // Expected to leave seven days after she came, which is two days ago.
        Part::Osei => ward("J27", bed('A', 4), (9, 16, 40), "Urinary tract infection", 7, "P1"),
        Part::Restricted => ward("J14", bed('B', 2), (4, 11, 5), "Asthma attack", 6, "P0"),
        Part::Doreen => Told {
            left: Some((5, 15, 10)),
            ..ward("L14", bed('D', 3), (12, 10, 30), "Heart failure", 7, "P0")
        },
        Part::Leonard => {
            Told { kind: Kind::Attender, ..ward("ED", (None, None), (0, 3, 12), "Collapse", 1, "P0") }
        }
        _ => return None,
    })
}

impl World {
    /// The stay of one of the cast, if their story has one.
    pub(crate) fn cast_stay(&self, index: u32) -> Option<Stay> {
        let told = told(Part::of(index)?)?;
        let ward = ward_called(Source::StHildas, told.ward);
        let place = Place { ward, bay: told.bed.0, bed: told.bed.1 };
        let when = |(days, hour, minute): (i64, i8, i8)| self.at(self.days_ago(days), hour, minute);
        let mut came = when(told.came);
        if told.kind == Kind::Attender && came > self.now {
            came = when((1, told.came.1, told.came.2));
        }
        let hours = |hours: i64| came.saturating_sub(Span::new().hours(hours)).unwrap_or(came);
        Some(Stay {
            source: Source::StHildas,
            index,
            visit: cast_visit(index),
            kind: told.kind,
            attended: Some(if told.kind == Kind::Attender { came } else { hours(3) }),
            admitted: came,
            left: told.left.map(when),
            first: place,
            place,
            consultant: &specialty(ward.specialty().code).consultants[0],
            reason: told.reason,
            expected_days: told.expected_days,
            pathway: told.pathway,
            died: false,
        })
    }

    /// A stay for one of the cast who has none, from that moment: what a test admits them to.
    pub(crate) fn cast_stay_from(&self, index: u32, at: Timestamp) -> Stay {
        let mut dice = self.dice(index, "a stay of the cast");
        let stay = self.stay_of(Source::StHildas, index, cast_visit(index), at, &mut dice);
        Stay { attended: None, first: stay.place, ..stay }
    }
}

fn cast_visit(index: u32) -> String {
    format!("{}V9{index:03}", Source::StHildas.letters())
}
