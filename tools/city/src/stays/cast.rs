//! The scripted stays of the cast. Their visit numbers must stay the same from day to day, so that a platform started
//! again tomorrow continues these stays instead of adding new ones.

use jiff::{Span, Timestamp};

use super::{Stay, StayKind};
use crate::hospital::{Place, specialty, ward_by_code};
use crate::plan::Source;
use crate::world::{CastRole, World};

/// A scripted stay at St Hilda's.
struct CastStay {
    kind: StayKind,
    ward: &'static str,
    bed: (Option<char>, Option<u32>),
    /// Days ago, hour, minute.
    arrived: (i64, i8, i8),
    left: Option<(i64, i8, i8)>,
    reason: &'static str,
    expected_days: u32,
    pathway: &'static str,
}

fn scripted_stay(part: CastRole) -> Option<CastStay> {
    let ward = |ward, bed, arrived, reason, expected_days, pathway| CastStay {
        kind: StayKind::Ward,
        ward,
        bed,
        arrived,
        left: None,
        reason,
        expected_days,
        pathway,
    };
    let bed = |bay, bed| (Some(bay), Some(bed));
    Some(match part {
        CastRole::Fredrica => ward("J27", bed('C', 4), (3, 14, 20), "Fall at home", 6, "P1"),
        // Expected to leave seven days after admission, which is two days ago.
        CastRole::Osei => ward("J27", bed('A', 4), (9, 16, 40), "Urinary tract infection", 7, "P1"),
        CastRole::Restricted => ward("J14", bed('B', 2), (4, 11, 5), "Asthma attack", 6, "P0"),
        CastRole::Doreen => {
            CastStay { left: Some((5, 15, 10)), ..ward("L14", bed('D', 3), (12, 10, 30), "Heart failure", 7, "P0") }
        }
        CastRole::Leonard => {
            CastStay { kind: StayKind::Attender, ..ward("ED", (None, None), (0, 3, 12), "Collapse", 1, "P0") }
        }
        _ => return None,
    })
}

impl World {
    /// The stay of a cast member, if they have one.
    pub(crate) fn cast_stay(&self, index: u32) -> Option<Stay> {
        let story = scripted_stay(CastRole::of(index)?)?;
        let ward = ward_by_code(Source::StHildas, story.ward);
        let place = Place { ward, bay: story.bed.0, bed: story.bed.1 };
        let when = |(days, hour, minute): (i64, i8, i8)| self.at(self.days_ago(days), hour, minute);
        let mut arrived = when(story.arrived);
        if story.kind == StayKind::Attender && arrived > self.now {
            arrived = when((1, story.arrived.1, story.arrived.2));
        }
        let hours = |hours: i64| arrived.saturating_sub(Span::new().hours(hours)).unwrap_or(arrived);
        Some(Stay {
            source: Source::StHildas,
            index,
            visit: cast_visit(index),
            kind: story.kind,
            attended: Some(if story.kind == StayKind::Attender { arrived } else { hours(3) }),
            admitted: arrived,
            left: story.left.map(when),
            first: place,
            place,
            consultant: &specialty(ward.specialty().code).consultants[0],
            reason: story.reason,
            expected_days: story.expected_days,
            pathway: story.pathway,
            died: false,
        })
    }

    /// A stay for a cast member without one, from that moment. Tests use it to admit them.
    pub(crate) fn cast_stay_from(&self, index: u32, at: Timestamp) -> Stay {
        let mut rng = self.rng(index, "a stay of the cast");
        let stay = self.stay_of(Source::StHildas, index, cast_visit(index), at, &mut rng);
        Stay { attended: None, first: stay.place, ..stay }
    }
}

fn cast_visit(index: u32) -> String {
    format!("{}V9{index:03}", Source::StHildas.id_prefix())
}
