//! An objection outlives what happens to identities (`access.md`, "Choices"): merged people keep the most restrictive,
//! unmerged ones both keep it, what is linked later inherits; and a stay makes a relationship that ends with it.
//! Through the bus and the store; audit is one that keeps what it is given, or refuses.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use lcr_auth::KeyRing;
use lcr_bus::{Ears, EmbeddedBus};
use lcr_contracts::{
    Audit, Caller, Failure, Kind,
    audit::{Entry, EntryQuery, LogState, OpenEntry, OwnLog, What},
    choices::{ChoiceStatus, NewChoice},
    consent::{Ask, AskPerson, Confirm, Refusal},
    events::{EventBody, LOGIN_SOURCE, PartnersChanged, PersonChanged, Stay, Stream, WardChanged},
    identity::{DatasetSwitch, Organisation, System},
};
use lcr_model::{
    Actor, ActorKind, Clock, Dataset, LocalId, OdsCode, PersonId, Purpose, Role, ServiceName, SessionId,
    SigningKey, SourceId, SourceIdentity, SpellId, SystemClock, UserId, ViewId, seal::DataKeys,
};
use lcr_store::{Durability, Store};
use lcr_testkit::Folder;
use lcr_web::Gate;
use sea_orm::DbErr;
use sea_orm_migration::{MigrationTrait, MigratorTrait};

const PRACTICE: &str = "Y90001";
const HOSPITAL: &str = "Z9H01";

struct Nothing;

impl MigratorTrait for Nothing {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![]
    }
}

/// Keeps entries, unless told to be away.
#[derive(Default)]
struct Log {
    entries: Mutex<Vec<OpenEntry>>,
    away: AtomicBool,
}

#[async_trait]
impl Audit for Log {
    async fn open(&self, _: &Caller, entry: OpenEntry) -> Result<(), Failure> {
        if self.away.load(Ordering::Relaxed) {
            return Err(Failure::new(Kind::Unavailable, "away"));
        }
        self.entries.lock().unwrap().push(entry);
        Ok(())
    }
    async fn entries(&self, _: &Caller, _: EntryQuery) -> Result<Vec<Entry>, Failure> {
        Err(Failure::not_found())
    }
    async fn own_log(&self, _: &Caller, _: Option<uuid::Uuid>) -> Result<OwnLog, Failure> {
        Err(Failure::not_found())
    }
    async fn choice_steps(&self, after: uuid::Uuid) -> Result<Vec<OpenEntry>, Failure> {
        if self.away.load(Ordering::Relaxed) {
            return Err(Failure::new(Kind::Unavailable, "away"));
        }
        let entries = self.entries.lock().unwrap();
        let mut steps: Vec<OpenEntry> =
            entries.iter().filter(|entry| entry.choice.is_some() && entry.id > after).cloned().collect();
        steps.sort_by_key(|entry| entry.id);
        Ok(steps)
    }
    async fn log_state(&self) -> Result<LogState, Failure> {
        Err(Failure::not_found())
    }
}

struct Scene {
    consent: lcr_consent::Handle,
    log: Arc<Log>,
    others: Store,
    bus: EmbeddedBus,
    keys: Arc<DataKeys>,
    _folder: Folder,
}

impl Scene {
    async fn set() -> Self {
        Self::over(Arc::default()).await
    }

    /// An empty consent beside a log that may have more.
    async fn over(log: Arc<Log>) -> Self {
        let folder = Folder::new("objections").unwrap();
        let at = |name: &str| folder.path().join(name);
        let keys = Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap());
        let key = SigningKey::generate().unwrap();
        let clock = Arc::new(SystemClock);
        let gate =
            Gate { me: ServiceName::Consent, keys: KeyRing::new(key.clone(), []), clock: clock.clone() };
        let deps = lcr_consent::Deps {
            store: at("consent.db").into(),
            clock,
            gate,
            signer: key,
            audit: log.clone(),
            data_keys: keys.clone(),
            metrics: lcr_consent::Numbers::new(&lcr_observe::Meter::new()).unwrap(),
        };
        let consent = lcr_consent::build(deps).await.unwrap();
        let others =
            Store::open::<Nothing>(&at("others.db"), "others", Durability::Rebuildable).await.unwrap();
        let bus = EmbeddedBus::open(&at("bus.db")).await.unwrap();
        bus.attach(others.outbox());
        bus.attach(consent.store.outbox());
        consent.listen(&Ears::new(Arc::new(bus.clone()), lcr_runtime::Stop::new()));
        let scene = Self { consent, log, others, bus, keys, _folder: folder };
        let partner = |organisation, system| PartnersChanged { version: 1, organisation, system };
        scene.say(partner(Some(organisation(PRACTICE, "gp-practice")), None), Stream::Partners).await;
        scene.say(partner(Some(organisation(HOSPITAL, "acute")), None), Stream::Partners).await;
        scene.say(partner(None, Some(system())), Stream::Partners).await;
        scene
    }

    async fn say<B: EventBody + Clone + 'static>(&self, body: B, stream: Stream) {
        let now = SystemClock.now();
        let write = self
            .others
            .write::<_, DbErr, _>(move |tx| Box::pin(async move { Store::publish(tx, now, &[body]).await }));
        write.await.unwrap();
        for _ in 0..400 {
            if self.bus.behind(stream, "consent").await.unwrap() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        unreachable!("consent does not take in what it heard");
    }

    async fn person(&self, person: PersonId, version: i64, identities: &[SourceIdentity]) {
        let change = PersonChanged {
            person,
            version,
            identities: identities.to_vec(),
            practice: Some(OdsCode::new(PRACTICE)),
            marks: vec![],
        };
        self.say(change, Stream::People).await;
    }

    async fn stay(&self, person: PersonId, version: i64, until: Option<&str>) {
        let stay = Stay {
            person: Some(person),
            source: SourceId::new("st-hildas"),
            organisation: OdsCode::new(HOSPITAL),
            ward: Some("J27".into()),
            from: "2026-01-01T08:00:00Z".parse().unwrap(),
            until: until.map(|text| text.parse().unwrap()),
            counts: true,
        };
        let sealed = self.keys.seal("ward/stay", &serde_json::to_vec(&stay).unwrap()).unwrap();
        self.say(WardChanged { spell: SpellId::new("s1"), version, sealed }, Stream::Ward).await;
    }

    /// Whether `who` may open the record of `person`, known by these identities.
    async fn opens(
        &self,
        who: &Caller,
        person: PersonId,
        version: i64,
        identities: &[SourceIdentity],
    ) -> Result<(), Refusal> {
        let asked = AskPerson { person, index_version: version, identities: identities.to_vec() };
        let ask = Ask {
            audience: who.service,
            view: ViewId::new(),
            what: What::Record,
            people: vec![asked],
            datasets: vec![Dataset::Allergies],
        };
        let decision = self.consent.api.decide(who, ask).await.unwrap();
        decision.refused.first().map_or(Ok(()), |(_, refusal)| Err(*refusal))
    }
}

fn organisation(ods: &str, kind: &str) -> Organisation {
    Organisation {
        ods: OdsCode::new(ods),
        name: ods.into(),
        kind: kind.into(),
        agreement_signed: true,
        part_of: None,
    }
}

fn system() -> System {
    System {
        id: SourceId::new("st-hildas"),
        name: "St Hilda's".into(),
        organisation: OdsCode::new(HOSPITAL),
        base_url: "https://fhir.example/R4".into(),
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: [(Dataset::Allergies, DatasetSwitch::On)].into(),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        feed: None,
    }
}

fn caller(role: Role, org: &str) -> Caller {
    let patient = role == Role::Patient;
    let actor = Actor {
        user: UserId::new(if patient { "patient-user" } else { "staff-user" }),
        kind: if patient { ActorKind::Patient } else { ActorKind::Person },
        name: "Somebody".into(),
        org: OdsCode::new(org),
        role,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    };
    lcr_testkit::caller(ServiceName::RecordAggregation, actor)
}

fn identity(source: &str, local: &str) -> SourceIdentity {
    SourceIdentity { source: SourceId::new(source), local_id: LocalId(local.into()) }
}

const WHOLE: NewChoice =
    NewChoice { direction: lcr_contracts::choices::Direction::Whole, organisation: None, reason: None };

#[tokio::test(flavor = "multi_thread")]
async fn merged_people_keep_the_most_restrictive_and_unmerged_ones_both_keep_it() {
    let scene = Scene::set().await;
    let (anna, other) = (PersonId::new(), PersonId::new());
    let (a, b, late) = (identity("gp", "a"), identity("st-hildas", "b"), identity("community", "c"));
    let login = identity(LOGIN_SOURCE, "patient-user");
    scene.person(anna, 1, &[a.clone(), login.clone()]).await;
    scene.person(other, 1, std::slice::from_ref(&b)).await;
    let (gp, patient) = (caller(Role::Gp, PRACTICE), caller(Role::Patient, ""));
    scene.consent.api.object(&patient, anna, WHOLE).await.unwrap();
    assert_eq!(scene.opens(&gp, anna, 1, std::slice::from_ref(&a)).await, Err(Refusal::Objected));
    assert_eq!(scene.opens(&gp, other, 1, std::slice::from_ref(&b)).await, Ok(()));
    // Merged into the other: the survivor is closed, and what is linked later too.
    scene.person(other, 2, &[a.clone(), b.clone()]).await;
    assert_eq!(scene.opens(&gp, other, 2, &[a.clone(), b.clone()]).await, Err(Refusal::Objected));
    scene.person(other, 3, &[a.clone(), b.clone(), late.clone()]).await;
    // Unmerged again: both keep it, by person and by every identity there was.
    scene.person(other, 4, &[b.clone(), late.clone()]).await;
    scene.person(anna, 5, &[a.clone(), login]).await;
    assert_eq!(scene.opens(&gp, other, 4, std::slice::from_ref(&b)).await, Err(Refusal::Objected));
    assert_eq!(scene.opens(&gp, anna, 5, std::slice::from_ref(&a)).await, Err(Refusal::Objected));
    let third = PersonId::new();
    scene.person(third, 1, std::slice::from_ref(&late)).await;
    assert_eq!(scene.opens(&gp, third, 1, std::slice::from_ref(&late)).await, Err(Refusal::Objected));
    // Withdrawn by the person: that opens their own record, and nobody else's.
    let choice = scene.consent.api.choices(&patient, anna).await.unwrap().choices[0].id;
    let receipt = scene.consent.api.withdraw(&patient, anna, choice).await.unwrap();
    assert_eq!(receipt.choice.status, ChoiceStatus::Withdrawn);
    assert_eq!(scene.opens(&gp, anna, 5, std::slice::from_ref(&a)).await, Ok(()));
    assert_eq!(scene.opens(&gp, other, 4, std::slice::from_ref(&b)).await, Err(Refusal::Objected));
    assert_eq!(scene.opens(&gp, third, 1, std::slice::from_ref(&late)).await, Err(Refusal::Objected));
    // And what the other withdraws opens only theirs, and tells nothing of who made it first.
    let practice = caller(Role::Receptionist, PRACTICE);
    let theirs = scene.consent.api.choices(&practice, other).await.unwrap().choices;
    assert_eq!((theirs.len(), theirs[0].made_by.as_str()), (1, "carried over from a linked record"));
    scene.consent.api.withdraw(&practice, other, theirs[0].id).await.unwrap();
    scene.person(other, 6, &[b.clone(), late.clone()]).await;
    assert_eq!(scene.opens(&gp, other, 6, std::slice::from_ref(&b)).await, Ok(()), "it does not come back");
    assert_eq!(scene.opens(&gp, third, 1, std::slice::from_ref(&late)).await, Err(Refusal::Objected));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_is_on_the_log_before_it_holds_and_is_not_taken_when_it_cannot_be() {
    let scene = Scene::set().await;
    let anna = PersonId::new();
    let identities = [identity("gp", "a"), identity(LOGIN_SOURCE, "patient-user")];
    scene.person(anna, 1, &identities).await;
    let patient = caller(Role::Patient, "");
    scene.log.away.store(true, Ordering::Relaxed);
    let refused = scene.consent.api.object(&patient, anna, WHOLE).await.unwrap_err();
    assert_eq!(refused.kind, Kind::CannotRecord);
    assert_eq!(scene.opens_quietly(&caller(Role::Gp, PRACTICE), anna).await, None, "nor is anything shown");
    scene.log.away.store(false, Ordering::Relaxed);
    assert!(scene.consent.api.choices(&patient, anna).await.unwrap().choices.is_empty(), "nothing half done");
    scene.consent.api.object(&patient, anna, WHOLE).await.unwrap();
    let entries = scene.log.entries.lock().unwrap();
    assert!(
        entries.iter().any(|entry| entry.what == What::Choices && entry.reason.starts_with("objection made"))
    );
}

impl Scene {
    async fn opens_quietly(&self, who: &Caller, person: PersonId) -> Option<String> {
        let asked = AskPerson { person, index_version: 1, identities: vec![] };
        let ask = Ask {
            audience: who.service,
            view: ViewId::new(),
            what: What::Record,
            people: vec![asked],
            datasets: vec![Dataset::Allergies],
        };
        self.consent.api.decide(who, ask).await.ok().and_then(|decision| decision.permit)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stay_opens_the_record_to_its_hospital_and_the_fence_rises_when_it_changes() {
    let scene = Scene::set().await;
    let anna = PersonId::new();
    let a = [identity("gp", "a")];
    scene.person(anna, 1, &a).await;
    let (here, elsewhere) = (caller(Role::Consultant, HOSPITAL), caller(Role::Consultant, "Z9H02"));
    assert_eq!(scene.opens(&here, anna, 1, &a).await, Err(Refusal::NoRelationship));
    scene.stay(anna, 1, None).await;
    assert_eq!(scene.opens(&here, anna, 1, &a).await, Ok(()));
    assert_eq!(scene.opens(&elsewhere, anna, 1, &a).await, Err(Refusal::NoRelationship));
    // Long gone; and an older word of the same stay changes nothing.
    scene.stay(anna, 3, Some("2026-02-01T08:00:00Z")).await;
    scene.stay(anna, 2, None).await;
    assert_eq!(scene.opens(&here, anna, 1, &a).await, Err(Refusal::NoRelationship));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_person_and_their_practice_choose_and_nobody_else_learns_of_it() {
    let scene = Scene::set().await;
    let anna = PersonId::new();
    scene.person(anna, 1, &[identity("gp", "a"), identity(LOGIN_SOURCE, "patient-user")]).await;
    for (role, org, may) in [
        (Role::Patient, "", true),
        (Role::Receptionist, PRACTICE, true),
        (Role::Gp, PRACTICE, true),
        (Role::Gp, "Y90002", false),
        (Role::Consultant, HOSPITAL, false),
        (Role::FhirClient, PRACTICE, false),
        (Role::Commissioner, PRACTICE, false),
        (Role::PrivacyOfficer, HOSPITAL, false),
    ] {
        let made = scene.consent.api.object(&caller(role, org), anna, WHOLE).await;
        assert_eq!(made.is_ok(), may, "{role} of {org}");
    }
    let mut stranger = caller(Role::Patient, "");
    stranger.actor.user = UserId::new("somebody-else");
    assert_eq!(scene.consent.api.choices(&stranger, anna).await.unwrap_err().kind, Kind::Forbidden);
    assert_eq!(
        scene.consent.api.choices(&stranger, PersonId::new()).await.unwrap_err().kind,
        Kind::Forbidden
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_restore_forgot_is_done_again_from_the_log_before_anything_is_decided() {
    let before = Scene::set().await;
    let (anna, ben) = (PersonId::new(), PersonId::new());
    let (a, b) = ([identity("gp", "a"), identity(LOGIN_SOURCE, "patient-user")], [identity("gp", "b")]);
    before.person(anna, 1, &a).await;
    before.person(ben, 1, &b).await;
    let (gp, patient) = (caller(Role::Gp, PRACTICE), caller(Role::Patient, ""));
    let practice = caller(Role::Receptionist, PRACTICE);
    let made = before.consent.api.object(&patient, anna, WHOLE).await.unwrap();
    let back = before.consent.api.object(&practice, ben, WHOLE).await.unwrap();
    before.consent.api.withdraw(&practice, ben, back.choice.id).await.unwrap();
    // Everything of consent's own is gone; the log is not, but cannot be reached at first.
    before.log.away.store(true, Ordering::Relaxed);
    let after = Scene::over(before.log.clone()).await;
    after.person(anna, 1, &a).await;
    after.person(ben, 1, &b).await;
    let ask = Confirm { person: anna, session: gp.actor.session, epoch: 0 };
    let waits = after.consent.api.confirm(&gp, ask).await.unwrap_err();
    assert_eq!(waits.kind, Kind::CatchingUp, "nothing is decided before it is compared");
    assert!(after.consent.is_compared().is_err());
    before.log.away.store(false, Ordering::Relaxed);
    for _ in 0..400 {
        if after.consent.is_compared().is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(after.opens(&gp, anna, 1, &a).await, Err(Refusal::Objected));
    assert_eq!(after.opens(&gp, ben, 1, &b).await, Ok(()), "withdrawn stays withdrawn");
    let held = after.consent.api.choices(&patient, anna).await.unwrap().choices;
    assert_eq!((held.len(), held[0].id, &held[0].number), (1, made.choice.id, &made.number));
    assert_eq!(held[0].made_by, "you");
    assert!(held[0].made_at.duration_since(made.choice.made_at).as_secs() < 1);
    let held = after.consent.api.choices(&practice, ben).await.unwrap().choices;
    assert_eq!((held.len(), held[0].status), (1, ChoiceStatus::Withdrawn));
}
