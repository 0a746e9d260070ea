//! A step of the switch-on, a suspension and the end of an agreement are in force with the next decision.

use lcr_contracts::{
    claims::ClaimOffer,
    events::{PartnersChanged, Stream},
    registry::{Organisation, PartnerState, Stage, StageRule, System},
};

use super::*;
use crate::scene::{organisation, system};

/// What a GP of the practice sees of the person: `None` if the record does not open.
async fn seen(scene: &Scene, person: PersonId) -> Option<Vec<Dataset>> {
    let explained = scene.consent.api.explain(&caller(Role::Gp, PRACTICE), person).await.unwrap();
    explained.allowed.then_some(explained.datasets)
}

async fn change(scene: &Scene, version: i64, organisation: Option<Organisation>, system: Option<System>) {
    scene.publish(PartnersChanged { version, organisation, system }, Stream::Partners).await;
}

fn staged(stage: Stage) -> System {
    let mut staged = system();
    staged.setup.stages.set(StageRule { dataset: Dataset::Allergies, unit: None, receiver: None, stage });
    staged
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_the_switch_on_is_in_force_with_the_next_decision() {
    let (scene, anna) = (Scene::new().await, PersonId::new());
    scene.person(anna, 1, &[identity("gp", "a")]).await;
    assert!(seen(&scene, anna).await.unwrap().contains(&Dataset::Allergies));
    for (version, stage, shown) in [(2, Stage::Off, false), (3, Stage::On, true), (4, Stage::SafetyTesters, false)] {
        change(&scene, version, None, Some(staged(stage))).await;
        let now = seen(&scene, anna).await.unwrap();
        assert_eq!(now.contains(&Dataset::Allergies), shown, "{stage:?}");
        assert!(now.contains(&Dataset::Encounters), "another dataset keeps its own stage");
    }
    change(&scene, 5, None, Some(System { suspended: true, ..staged(Stage::On) })).await;
    assert_eq!(seen(&scene, anna).await, Some(vec![]), "a suspended source shows nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_that_is_suspended_sees_and_gives_nothing() {
    let (scene, anna) = (Scene::new().await, PersonId::new());
    scene.person(anna, 1, &[identity("gp", "a")]).await;
    let in_state = |ods, kind, state| Some(Organisation { state, ..organisation(ods, kind) });
    for (version, state, opens) in [
        (2, PartnerState::Suspended, false),
        (3, PartnerState::Live, true),
        (4, PartnerState::Conformant, false),
        (5, PartnerState::Left, false),
        (6, PartnerState::Live, true),
    ] {
        change(&scene, version, in_state(PRACTICE, "gp-practice", state), None).await;
        assert_eq!(seen(&scene, anna).await.is_some(), opens, "{state}");
        let opened = scene.open_record(&caller(Role::Gp, PRACTICE), anna, 1, &[]).await;
        assert_eq!(opened.is_ok(), opens, "{state}");
    }
    change(&scene, 7, in_state(HOSPITAL, "acute", PartnerState::Suspended), None).await;
    assert_eq!(seen(&scene, anna).await, Some(vec![]), "nothing of an owner that does not take part");
}

/// S-68: the next decision follows the schedule that counts.
#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_without_a_dataset_is_in_force_with_the_next_decision() {
    let (scene, anna) = (Scene::new().await, PersonId::new());
    scene.person(anna, 1, &[identity("gp", "a")]).await;
    let receiving = |receives: Option<Vec<Dataset>>| {
        let receives = receives.map(|all| all.into_iter().collect());
        Some(Organisation { receives, ..organisation(PRACTICE, "gp-practice") })
    };
    let both = vec![Dataset::Allergies, Dataset::Encounters];
    for (version, receives, shown) in [
        (2, Some(vec![Dataset::Encounters]), vec![Dataset::Encounters]),
        (3, Some(both.clone()), both.clone()),
        (4, Some(vec![]), vec![]),
        (5, None, both),
    ] {
        change(&scene, version, receiving(receives.clone()), None).await;
        assert_eq!(seen(&scene, anna).await, Some(shown), "{receives:?}");
    }
}

/// The decision, its entry and the offer follow from one reading of the registry.
#[tokio::test(flavor = "multi_thread")]
async fn an_explanation_offers_nothing_that_its_own_decision_would_refuse() {
    let (scene, anna) = (Scene::new().await, PersonId::new());
    scene.person(anna, 1, &[identity("gp", "a")]).await;
    let stranger = caller(Role::Consultant, HOSPITAL);
    for (version, state, is_offered) in [(2, PartnerState::Suspended, false), (3, PartnerState::Live, true)] {
        let hospital = Organisation { state, ..organisation(HOSPITAL, "acute") };
        change(&scene, version, Some(hospital), None).await;
        let explained = scene.consent.api.explain(&stranger, anna).await.unwrap();
        assert!(!explained.allowed);
        assert_eq!(explained.offer != ClaimOffer::default(), is_offered, "{state}");
        let entries = scene.log.entries.lock().unwrap();
        assert!(entries.last().unwrap().concerned.contains_key(&OdsCode::new(PRACTICE)), "its officers see it");
    }
}
