//! Property tests: the same stay for any order and number of copies of its messages, over generated messages with cancels
//! before their originals, equal times, wrong clocks and snapshots. No input panics.

#[path = "fold_permutation_tests/strategies.rs"]
mod strategies;

use jiff::civil::Date;
use lcr_contracts::spell::{
    CodedName, DischargePlanUpdate, FieldUpdate, Place, PlanItem, PlanItemKind, PlanStatus, Reside, SnapshotState,
    SpellEvent, SpellMessage,
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use strategies::any_message;

use super::{fold, message_at, minute};

/// The events that undo an event. Between a message and its copy, they make the copy a new message.
fn opposites(event: SpellEvent) -> &'static [SpellEvent] {
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

/// The same message sent again later under another control id.
fn resent(message: &SpellMessage, sent: i64) -> SpellMessage {
    let control = format!("again{sent}");
    let content = format!("{control}{}", message.content);
    let received = minute(100_000 + sent).at;
    SpellMessage { sent: minute(sent), received, control_id: control, content, ..message.clone() }
}

/// Messages, some of which are cancelled and sent again after all others.
fn with_resent() -> impl Strategy<Value = Vec<SpellMessage>> {
    let again = vec((any::<prop::sample::Index>(), 10_i64..30), 0..5);
    (vec(any_message(), 0..10), again).prop_map(|(mut messages, again)| {
        let again = if messages.is_empty() { vec![] } else { again };
        for (which, sent) in &again {
            let original = which.get(&messages).clone();
            messages.extend(opposites(original.event).iter().map(|event| {
                let cancel = SpellMessage { event: *event, ..original.clone() };
                resent(&cancel, sent - 1)
            }));
            messages.push(resent(&original, *sent));
        }
        messages
    })
}

/// Messages, and the same messages in another order with some copies.
fn messages_and_shuffled() -> impl Strategy<Value = (Vec<SpellMessage>, Vec<SpellMessage>)> {
    prop_oneof![vec(any_message(), 0..12), with_resent()]
        .prop_flat_map(|messages| {
            let copies = vec(any::<prop::sample::Index>(), 0..6);
            (Just(messages), copies)
        })
        .prop_flat_map(|(messages, copies)| {
            let mut more = messages.clone();
            for copy in copies.iter().filter(|_| !messages.is_empty()) {
                let mut again = copy.get(&messages).clone();
                again.received = minute(105_000).at;
                more.push(again);
            }
            (Just(messages), Just(more).prop_shuffle())
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn any_order_and_any_copies_give_the_same_stay((messages, shuffled) in messages_and_shuffled()) {
        prop_assert_eq!(fold(&messages), fold(&shuffled));
    }

    #[test]
    fn a_replay_under_new_control_ids_changes_nothing_unless_its_opposite_was_sent_since(messages in vec(any_message(), 1..10), which in any::<prop::sample::Index>()) {
        let mut replayed = messages.clone();
        let original = which.get(&messages).clone();
        let since = |one: &SpellMessage| one.sent.at >= original.sent.at && opposites(original.event).contains(&one.event);
        prop_assume!(!messages.iter().any(since));
        let later = if original.event == SpellEvent::Snapshot { original.sent } else { minute(9000) };
        replayed.push(SpellMessage { control_id: "z".into(), content: "replayed".into(), sent: later, received: minute(200_000).at, ..original });
        let without_time = |spell: crate::domain::Spell| crate::domain::Spell { last_message_at: None, ..spell };
        prop_assert_eq!(without_time(fold(&replayed)), without_time(fold(&messages)));
    }

    #[test]
    fn a_discharge_sent_again_after_its_cancel_counts(
        messages in vec(any_message(), 0..10),
        (happened, cancelled) in (0_i64..8, 0_i64..9),
    ) {
        let cancels = [SpellEvent::CancelAdmit, SpellEvent::CancelDischarge];
        let others = |one: &SpellMessage| one.event != SpellEvent::Snapshot && !cancels.contains(&one.event);
        let mut messages: Vec<_> = messages.into_iter().filter(others).collect();
        let leaving = SpellMessage { discharged: FieldUpdate::Set(minute(happened)), ..message_at(SpellEvent::Discharge, happened) };
        let cancel = resent(&message_at(SpellEvent::CancelDischarge, cancelled), 9000);
        messages.extend([leaving.clone(), cancel, resent(&leaving, 9100)]);
        // A discharge between two admissions ends the first stay.
        let stays = crate::domain::fold_visit(&messages, &crate::domain::IdentityResolver::default());
        prop_assert!(stays.iter().any(|stay| stay.spell.left.is_some()));
    }

    #[test]
    fn an_admission_sent_again_after_its_cancel_counts(
        messages in vec(any_message(), 0..10),
        (happened, cancelled) in (0_i64..8, 0_i64..9),
    ) {
        let others = |one: &SpellMessage| !matches!(one.event, SpellEvent::Snapshot | SpellEvent::ToOutpatient);
        let mut messages: Vec<_> = messages.into_iter().filter(others).collect();
        let came = message_at(SpellEvent::Admit, happened);
        let cancel = resent(&message_at(SpellEvent::CancelAdmit, cancelled), 9000);
        messages.extend([came.clone(), cancel, resent(&came, 9100)]);
        prop_assert!(fold(&messages).is_actual_stay());
    }

    #[test]
    fn a_cancelled_admission_stays_cancelled_whatever_else_was_sent(messages in vec(any_message(), 0..10)) {
        use SpellEvent::{Discharge, Register, Snapshot, ToInpatient, ToOutpatient};
        let others = [Discharge, Register, Snapshot, ToInpatient, ToOutpatient];
        let one_admission = |one: &SpellMessage| !others.contains(&one.event);
        let mut messages: Vec<_> = messages.into_iter().filter(one_admission).collect();
        messages.push(message_at(SpellEvent::CancelAdmit, 10_000));
        prop_assert!(!fold(&messages).is_actual_stay());
    }
}
