//! Tests of changes that need a reason, that end the reader's session, that make something new, or that check it (S-68 to S-70,
//!

use std::sync::Arc;

use axum::http::{StatusCode, header};
use lcr_contracts::{
    FailureKind,
    partners::{
        PartnerChange,
        system::{Check, CheckOutcome, CheckReport, SystemChange},
    },
    registry::PartnerState,
};

use super::{BELOW, PAGE};
use crate::{
    browser::{get_as, post_as, visible_text},
    fakes::World,
    pages::assert_well_formed,
    sample,
};

/// The forms whose change identity refuses without a reason.
const WITH_REASON: [&str; 11] = [
    "end-access",
    "restore-access",
    "refuse",
    "suspend-client",
    "resume-client",
    "remove-client",
    "suspend",
    "remove-system",
    "to-suspended",
    "to-left",
    "to-draft",
];

fn in_state(state: PartnerState) -> Arc<World> {
    Arc::new(World { partner_state: Some(state), ..World::default() })
}

/// The forms of a page: the name of each, and its text.
fn forms(page: &str) -> Vec<(&str, &str)> {
    let whole = page.split("<form ").skip(1).filter_map(|rest| rest.split_once("</form>")).map(|(form, _)| form);
    whole
        .filter_map(|form| {
            let (_, rest) = form.split_once("name=\"act\" value=\"")?;
            Some((rest.split_once('"')?.0, form))
        })
        .collect()
}

#[tokio::test]
async fn every_form_whose_change_needs_a_reason_asks_for_it() {
    let states = [PartnerState::Conformant, PartnerState::Live, PartnerState::Suspended, PartnerState::Left];
    let mut seen = Vec::new();
    let ended = World { left_by_platform: true, partner_state: Some(PartnerState::Left), ..World::default() };
    for world in states.map(in_state).into_iter().chain([Arc::new(ended)]) {
        for part in BELOW {
            for role in ["org-admin", "platform-admin"] {
                let page = get_as(&world, role, &format!("{PAGE}{part}")).await.text;
                for (act, form) in forms(&page) {
                    let needs_reason = WITH_REASON.contains(&act);
                    assert!(!needs_reason || form.contains("name=\"reason\""), "{part}: {act} as {role}");
                    seen.push(act.to_owned());
                }
            }
        }
    }
    for act in WITH_REASON {
        assert!(seen.iter().any(|one| one == act), "no page has the form {act}");
    }
}

#[tokio::test]
async fn a_reason_goes_with_the_end_of_an_access() {
    let world: Arc<World> = Arc::default();
    post_as(&world, "org-admin", &format!("{PAGE}/people"), "act=end-access&row=p1&reason=Left+us").await;
    post_as(&world, "org-admin", &format!("{PAGE}/clients"), "act=suspend-client&row=beckside-pas&reason=Key+lost")
        .await;
    let changes = world.partner_changes.lock().unwrap();
    let reasons: Vec<&str> = changes.iter().map(|change| change.reason.as_str()).collect();
    assert_eq!(reasons, ["Left us", "Key lost"]);
}

#[tokio::test]
async fn an_organisation_that_left_registers_again_from_its_page() {
    let world = in_state(PartnerState::Left);
    let page = get_as(&world, "org-admin", PAGE).await.text;
    assert_well_formed(PAGE, &page);
    assert!(page.contains("action=\"/partners/register\"") && page.contains("value=\"Beckside Surgery\""), "{page}");
    assert!(visible_text(&page).contains("Your organisation left by itself."));
    let platform = get_as(&world, "platform-admin", PAGE).await.text;
    assert!(!platform.contains("value=\"to-draft\""), "it registers again by itself");
    for (world, role) in [(world, "platform-admin"), (Arc::default(), "org-admin")] {
        assert!(!get_as(&world, role, PAGE).await.text.contains("/partners/register"), "{role}");
    }
}

#[tokio::test]
async fn an_organisation_whose_part_the_platform_ended_reads_so_and_has_no_way_back_of_its_own() {
    let state = Some(PartnerState::Left);
    let world = Arc::new(World { left_by_platform: true, partner_state: state, ..World::default() });
    let own = get_as(&world, "org-admin", PAGE).await.text;
    assert_well_formed(PAGE, &own);
    let text = visible_text(&own);
    assert!(text.contains("Leeds ended this access") && text.contains("Only they can let it in again"), "{text}");
    assert!(!own.contains("/partners/register") && !own.contains("value=\"to-draft\""), "{own}");
    let platform = get_as(&world, "platform-admin", PAGE).await.text;
    assert!(platform.contains("value=\"to-draft\""), "{platform}");
}

#[tokio::test]
async fn a_notice_offers_only_the_choice_that_changes_something() {
    for (notice_declined, words, offered, other) in [
        (false, "Shown to your staff as far as it is switched on.", "decline", "accept"),
        (true, "Not shown to your staff, because you declined it.", "accept", "decline"),
    ] {
        let world = Arc::new(World { notice_declined, ..World::default() });
        let page = get_as(&world, "org-admin", &format!("{PAGE}/notices")).await.text;
        assert_well_formed("notices", &page);
        let acts: Vec<&str> = forms(&page).into_iter().map(|(act, _)| act).collect();
        assert!(acts.contains(&offered) && !acts.contains(&other), "{acts:?}");
        assert!(visible_text(&page).contains(words), "{page}");
    }
}

#[tokio::test]
async fn who_suspends_their_own_organisation_reads_why_they_were_signed_out() {
    let world = in_state(PartnerState::Live);
    for (act, mark, words) in [
        ("to-suspended", "suspended", "Your organisation is suspended."),
        ("to-left", "left", "Your organisation has left the Leeds Care Record."),
    ] {
        let answer = post_as(&world, "org-admin", PAGE, &format!("act={act}&reason=Moving")).await;
        assert_eq!(answer.header(header::LOCATION), format!("/sign-in?ended={mark}"));
        let page = get_as(&world, "nobody", answer.header(header::LOCATION)).await.text;
        assert!(page.contains(words) && !page.contains("after 15 minutes"), "{page}");
    }
    let other = post_as(&world, "platform-admin", PAGE, "act=to-suspended&reason=Breach").await;
    assert_eq!(other.header(header::LOCATION), format!("{PAGE}?done=1"), "their session goes on");
}

#[tokio::test]
async fn the_result_of_a_check_is_said_first() {
    for (outcome, mark, words) in [
        (CheckOutcome::Failed, "check-failed", "The check found problems."),
        (CheckOutcome::Passed, "check-passed", "The check passed."),
    ] {
        let check = Check { name: "reachable".into(), outcome, text: String::new() };
        let check_report = Some(CheckReport { at: sample::now(), checks: vec![check] });
        let world = Arc::new(World { check_report, ..World::default() });
        for (part, fields) in [
            ("/systems/beckside", "act=check"),
            ("/sign-in", "act=check-provider&row=0&issuer=https://id.beckside.test"),
        ] {
            let answer = post_as(&world, "org-admin", &format!("{PAGE}{part}"), fields).await;
            assert_eq!(answer.header(header::LOCATION), format!("{PAGE}{part}?done={mark}"));
            let text = visible_text(&get_as(&world, "org-admin", answer.header(header::LOCATION)).await.text);
            assert!(text.contains(words) && !text.contains("The change is saved."), "{text}");
        }
    }
}

#[tokio::test]
async fn a_new_system_or_client_never_replaces_one_of_the_same_name() {
    let text = "You already have one called beckside; open it to change it.";
    let world = Arc::new(World { partner_failure: Some((FailureKind::Conflict, text)), ..World::default() });
    let system = "act=new-system&id=beckside&name=New&kind=gp&rhythm=real-time&contact=Sam";
    let client = "act=put-client&id=beckside-pas&name=New&role=feeds-client";
    for (part, fields) in [("/systems/new", system), ("/clients", client)] {
        let answer = post_as(&world, "org-admin", &format!("{PAGE}{part}"), fields).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{part}");
        assert!(visible_text(&answer.text).contains(text) && answer.text.contains("value=\"New\""), "{part}");
    }
    post_as(&world, "org-admin", &format!("{PAGE}/clients"), &format!("{client}&row=beckside-pas")).await;
    let changes = world.partner_changes.lock().unwrap();
    assert!(matches!(&changes[0].change, PartnerChange::System(SystemChange::Create(_))), "{:?}", changes[0]);
    assert!(matches!(&changes[1].change, PartnerChange::System(SystemChange::CreateClient(_))), "{:?}", changes[1]);
    assert!(matches!(&changes[2].change, PartnerChange::System(SystemChange::PutClient(_))), "{:?}", changes[2]);
}

#[tokio::test]
async fn the_home_page_names_the_step_that_waits_for_the_reader() {
    let home = |world: Arc<World>, role: &'static str| async move { get_as(&world, role, "/home").await.text };
    let signs = home(Arc::default(), "org-admin").await;
    assert_well_formed("/home", &signs);
    assert!(visible_text(&signs).contains("The agreement waits for your signature. Read and sign it"), "{signs}");
    assert!(signs.contains("href=\"/partners/B86000/agreement\""));
    let unregistered = home(Arc::new(World { unregistered: true, ..World::default() }), "org-admin").await;
    assert!(visible_text(&unregistered).contains("Your organisation is not registered yet."), "{unregistered}");
    for role in ["gp", "platform-admin", "caldicott-guardian"] {
        assert!(!home(Arc::default(), role).await.contains("id=\"next-step\""), "{role}");
    }
    assert!(home(Arc::default(), "caldicott-guardian").await.contains("href=\"/partners\""));
}

#[tokio::test]
async fn staff_of_an_organisation_that_is_not_live_read_so_instead_of_a_search() {
    let page = get_as(&in_state(PartnerState::Connecting), "gp", "/home").await.text;
    assert_well_formed("/home", &page);
    assert!(page.contains("does not take part yet") && !page.contains("action=\"/search\""), "{page}");
    let live = get_as(&Arc::default(), "gp", "/home").await.text;
    assert!(!live.contains("does not take part yet") && live.contains("action=\"/search\""), "{live}");
}

#[tokio::test]
async fn a_form_that_would_be_refused_gives_way_to_what_is_missing() {
    let system = get_as(&Arc::default(), "org-admin", &format!("{PAGE}/systems/beckside")).await.text;
    assert!(!system.contains("value=\"go-live\"") && !system.contains("id=\"switch-medications\""), "{system}");
    let text = visible_text(&system);
    assert!(text.contains("once the agreement is in force") && text.contains("first the system goes live"), "{text}");
    let organisation = get_as(&Arc::default(), "org-admin", PAGE).await.text;
    assert!(!organisation.contains("value=\"to-live\""), "{organisation}");
    assert!(organisation.contains("The Caldicott guardian has not signed."));
    let suspended = get_as(&in_state(PartnerState::Suspended), "org-admin", PAGE).await.text;
    assert!(suspended.contains("value=\"to-live\""), "a suspended organisation is resumed whatever is left");
}
