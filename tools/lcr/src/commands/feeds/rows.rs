//! The rows that the messages of a test run lead to, as the ward's own rules make them.

use std::fmt;

use jiff::tz::TimeZone;
use lcr_contracts::{Moment, Precision, spell::Place, ward::Shelf};
use lcr_virtual_ward::{Listed, Preview};

/// One stay, in a line.
pub struct Row(pub Preview);

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(row) = self;
        write!(f, "person {}: {}", row.person.local_id.0, list(row.listed))?;
        write!(f, ", {}", row.place.as_ref().map_or("ward and bed not sent".to_owned(), place))?;
        write!(f, ", admitted {}", row.admitted.map_or("at a time not sent".to_owned(), in_london))?;
        if let Some(left) = row.left {
            write!(f, ", left {}", in_london(left))?;
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

fn list(listed: Listed) -> &'static str {
    match listed {
        Listed::InHospital(Shelf::Main) => "in hospital",
        Listed::InHospital(Shelf::DayCase) => "in hospital as a day case",
        Listed::InHospital(Shelf::HospitalAtHome) => "in hospital at home",
        Listed::InHospital(Shelf::CommunityBed) => "in a community bed",
        Listed::InHospital(Shelf::NotHeardOf) => "not heard of since",
        Listed::Left => "left",
        Listed::Attends => "attends, on no list",
        Listed::Nowhere => "on no list (cancelled, expected, or another person's)",
    }
}

/// The ward in words beside its code, so that a table of words can be checked.
fn place(place: &Place) -> String {
    let part = |name: &str, text: &Option<String>| text.as_ref().map(|text| format!("{name} {text}"));
    let words = place.ward_name.as_ref().map(|words| format!("({words})"));
    let parts = [part("ward", &place.ward), words, part("bay", &place.bay), part("bed", &place.bed)];
    let known = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    if known.is_empty() { "ward and bed not sent".to_owned() } else { known }
}

/// As precisely as it was told, by London's clock.
fn in_london(at: Moment) -> String {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    let form = match at.precision {
        Precision::Day => "%Y-%m-%d",
        Precision::Hour => "%Y-%m-%d %H o'clock",
        Precision::Minute | Precision::Second => "%Y-%m-%d %H:%M",
    };
    at.at.to_zoned(zone).strftime(form).to_string()
}
