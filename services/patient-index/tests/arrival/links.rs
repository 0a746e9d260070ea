//! Records that their source links (FHIR `Patient.link`) become one person, in any order of arrival.

use lcr_contracts::events::{PatientLink, PatientLinkKind};

use super::*;

fn linked(scene: &Scene, update: TestUpdate, active: bool, links: &[(PatientLinkKind, &str)]) -> DemographicsReceived {
    let links = links.iter().map(|(kind, other)| PatientLink { kind: *kind, other: LocalId((*other).into()) });
    let patient = SourcePatient { active, links: links.collect(), ..update.patient() };
    update.sealed(&scene.keys, 1, &patient)
}

const KEPT: TestUpdate = TestUpdate("st-hildas", "kept", "9434765919", "1945-07-14");
const DUPLICATE: TestUpdate = TestUpdate("st-hildas", "dup", "", "1945-07-14");

fn by_name() -> SearchQuery {
    let text = |text: &str| Some(text.to_owned());
    SearchQuery { family: text("Smith"), birth_date: text("1945-07-14"), ..SearchQuery::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_in_either_direction_and_any_order_makes_one_person() {
    use PatientLinkKind::{Refer, ReplacedBy, Replaces, Seealso};
    type Links = &'static [(PatientLinkKind, &'static str)];
    let ways: [(Links, Links); 5] = [
        (&[], &[(ReplacedBy, "kept")]),
        (&[(Replaces, "dup")], &[]),
        (&[(Replaces, "dup")], &[(ReplacedBy, "kept")]),
        (&[], &[(Refer, "kept")]),
        (&[(Seealso, "dup")], &[]),
    ];
    for (of_kept, of_duplicate) in ways {
        for first in [0, 1] {
            let scene = Scene::new().await;
            let retired = of_duplicate.iter().any(|(kind, _)| *kind == ReplacedBy);
            let mut events = [linked(&scene, KEPT, true, of_kept), linked(&scene, DUPLICATE, !retired, of_duplicate)];
            events.rotate_left(first);
            for batch_size in [1, 2] {
                scene.publish_events(&events, batch_size).await;
            }
            let together = names(&[&["st-hildas/dup", "st-hildas/kept"]]);
            let people = scene.people().await.into_iter().filter(|one| !one.is_empty()).collect();
            assert_eq!(together, people, "{of_kept:?} {of_duplicate:?} {first}");
            let found = scene.index.api.search(&caller(ServiceName::Gateway), by_name()).await.unwrap();
            assert_eq!(found.people.len(), 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn circular_links_make_one_person() {
    use PatientLinkKind::ReplacedBy;
    let scene = Scene::new().await;
    let ids = ["a", "b", "c"];
    let events: Vec<_> = (0..3)
        .map(|at| {
            let update = TestUpdate("st-hildas", ids[at], "", "1945-07-14");
            linked(&scene, update, false, &[(ReplacedBy, ids[(at + 1) % 3])])
        })
        .collect();
    scene.publish_events(&events, 1).await;
    assert_eq!(scene.people().await, names(&[&["st-hildas/a", "st-hildas/b", "st-hildas/c"], &[]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_never_brings_two_nhs_numbers_together() {
    let scene = Scene::new().await;
    let other = TestUpdate("st-hildas", "dup", "9876543210", "1957-11-02");
    let links = [(PatientLinkKind::ReplacedBy, "kept")];
    scene.publish_events(&[KEPT.event(&scene.keys), linked(&scene, other, false, &links)], 2).await;
    assert_eq!(scene.people().await, names(&[&["st-hildas/kept"], &["st-hildas/dup"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retired_record_is_offered_only_if_it_is_the_only_one() {
    let scene = Scene::new().await;
    scene.publish_events(&[linked(&scene, DUPLICATE, false, &[])], 1).await;
    let search = || async {
        let found = scene.index.api.search(&caller(ServiceName::Gateway), by_name()).await.unwrap();
        found.people.into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!(
        search().await,
        [scene.person_of("st-hildas/dup").await],
        "sources also retire records of people who died"
    );
    scene.publish(&[KEPT], 1).await;
    assert_eq!(search().await, [scene.person_of("st-hildas/kept").await]);
}
