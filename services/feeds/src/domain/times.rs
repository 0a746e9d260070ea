//! When a message says that its event happened and was told: five fields, read together by the zone rules of
//! `lcr_hl7::zone`.

use jiff::Timestamp;
use lcr_contracts::Moment;
use lcr_hl7::{
    Field,
    zone::{self, Times},
};

use super::{Arrival, groups::Group};

/// The times of a group; without one those of the first visit of the message.
pub fn of(arrival: &Arrival<'_>, group: Option<&Group<'_>>) -> Times<Option<Moment>> {
    let header = |name, number| text(arrival.message.field(name, number));
    let visit =
        |number| text(group.map_or(arrival.message.field("PV1", number), |group| group.field("PV1", number)));
    let (admitted, discharged) = (visit(44), visit(45));
    let (occurred, entered, sent) = (header("EVN", 6), header("EVN", 2), header("MSH", 7));
    let written = Times {
        admitted: admitted.as_str(),
        discharged: discharged.as_str(),
        occurred: occurred.as_str(),
        entered: entered.as_str(),
        sent: sent.as_str(),
    };
    zone::read(written, arrival.received)
}

/// MSH-7; when the message arrived if it does not say.
pub fn sent(arrival: &Arrival<'_>) -> Moment {
    of(arrival, None).sent.unwrap_or(Moment::exact(arrival.received))
}

/// When something was told of. Never after it arrived, so that a clock ahead of ours does not shut out what follows.
pub fn told_at(arrival: &Arrival<'_>) -> Timestamp {
    sent(arrival).at.min(arrival.received)
}

fn text(field: Field<'_>) -> String {
    field.time_text().unwrap_or_default()
}
