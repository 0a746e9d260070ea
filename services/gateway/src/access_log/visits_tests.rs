//! Tests of the grouping: the words of a visit, and that no event is lost or doubled, whatever the order.

use lcr_contracts::audit::{AccessKind, Outcome};
use proptest::prelude::*;

use super::*;
use crate::access_log::patient_log::tests::{event, registry};

fn at(time: &str, id: u128, change: impl FnOnce(&mut AccessEvent)) -> AccessEvent {
    let mut one = AccessEvent { at: time.parse().unwrap(), entry: Uuid::from_u128(id), ..event() };
    change(&mut one);
    one
}

fn texts(events: &[AccessEvent]) -> Vec<String> {
    let days = group_by_day(events, &registry(), None);
    days.into_iter().flat_map(|day| day.visits).map(|visit| visit.text).collect()
}

#[test]
fn a_visit_is_one_line_that_says_how_often_and_at_what() {
    let banner = [Dataset::Demographics, Dataset::Allergies];
    let events = [
        at("2026-11-21T14:05:00Z", 1, |one| one.datasets = [banner.as_slice(), &[Dataset::Medications]].concat()),
        at("2026-11-21T09:00:00Z", 2, |one| one.datasets = [banner.as_slice(), &[Dataset::Results]].concat()),
        at("2026-11-21T08:59:00Z", 3, |one| one.what = AccessKind::Search),
        at("2026-11-21T08:58:00Z", 4, |one| one.what = AccessKind::Identity),
        at("2026-11-21T14:06:00Z", 5, |one| one.datasets = vec![Dataset::Documents]),
    ];
    let days = group_by_day(&events, &registry(), None);
    let visit = &days[0].visits[0];
    assert_eq!(
        visit.text,
        "Dr Aisha Khan, a GP at Beckside Surgery, looked at your record twice: medicines, test results; opened a letter \
         or document; found your name in a search."
    );
    assert_eq!((days[0].visits.len(), visit.at.as_str(), visit.accesses.len()), (1, "8:58am to 2:06pm", 5));
    assert_eq!(
        visit.accesses[1].text,
        "Looked at your name and contact details, allergies and medicines. Recorded link to you: your GP practice."
    );
}

#[test]
fn each_kind_of_access_reads_differently() {
    let refused = |one: &mut AccessEvent| one.outcome = Outcome::Refused;
    let list = |one: &mut AccessEvent| one.what = AccessKind::WardList;
    let presumed = |one: &mut AccessEvent| one.presumed = true;
    let claim = |one: &mut AccessEvent| {
        (one.what, one.datasets) = (AccessKind::Claim, vec![]);
        one.reason = "claim made: involved, as stated: covering".to_owned().into();
    };
    let of = |change: &dyn Fn(&mut AccessEvent)| texts(&[at("2026-11-21T14:05:00Z", 1, change)]).remove(0);
    let ends = [
        (of(&refused), "asked to see your record and was not allowed to; nothing was shown."),
        (of(&list), "saw you on a list of people in hospital."),
        (of(&presumed), "may have looked at your record: medicines, test results."),
        (of(&|one| one.what = AccessKind::Search), "found your name in a search."),
        (of(&|one| one.what = AccessKind::CareList), "saw your name on a list of people in their care."),
        (of(&claim), "said why they are involved with you: covering for a colleague."),
        (of(&|one| one.datasets = vec![Dataset::Documents]), "opened a letter or document."),
    ];
    for (text, end) in ends {
        assert!(text.ends_with(end), "{text}");
    }
}

#[test]
fn staff_shown_by_role_are_one_visitor_for_each_role_and_organisation() {
    let by_role = |role| move |one: &mut AccessEvent| (one.who, one.role) = (String::new(), role);
    let nurse = [1, 2].map(|id| at("2026-11-21T14:05:00Z", id, by_role(Role::WardNurse)));
    let other = at("2026-11-21T14:00:00Z", 3, by_role(Role::MentalHealth));
    let all = texts(&[nurse.to_vec(), vec![other]].concat());
    assert_eq!(
        all,
        [
            "A ward nurse at Beckside Surgery looked at your record twice: medicines, test results.",
            "A mental health clinician at Beckside Surgery looked at your record: medicines, test results.",
        ]
    );
}

#[test]
fn days_are_of_london_and_link_to_whom_to_ask() {
    let earlier = AccessEvent { at: "2026-07-20T22:59:00Z".parse().unwrap(), ..event() };
    let days = group_by_day(&[earlier, event()], &registry(), Some(Uuid::nil()));
    assert_eq!([days[0].date.as_str(), days[1].date.as_str()], ["21 November 2026", "20 July 2026"]);
    assert_eq!([days[0].visits[0].at.as_str(), days[1].visits[0].at.as_str()], ["2:05pm", "11:59pm"]);
    let access = &days[0].visits[0].accesses[0];
    assert_eq!(
        access.question_href.as_deref(),
        Some("/my-record/looks/01900000-0000-7000-8000-00003f2a91bc?before=00000000-0000-0000-0000-000000000000")
    );
    assert_eq!(access.number, "3F2A-91BC");
}

#[test]
fn older_days_are_folded_once_enough_visits_are_open() {
    let staff = |day: u128, count: u128| {
        (0..count).map(move |who| {
            at(&format!("2026-11-{:02}T12:00:00Z", 28 - day), day * 100 + who, |one| one.who = who.to_string())
        })
    };
    let events: Vec<AccessEvent> = staff(0, 5).chain(staff(1, 5)).chain(staff(2, 1)).collect();
    let open: Vec<bool> = group_by_day(&events, &registry(), None).iter().map(|day| day.open).collect();
    assert_eq!(open, [true, false, false]);
}

fn any_event() -> impl Strategy<Value = AccessEvent> {
    let kinds = prop::sample::select(AccessKind::ALL.to_vec());
    let datasets = prop::sample::subsequence(Dataset::ALL.to_vec(), 0..4);
    (0_i64..400_000, 0_u8..4, kinds, datasets, any::<(bool, bool, bool)>()).prop_map(
        |(second, who, what, datasets, (refused, presumed, by_role))| AccessEvent {
            at: jiff::Timestamp::from_second(1_790_000_000 + second).unwrap(),
            who: if by_role { String::new() } else { format!("Nurse {who}") },
            what,
            outcome: if refused { Outcome::Refused } else { Outcome::Allowed },
            datasets,
            presumed,
            ..event()
        },
    )
}

fn any_log() -> impl Strategy<Value = (Vec<AccessEvent>, Vec<AccessEvent>)> {
    let numbered = prop::collection::vec(any_event(), 0..40).prop_map(|mut events| {
        for (id, event) in events.iter_mut().enumerate() {
            event.entry = Uuid::from_u128(id as u128);
        }
        events
    });
    numbered.prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle()))
}

proptest! {
    #[test]
    fn every_event_appears_once_whatever_the_order((events, shuffled) in any_log()) {
        let days = group_by_day(&events, &registry(), None);
        prop_assert_eq!(&days, &group_by_day(&shuffled, &registry(), None));
        let accesses = days.iter().flat_map(|day| &day.visits).flat_map(|visit| &visit.accesses);
        let mut shown: Vec<&str> = accesses.filter_map(|access| access.question_href.as_deref()).collect();
        shown.sort_unstable();
        let mut expected: Vec<String> =
            events.iter().map(|event| format!("/my-record/looks/{}", event.entry)).collect();
        expected.sort_unstable();
        prop_assert_eq!(shown, expected);
    }
}
