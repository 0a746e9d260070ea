//! Reads the five times of a message together, by the zone rules of `lcr_hl7::zone`. Must never return a reported time
//! after the message's arrival.

use jiff::Timestamp;
use lcr_contracts::Moment;
use lcr_hl7::{
    Field,
    zone::{self, Times},
};

use super::{Arrival, segment_groups::SegmentGroup};

/// The times of a group. Without a group, those of the message's first PV1.
pub fn read(arrival: &Arrival<'_>, group: Option<&SegmentGroup<'_>>) -> Times<Option<Moment>> {
    let header = |name, number| text(arrival.message.field(name, number));
    let visit = |number| text(group.map_or(arrival.message.field("PV1", number), |group| group.field("PV1", number)));
    let (admitted, discharged) = (visit(44), visit(45));
    let (occurred, entered, sent) = (header("EVN", 6), header("EVN", 2), header("MSH", 7));
    let written = Times {
        admitted: admitted.as_str(),
        discharged: discharged.as_str(),
        occurred: occurred.as_str(),
        entered: entered.as_str(),
        sent: sent.as_str(),
    };
    zone::resolve_times(written, arrival.received)
}

/// MSH-7, else the time of arrival.
pub fn sent(arrival: &Arrival<'_>) -> Moment {
    read(arrival, None).sent.unwrap_or(Moment::exact(arrival.received))
}

/// When the sender sent the message, at most its time of arrival: a sender's clock that is ahead must not make later
/// messages look older.
pub fn reported_at(arrival: &Arrival<'_>) -> Timestamp {
    sent(arrival).at.min(arrival.received)
}

fn text(field: Field<'_>) -> String {
    field.time_text().unwrap_or_default()
}
