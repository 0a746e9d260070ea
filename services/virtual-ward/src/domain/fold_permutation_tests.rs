//! One state for any order and any number of a stay's messages, over generated stories: cancels before their
//! originals, equal times, clocks that disagree, snapshots between events. No story panics.

use jiff::civil::Date;
use lcr_contracts::spell::{
    Named, Place, PlanItem, PlanItemKind, PlanStatus, PlanTold, Reside, SnapshotState, SpellEvent,
    SpellMessage, Told,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{fold, minute, told};

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

fn three<T: Clone + std::fmt::Debug + 'static>(
    some: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Told<T>> {
    prop_oneof![3 => Just(Told::Unchanged), 1 => Just(Told::Deleted), 4 => some.prop_map(Told::Set)]
}

fn place() -> impl Strategy<Value = Place> {
    (select(vec!["AAU", "J27", "J28", ""]), option::of(select(vec!["1", "2"]))).prop_map(|(ward, bed)| {
        Place { ward: Some(ward.to_owned()), bed: bed.map(str::to_owned), ..Place::default() }
    })
}

fn day() -> impl Strategy<Value = Date> {
    (1_i8..5).prop_map(|day| Date::constant(2026, 11, 20 + day))
}

fn plan() -> impl Strategy<Value = PlanTold> {
    let reside =
        (any::<bool>(), option::of(day())).prop_map(|(meets, since)| Reside { meets, code: None, since });
    let item = (select(vec!["tto", "pkg"]), any::<bool>()).prop_map(|(key, done)| PlanItem {
        key: key.into(),
        kind: PlanItemKind::Needed,
        text: key.into(),
        by: None,
        since: None,
        done,
    });
    (
        three(reside),
        three(select(vec![PlanStatus::NotStarted, PlanStatus::Ready])),
        three(day()),
        option::of(vec(item, 0..3)),
    )
        .prop_map(|(reside, status, transfer_date, items)| PlanTold {
            reside,
            status,
            transfer_date,
            items,
            ..PlanTold::default()
        })
}

fn event() -> impl Strategy<Value = (SpellEvent, Option<SnapshotState>)> {
    use SnapshotState::{Finished, OnLeave, Planned, Present, Void};
    let states = select(vec![Planned, Present, OnLeave, Finished, Void]);
    prop_oneof![
        8 => select(EVENTS.to_vec()).prop_map(|event| (event, None)),
        6 => select(vec![SpellEvent::Admit, SpellEvent::Transfer, SpellEvent::CancelTransfer, SpellEvent::Discharge, SpellEvent::CancelDischarge, SpellEvent::CancelAdmit])
            .prop_map(|event| (event, None)),
        1 => states.prop_map(|state| (SpellEvent::Snapshot, Some(state))),
    ]
}

/// Few different times, so that many are equal; sent before and after what they tell of.
fn message() -> impl Strategy<Value = SpellMessage> {
    let times = (0_i64..8, -2_i64..4, 0_i64..9, three(0_i64..12), three(0_i64..12));
    let places = (three(place()), three(place()));
    let words = (
        three(select(vec!["I".to_owned(), "E".to_owned(), "U".to_owned()])),
        three(select(vec!["19".to_owned(), "79".to_owned()])),
        three(day()),
        three(0_u16..9),
        three(select(vec!["Dr Ash", "Dr Elm"])),
    );
    let names = (select(vec!["SMITH", "JONES", ""]), any::<bool>(), select(vec!["c1", "c2", "c3"]));
    (event(), times, places, words, plan(), names).prop_map(
        |((event, snapshot), times, (place, prior_place), words, plan, (family, died, control))| {
            let (happened, late, received, admitted, discharged) = times;
            let (class, destination, expected_discharge, expected_stay, consultant) = words;
            let mut one = told(event, happened);
            one.snapshot = snapshot;
            one.sent = minute(happened + late);
            one.received = minute(100_000 + received).at;
            one.control_id = control.into();
            (one.patient.family, one.patient.died) = (family.into(), died);
            (one.place, one.prior_place, one.class) = (place, prior_place, class);
            (one.destination, one.expected_discharge) = (destination, expected_discharge);
            (one.expected_stay, one.plan) = (expected_stay, plan);
            one.consultant = consultant.map(|name| Named { code: None, name: name.into() });
            (one.admitted, one.discharged) = (admitted.map(minute), discharged.map(minute));
            // What a message's bytes hash to is what it says.
            one.content =
                serde_json::to_string(&SpellMessage { received: minute(0).at, ..one.clone() }).unwrap();
            one
        },
    )
}

/// What a cancel takes back, and what takes that back: sent between a message and the same again, it makes that
/// again news.
fn contraries(event: SpellEvent) -> &'static [SpellEvent] {
    use SpellEvent as E;
    match event {
        E::Discharge => &[E::CancelDischarge],
        E::CancelDischarge => &[E::Discharge],
        E::Transfer => &[E::CancelTransfer],
        E::CancelTransfer => &[E::Transfer],
        E::Admit | E::Register | E::ToInpatient => &[E::CancelAdmit],
        E::CancelAdmit => &[E::Admit, E::Register, E::ToInpatient],
        E::PreAdmit => &[E::CancelPreAdmit],
        E::CancelPreAdmit => &[E::PreAdmit],
        E::LeaveOut => &[E::CancelLeaveOut, E::LeaveReturn],
        E::LeaveReturn => &[E::CancelLeaveReturn, E::LeaveOut],
        E::CancelLeaveOut => &[E::LeaveOut],
        E::CancelLeaveReturn => &[E::LeaveReturn],
        E::PendingDischarge => &[E::CancelPendingDischarge],
        E::CancelPendingDischarge => &[E::PendingDischarge],
        E::PendingTransfer => &[E::CancelPendingTransfer],
        E::CancelPendingTransfer => &[E::PendingTransfer],
        _ => &[],
    }
}

/// The same told again later, under another control id.
fn retold(message: &SpellMessage, sent: i64) -> SpellMessage {
    let control = format!("again{sent}");
    let content = format!("{control}{}", message.content);
    let received = minute(100_000 + sent).at;
    SpellMessage { sent: minute(sent), received, control_id: control, content, ..message.clone() }
}

/// A story with some of it taken back and told again, by sending times after everything else.
fn with_retold() -> impl Strategy<Value = Vec<SpellMessage>> {
    let again = vec((any::<prop::sample::Index>(), 10_i64..30), 0..5);
    (vec(message(), 0..10), again).prop_map(|(mut story, again)| {
        let again = if story.is_empty() { vec![] } else { again };
        for (which, sent) in &again {
            let original = which.get(&story).clone();
            story.extend(contraries(original.event).iter().map(|event| {
                let cancel = SpellMessage { event: *event, ..original.clone() };
                retold(&cancel, sent - 1)
            }));
            story.push(retold(&original, *sent));
        }
        story
    })
}

/// A story, and the same one in another order with some of it twice.
fn story_and_shuffled() -> impl Strategy<Value = (Vec<SpellMessage>, Vec<SpellMessage>)> {
    prop_oneof![vec(message(), 0..12), with_retold()]
        .prop_flat_map(|story| {
            let doubles = vec(any::<prop::sample::Index>(), 0..6);
            (Just(story), doubles)
        })
        .prop_flat_map(|(story, doubles)| {
            let mut more = story.clone();
            for double in doubles.iter().filter(|_| !story.is_empty()) {
                let mut again = double.get(&story).clone();
                again.received = minute(105_000).at;
                more.push(again);
            }
            (Just(story), Just(more).prop_shuffle())
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn any_order_and_any_doubles_leave_the_same_stay((story, shuffled) in story_and_shuffled()) {
        prop_assert_eq!(fold(&story), fold(&shuffled));
    }

    #[test]
    fn a_replay_under_new_control_ids_changes_nothing_unless_its_contrary_was_sent_since(story in vec(message(), 1..10), which in any::<prop::sample::Index>()) {
        let mut replayed = story.clone();
        let original = which.get(&story).clone();
        let since = |one: &SpellMessage| one.sent.at >= original.sent.at && contraries(original.event).contains(&one.event);
        prop_assume!(!story.iter().any(since));
        let later = if original.event == SpellEvent::Snapshot { original.sent } else { minute(9000) };
        replayed.push(SpellMessage { control_id: "z".into(), content: "replayed".into(), sent: later, received: minute(200_000).at, ..original });
        let without_time = |spell: crate::domain::Spell| crate::domain::Spell { last_told: None, ..spell };
        prop_assert_eq!(without_time(fold(&replayed)), without_time(fold(&story)));
    }

    #[test]
    fn a_leaving_told_again_after_its_cancel_counts(
        story in vec(message(), 0..10),
        (happened, cancelled) in (0_i64..8, 0_i64..9),
    ) {
        let cancels = [SpellEvent::CancelAdmit, SpellEvent::CancelDischarge];
        let others = |one: &SpellMessage| one.event != SpellEvent::Snapshot && !cancels.contains(&one.event);
        let mut story: Vec<_> = story.into_iter().filter(others).collect();
        let leaving = SpellMessage { discharged: Told::Set(minute(happened)), ..told(SpellEvent::Discharge, happened) };
        let cancel = retold(&told(SpellEvent::CancelDischarge, cancelled), 9000);
        story.extend([leaving.clone(), cancel, retold(&leaving, 9100)]);
        // Between two admissions it ends the first.
        let stays = crate::domain::stays(&story, &crate::domain::Who::default());
        prop_assert!(stays.iter().any(|stay| stay.spell.left.is_some()));
    }

    #[test]
    fn an_admission_told_again_after_its_cancel_counts(
        story in vec(message(), 0..10),
        (happened, cancelled) in (0_i64..8, 0_i64..9),
    ) {
        let others = |one: &SpellMessage| !matches!(one.event, SpellEvent::Snapshot | SpellEvent::ToOutpatient);
        let mut story: Vec<_> = story.into_iter().filter(others).collect();
        let came = told(SpellEvent::Admit, happened);
        let cancel = retold(&told(SpellEvent::CancelAdmit, cancelled), 9000);
        story.extend([came.clone(), cancel, retold(&came, 9100)]);
        prop_assert!(fold(&story).counts());
    }

    #[test]
    fn a_cancelled_admission_stays_cancelled_whatever_else_was_told(story in vec(message(), 0..10)) {
        use SpellEvent::{Discharge, Register, Snapshot, ToInpatient, ToOutpatient};
        let others = [Discharge, Register, Snapshot, ToInpatient, ToOutpatient];
        let one_admission = |one: &SpellMessage| !others.contains(&one.event);
        let mut story: Vec<_> = story.into_iter().filter(one_admission).collect();
        story.push(told(SpellEvent::CancelAdmit, 10_000));
        prop_assert!(!fold(&story).counts());
    }
}
