//! Messages as proptest makes them: every event, with any fields.

use super::*;

const EVENTS: [SpellEvent; 20] = [
    SpellEvent::PreAdmit,
    SpellEvent::CancelPreAdmit,
    SpellEvent::Register,
    SpellEvent::Admit,
    SpellEvent::ToInpatient,
    SpellEvent::ToOutpatient,
    SpellEvent::Transfer,
    SpellEvent::PendingTransfer,
    SpellEvent::CancelPendingTransfer,
    SpellEvent::LeaveOut,
    SpellEvent::CancelLeaveOut,
    SpellEvent::LeaveReturn,
    SpellEvent::CancelLeaveReturn,
    SpellEvent::Update,
    SpellEvent::PendingDischarge,
    SpellEvent::CancelPendingDischarge,
    SpellEvent::Discharge,
    SpellEvent::CancelTransfer,
    SpellEvent::CancelDischarge,
    SpellEvent::CancelAdmit,
];

fn field_update<T: Clone + std::fmt::Debug + 'static>(
    some: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = FieldUpdate<T>> {
    prop_oneof![3 => Just(FieldUpdate::Unchanged), 1 => Just(FieldUpdate::Deleted), 4 => some.prop_map(FieldUpdate::Set)]
}

fn any_place() -> impl Strategy<Value = Place> {
    (select(vec!["AAU", "J27", "J28", ""]), option::of(select(vec!["1", "2"]))).prop_map(|(ward, bed)| Place {
        ward: Some(ward.to_owned()),
        bed: bed.map(str::to_owned),
        ..Place::default()
    })
}

fn any_day() -> impl Strategy<Value = Date> {
    (1_i8..5).prop_map(|day| Date::constant(2026, 11, 20 + day))
}

fn any_plan() -> impl Strategy<Value = DischargePlanUpdate> {
    let reside = (any::<bool>(), option::of(any_day())).prop_map(|(meets, since)| Reside { meets, code: None, since });
    let item = (select(vec!["tto", "pkg"]), any::<bool>()).prop_map(|(key, done)| PlanItem {
        key: key.into(),
        kind: PlanItemKind::Needed,
        text: key.into(),
        by: None,
        since: None,
        done,
    });
    (
        field_update(reside),
        field_update(select(vec![PlanStatus::NotStarted, PlanStatus::Ready])),
        field_update(any_day()),
        option::of(vec(item, 0..3)),
    )
        .prop_map(|(reside, status, transfer_date, items)| DischargePlanUpdate {
            reside,
            status,
            transfer_date,
            items,
            ..DischargePlanUpdate::default()
        })
}

fn any_event() -> impl Strategy<Value = (SpellEvent, Option<SnapshotState>)> {
    use SnapshotState::{Finished, OnLeave, Planned, Present, Void};
    let states = select(vec![Planned, Present, OnLeave, Finished, Void]);
    prop_oneof![
        8 => select(EVENTS.to_vec()).prop_map(|event| (event, None)),
        6 => select(vec![SpellEvent::Admit, SpellEvent::Transfer, SpellEvent::CancelTransfer, SpellEvent::Discharge, SpellEvent::CancelDischarge, SpellEvent::CancelAdmit])
            .prop_map(|event| (event, None)),
        1 => states.prop_map(|state| (SpellEvent::Snapshot, Some(state))),
    ]
}

/// Uses few different times, so that many are equal, and sends some messages before their event.
pub(super) fn any_message() -> impl Strategy<Value = SpellMessage> {
    let times = (0_i64..8, -2_i64..4, 0_i64..9, field_update(0_i64..12), field_update(0_i64..12));
    let places = (field_update(any_place()), field_update(any_place()));
    let words = (
        field_update(select(vec!["I".to_owned(), "E".to_owned(), "U".to_owned()])),
        field_update(select(vec!["19".to_owned(), "79".to_owned()])),
        field_update(any_day()),
        field_update(0_u16..9),
        field_update(select(vec!["Dr Ash", "Dr Elm"])),
    );
    let names = (select(vec!["SMITH", "JONES", ""]), any::<bool>(), select(vec!["c1", "c2", "c3"]));
    (any_event(), times, places, words, any_plan(), names).prop_map(
        |((event, snapshot), times, (place, prior_place), words, plan, (family, died, control))| {
            let (happened, late, received, admitted, discharged) = times;
            let (class, destination, expected_discharge, expected_stay, consultant) = words;
            let mut message = message_at(event, happened);
            message.snapshot = snapshot;
            message.sent = minute(happened + late);
            message.received = minute(100_000 + received).at;
            message.control_id = control.into();
            (message.patient.family, message.patient.died) = (family.into(), died);
            (message.place, message.prior_place, message.class) = (place, prior_place, class);
            (message.destination, message.expected_discharge) = (destination, expected_discharge);
            (message.expected_stay, message.plan) = (expected_stay, plan);
            message.consultant = consultant.map(|name| CodedName { code: None, name: name.into() });
            (message.admitted, message.discharged) = (admitted.map(minute), discharged.map(minute));
            // The content hash depends on everything but the arrival.
            message.content =
                serde_json::to_string(&SpellMessage { received: minute(0).at, ..message.clone() }).unwrap();
            message
        },
    )
}
