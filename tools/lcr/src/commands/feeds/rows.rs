//! Prints the ward's rows that the messages of a dry run lead to. The ward's own rules compute them; nothing here must
//! change one.

use std::fmt;

use jiff::tz::TimeZone;
use lcr_contracts::{Moment, Precision, spell::Place, ward::ListCategory, whereabouts::PlaceWords};
use lcr_virtual_ward::{Preview, PreviewStatus};

/// One stay, printed as a line.
pub struct Row(pub Preview);

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(row) = self;
        write!(f, "person {}: {}", row.person.local_id.0, list_name(row.status))?;
        write!(f, ", {}", row.place.as_ref().map_or("ward and bed not sent".to_owned(), format_place))?;
        write!(f, ", admitted {}", row.admitted.map_or("at a time not sent".to_owned(), format_in_london))?;
        if let Some(left) = row.left {
            write!(f, ", left {}", format_in_london(left))?;
        }
        if let Some(to) = &row.destination {
            write!(f, " to {to}")?;
        }
        if let Some(day) = row.expected_discharge {
            write!(f, ", expected to leave {day}")?;
        }
        if let Some(to) = &row.going_to {
            write!(f, ", going to {to}")?;
        }
        for mark in [("on leave", row.on_leave), ("died", row.died)].iter().filter(|(_, is_so)| *is_so) {
            write!(f, ", {}", mark.0)?;
        }
        for (label, value) in &row.further {
            write!(f, ", {label}: {}", value.as_deref().unwrap_or("not sent"))?;
        }
        for warning in &row.warnings {
            write!(f, "\n    ! {warning}")?;
        }
        Ok(())
    }
}

fn list_name(status: PreviewStatus) -> &'static str {
    match status {
        PreviewStatus::InHospital(ListCategory::Main) => "in hospital",
        PreviewStatus::InHospital(ListCategory::DayCase) => "in hospital as a day case",
        PreviewStatus::InHospital(ListCategory::HospitalAtHome) => "in hospital at home",
        PreviewStatus::InHospital(ListCategory::CommunityBed) => "in a community bed",
        PreviewStatus::InHospital(ListCategory::NotHeardOf) => "not heard of since",
        PreviewStatus::InHospital(ListCategory::Emergency) => "in the emergency department",
        PreviewStatus::Left => "left",
        PreviewStatus::Attending => "attends, on no list",
        PreviewStatus::NotListed => "on no list (cancelled, expected, or another person's)",
    }
}

/// The ward's code and name side by side, so that a profile's table of names can be checked.
fn format_place(place: &Place) -> String {
    let words = PlaceWords::of(place);
    let ward = place.ward.as_ref().map(|code| format!("ward {code}"));
    let name = place.ward_name.as_ref().map(|name| format!("({name})"));
    let parts = [ward, name, words.bay, words.bed];
    let known = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    if known.is_empty() { "ward and bed not sent".to_owned() } else { known }
}

/// The time in London, as precisely as it was sent.
fn format_in_london(at: Moment) -> String {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    let form = match at.precision {
        Precision::Day => "%Y-%m-%d",
        Precision::Hour => "%Y-%m-%d %H o'clock",
        Precision::Minute | Precision::Second => "%Y-%m-%d %H:%M",
    };
    at.at.to_zoned(zone).strftime(form).to_string()
}
