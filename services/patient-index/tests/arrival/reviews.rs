//! A known NHS number with another first name and another sex: it links nobody, readers of both records learn of the doubt,
//! and a data steward decides.

use lcr_contracts::{
    FailureKind,
    events::ReviewDecided,
    patient_index::{DecideReview, LinkDecision},
};

use super::*;

/// Jonas at his practice and a hospital, and his twin sister Ida, whom another hospital registered under his number.
async fn twins(scene: &Scene) {
    let number = "9434765919";
    let (his, also) =
        (TestUpdate("gp", "1", number, "1994-02-11"), TestUpdate("st-hildas", "77", number, "1994-02-11"));
    let hers = TestUpdate("wharfe", "5", number, "1994-02-11");
    let named = |update: TestUpdate, given: &str, gender: &str| {
        let patient = SourcePatient { given: given.into(), gender: gender.into(), ..update.patient() };
        update.sealed(&scene.keys, 1, &patient)
    };
    let events = [named(hers, "Ida", "female"), named(his, "Jonas", "male"), named(also, "Jonas", "male")];
    scene.publish_events(&events, 1).await;
}

fn steward() -> Caller {
    let mut caller = caller(ServiceName::Gateway);
    caller.actor.role = Role::DataSteward;
    caller
}

impl Scene {
    async fn found(&self, query: SearchQuery) -> Vec<String> {
        let answer = self.index.api.search(&caller(ServiceName::Gateway), query).await.unwrap();
        answer.people.into_iter().map(|one| one.given).collect()
    }

    async fn doubts_of(&self, name: &str) -> Vec<String> {
        let person = self.person_of(name).await;
        let resolved = self.index.api.resolve(&caller(ServiceName::RecordAggregation), person).await.unwrap();
        resolved.doubts.into_iter().map(|one| one.source.0).collect()
    }

    async fn decide(&self, decision: LinkDecision) -> Result<(), Failure> {
        let review = self.index.api.reviews(&steward(), None).await.unwrap().reviews[0].id;
        let decision = DecideReview { decision, reason: "Asked the hospital.".into() };
        self.index.api.decide_review(&steward(), review, decision).await
    }
}

fn by_number() -> SearchQuery {
    SearchQuery { nhs_number: Some("9434765919".into()), ..SearchQuery::default() }
}

fn by_name() -> SearchQuery {
    let text = |text: &str| Some(text.to_owned());
    SearchQuery { family: text("Smith"), birth_date: text("1994-02-11"), ..SearchQuery::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubtful_record_links_nobody_and_both_sides_learn_of_it() {
    let scene = Scene::new().await;
    twins(&scene).await;
    assert_eq!(scene.people().await, names(&[&["gp/1", "st-hildas/77"], &["wharfe/5"]]));
    assert_eq!(scene.found(by_number()).await, ["Jonas"]);
    assert_eq!(scene.found(by_name()).await, ["Jonas"], "the record in doubt is not offered");
    assert_eq!(scene.doubts_of("gp/1").await, ["wharfe"]);
    assert_eq!(scene.doubts_of("wharfe/5").await, ["gp", "st-hildas"]);
    let page = scene.index.api.reviews(&steward(), None).await.unwrap();
    let [review] = page.reviews.as_slice() else { panic!("one review") };
    assert_eq!((review.doubtful.given.as_str(), review.holder.given.as_str()), ("Ida", "Jonas"));
    assert!(review.other_sex && !review.other_birth_date);
    let refused = scene.index.api.reviews(&caller(ServiceName::Gateway), None).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Forbidden);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_steward_never_learns_that_a_discreet_service_knows_a_person() {
    let scene = Scene::new().await;
    twins(&scene).await;
    let number = "9434765919";
    let named = |update: TestUpdate, given: &str, gender: &str| {
        let patient = SourcePatient { given: given.into(), gender: gender.into(), ..update.patient() };
        update.sealed(&scene.keys, 1, &patient)
    };
    let also = named(TestUpdate("quiet", "8", number, "1994-02-11"), "Jonas", "male");
    let in_doubt = named(TestUpdate("quiet", "9", number, "1994-02-11"), "Ada", "female");
    scene.publish_events(&[also, in_doubt], 10).await;
    let person = scene.person_of("quiet/8").await;
    let mut sources: Vec<String> =
        scene.index.api.identifiers(&steward(), person).await.unwrap().into_iter().map(|one| one.source).collect();
    sources.sort();
    assert_eq!(sources, ["gp", "st-hildas"]);
    let page = scene.index.api.reviews(&steward(), None).await.unwrap();
    let [review] = page.reviews.as_slice() else { panic!("one review") };
    assert_eq!(review.holder_sources, ["gp", "st-hildas"].map(SourceId::new));
    assert_eq!((review.source.as_str(), page.not_shown), ("wharfe", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_to_separate_makes_a_person_without_the_number() {
    let scene = Scene::new().await;
    twins(&scene).await;
    scene.decide(LinkDecision::Separate).await.unwrap();
    assert_eq!(scene.people().await, names(&[&["gp/1", "st-hildas/77"], &["wharfe/5"]]));
    assert_eq!(scene.found(by_number()).await, ["Jonas"]);
    let mut found = scene.found(by_name()).await;
    found.sort();
    assert_eq!(found, ["Ida", "Jonas"]);
    assert!(scene.doubts_of("gp/1").await.is_empty() && scene.doubts_of("wharfe/5").await.is_empty());
    let person = scene.person_of("wharfe/5").await;
    let resolved = scene.index.api.resolve(&caller(ServiceName::RecordAggregation), person).await.unwrap();
    assert!(resolved.numbers.is_empty(), "the number is not hers");
    let refused = scene.index.api.reviews(&steward(), None).await.unwrap();
    assert!(refused.reviews.is_empty());
    let acts = scene.index.store.outbox().after(Stream::Audit, 0, 10).await.unwrap();
    let act: ReviewDecided = acts[0].event.body().unwrap().unwrap();
    assert_eq!((acts.len(), act.decision), (1, LinkDecision::Separate));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_to_link_makes_one_person_and_is_final() {
    let scene = Scene::new().await;
    twins(&scene).await;
    let pending = scene.person_of("wharfe/5").await;
    let review = scene.index.api.reviews(&steward(), None).await.unwrap().reviews[0].id;
    let empty = DecideReview { decision: LinkDecision::Link, reason: " ".into() };
    let refused = scene.index.api.decide_review(&steward(), review, empty).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::BadRequest);
    scene.decide(LinkDecision::Link).await.unwrap();
    assert_eq!(scene.people().await, names(&[&["gp/1", "st-hildas/77", "wharfe/5"], &[]]));
    assert!(scene.doubts_of("gp/1").await.is_empty());
    let resolved = scene.index.api.resolve(&caller(ServiceName::RecordAggregation), pending).await.unwrap();
    assert_eq!(resolved.person, scene.person_of("gp/1").await);
    let again = DecideReview { decision: LinkDecision::Separate, reason: "Changed my mind.".into() };
    let refused = scene.index.api.decide_review(&steward(), review, again).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Conflict);
}
