//! People who have left hospital. All of them are invented.

use jiff::civil::date;
use lcr_contracts::ward::{DischargedRow, RowPatient};
use lcr_model::{SourceId, SpellId};

use super::{cell, named, place, who};
use crate::sample::{ALBERT, FREDERICA, FREDRICA, at};

fn left(spell: &str, who: RowPatient, when: &str, day: u8) -> DischargedRow {
    DischargedRow {
        spell: SpellId::new(spell),
        version: 1,
        who,
        hospital: "St Hilda's Hospitals".into(),
        source: SourceId::new("st-hildas"),
        left: at(when).into(),
        day,
        place: cell(place("J27", "4"), when),
        specialty: cell(named("Cardiology"), when),
        to: cell("Usual place of residence".into(), when),
        stayed_days: 6,
        letter: None,
        pending_results: vec![],
        back: false,
        back_at: None,
        back_unplanned: None,
        watched: false,
        died: false,
        warnings: vec![],
        hidden: vec![],
    }
}

pub fn discharged() -> Vec<DischargedRow> {
    let mut dead = who(ALBERT, "Ó Dómhnaill-Featherstonehaugh-Montgomery", "Albert", date(1938, 2, 3), "male");
    dead.patient.died = true;
    vec![
        DischargedRow {
            letter: cell("letter-1".into(), "2026-11-21T12:00:00Z"),
            pending_results: vec!["Blood culture".into(), "Vitamin D".into()],
            ..left(
                "left-1",
                who(FREDERICA, "Smith", "Frederica", date(1954, 7, 14), "female"),
                "2026-11-21T10:30:00Z",
                1,
            )
        },
        DischargedRow { died: true, to: None, ..left("left-2", dead, "2026-11-12T04:00:00Z", 10) },
        DischargedRow {
            back: true,
            back_at: Some(at("2026-11-19T03:20:00Z").into()),
            back_unplanned: Some(true),
            to: None,
            ..left(
                "left-3",
                who(FREDRICA, "Smith", "Fredrica", date(1945, 7, 14), "female"),
                "2026-10-25T16:00:00Z",
                28,
            )
        },
    ]
}
