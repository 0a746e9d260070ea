//! The seams, faked in this process: invented people, a clock that stands still, failures on demand.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use futures::{StreamExt, stream, stream::BoxStream};
use jiff::Timestamp;
use lcr_contracts::{
    Caller, Failure, Identity, Kind, PatientIndex, Records,
    audit::EntryQuery,
    choices::Choice,
    identity::{DatasetSwitch, Organisation, Registry, SignedIn, System},
    patient_index::{
        DecideReview, Identifier, LinkReview, Resolved, ReviewPage, SearchAnswer, SearchQuery, Stub,
    },
    record::Record,
    records::{DocumentAsk, DocumentContent, SourceItem, SourceStatus, Update, ViewAsk},
    ward::{InpatientRow, ListOf, ListSettings, SettingsOf, WardNews},
};
use lcr_gateway::{Deps, Settings};
use lcr_model::*;
use uuid::Uuid;

use crate::{
    sample::{self, CLOSING, NOBODY},
    whole,
};

pub const ORIGIN: &str = "http://localhost:8080";

/// All the seams in one.
#[derive(Debug, Default)]
pub struct World {
    /// What every seam but identity answers with instead.
    pub fails: Mutex<Option<Kind>>,
    /// How long each source takes.
    pub step: Duration,
    pub ended: Mutex<bool>,
    pub active: Mutex<Vec<bool>>,
    pub searched: Mutex<usize>,
    /// Record views and ward news go on after their last word, as in life.
    pub stays_open: bool,
    /// Who is in hospital, one answer after another; the last one stays. Empty: the sample.
    pub in_hospital: Mutex<Vec<Vec<InpatientRow>>>,
    pub news: Mutex<Vec<WardNews>>,
    /// Which lists were asked for.
    pub lists: Mutex<Vec<ListOf>>,
    pub choices: Mutex<Vec<Choice>>,
    /// The patient's sign-in is not linked to a person yet.
    pub unlinked: bool,
    /// What the log was asked.
    pub asked: Mutex<Vec<EntryQuery>>,
    /// Which reviews were decided, and how.
    pub reviewed: Mutex<Vec<(Uuid, DecideReview)>>,
    /// Settings that were kept, the newest last.
    pub settings: Mutex<Vec<(SettingsOf, ListSettings)>>,
    /// Who was put on the reader's own list, or taken off it.
    pub watched: Mutex<Vec<(PersonId, bool)>>,
    /// Which waiting messages were read again.
    pub replayed: Mutex<Vec<Uuid>>,
    /// What the waiting messages were asked for.
    pub waiting: Mutex<Vec<lcr_contracts::messages::WaitingQuery>>,
}

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        sample::now()
    }
}

fn cache() -> lcr_cache::SealedCache {
    let keys = lcr_model::seal::DataKeys::parse(&lcr_model::seal::DataKeys::generate_text().unwrap());
    lcr_cache::SealedCache::new(Arc::new(lcr_cache::EmbeddedCache::new(1 << 20)), Arc::new(keys.unwrap()))
}

impl World {
    /// The gateway over these fakes; what it would pass on goes nowhere.
    pub fn router(self: &Arc<Self>) -> axum::Router {
        let outbound = lcr_web::Outbound::new(lcr_web::EgressRules::default()).unwrap();
        lcr_gateway::router(self.deps(), outbound)
    }

    pub fn deps(self: &Arc<Self>) -> Deps {
        let proxied = [
            ServiceName::Identity,
            ServiceName::PatientIndex,
            ServiceName::Audit,
            ServiceName::RecordAggregation,
            ServiceName::Consent,
            ServiceName::VirtualWard,
            ServiceName::Feeds,
        ];
        Deps {
            identity: self.clone(),
            consent: self.clone(),
            patient_index: self.clone(),
            records: self.clone(),
            virtual_ward: self.clone(),
            audit: self.clone(),
            messages: self.clone(),
            clock: Arc::new(Still),
            cache: cache(),
            stop: lcr_runtime::Stop::new(),
            settings: Settings {
                public_origin: ORIGIN.into(),
                demo: true,
                proxied: BTreeMap::from(proxied.map(|name| (name, format!("http://{name}.test")))),
            },
        }
    }

    pub fn check(&self) -> Result<(), Failure> {
        match *self.fails.lock().unwrap() {
            Some(kind) => Err(Failure::new(kind, "Said outwardly.").because("inward detail")),
            None => Ok(()),
        }
    }
}

pub fn actor(name: &str) -> Option<Actor> {
    let role: Role = name.parse().ok()?;
    let patient = role == Role::Patient;
    let org = match role {
        Role::Consultant | Role::WardNurse | Role::PrivacyOfficer | Role::CaldicottGuardian => "RR8XX",
        Role::CommunityNurse => "T01XX",
        _ => "B86000",
    };
    Some(Actor {
        user: UserId::new(name),
        kind: if patient { ActorKind::Patient } else { ActorKind::Person },
        name: if patient { "Fredrica Smith".into() } else { "Dr Aisha Khan".into() },
        org: OdsCode::new(org),
        role,
        purpose: if patient { Purpose::OwnRecord } else { Purpose::DirectCare },
        session: SessionId(Uuid::from_u128(7)),
    })
}

#[async_trait]
impl Identity for World {
    async fn session(&self, secret: &Phi<String>, active: bool) -> Result<Option<SignedIn>, Failure> {
        self.active.lock().unwrap().push(active);
        Ok(actor(secret.as_ref()).map(|actor| SignedIn {
            actor,
            organisation: "Beckside Surgery".into(),
            token: Phi::new("token".into()),
            until: jiff::Timestamp::MAX,
            form_token: Phi::new("form-token".into()),
        }))
    }
    async fn end_session(&self, _secret: &Phi<String>) -> Result<(), Failure> {
        *self.ended.lock().unwrap() = true;
        Ok(())
    }
    async fn registry(&self) -> Result<Registry, Failure> {
        let one = |ods, name: &str, kind: &str, part_of: Option<&str>| Organisation {
            ods: OdsCode::new(ods),
            name: name.into(),
            kind: kind.into(),
            agreement_signed: true,
            part_of: part_of.map(OdsCode::new),
        };
        let organisations = vec![
            one("B86000", "Beckside Surgery", "gp-practice", Some("T01XX")),
            one("B86001", "Kirkgate Medical Practice", "gp-practice", Some("T01XX")),
            one("RR8XX", "St Hilda's Hospitals", "acute", None),
            one("SH1", "St Hilda's General", "hospital-site", Some("RR8XX")),
            one("T01XX", "Beck Valley Team", "neighbourhood-team", None),
            one("X01XX", "Canalside Sexual Health", "sexual-health", None),
        ];
        let system = |id: &str, org: &str, discreet| System {
            id: SourceId::new(id),
            name: id.into(),
            organisation: OdsCode::new(org),
            base_url: String::new(),
            kind: "gp".into(),
            authority: false,
            discreet,
            datasets: BTreeMap::from(
                [Dataset::Medications, Dataset::Results].map(|one| (one, DatasetSwitch::On)),
            ),
            rhythm: "real-time".into(),
            default_practice: None,
            suspended: false,
            feed: None,
        };
        let systems = vec![
            system("beckside", "B86000", false),
            system("st-hildas", "RR8XX", false),
            system("canal", "X01XX", true),
        ];
        Ok(Registry { organisations, systems })
    }
}

#[async_trait]
impl PatientIndex for World {
    async fn search(&self, _: &Caller, _: SearchQuery) -> Result<SearchAnswer, Failure> {
        self.check()?;
        *self.searched.lock().unwrap() += 1;
        Ok(SearchAnswer { people: sample::people(), more: true })
    }
    async fn stub(&self, _: &Caller, person: PersonId, _: ViewId) -> Result<Stub, Failure> {
        sample::people().into_iter().find(|stub| stub.id == person).ok_or_else(Failure::not_found)
    }
    async fn resolve(&self, _: &Caller, _: PersonId) -> Result<Resolved, Failure> {
        Err(Failure::forbidden("Not for the gateway."))
    }
    async fn own(&self, _: &Caller) -> Result<Option<PersonId>, Failure> {
        Ok((!self.unlinked).then_some(sample::FREDRICA))
    }
    async fn identifiers(&self, _: &Caller, _: PersonId) -> Result<Vec<Identifier>, Failure> {
        Ok(Vec::new())
    }
    async fn reviews(&self, caller: &Caller, _: Option<Uuid>) -> Result<ReviewPage, Failure> {
        if caller.actor.role != Role::DataSteward {
            return Err(Failure::forbidden("Reviews are for data stewards."));
        }
        let [holder, doubtful] = [0, 1].map(|at| sample::people()[at].clone());
        let review = LinkReview {
            id: Uuid::from_u128(7),
            opened_at: sample::now(),
            source: SourceId::new("st-hildas"),
            doubtful,
            holder,
            holder_sources: vec![SourceId::new("beckside")],
            other_sex: true,
            other_birth_date: false,
        };
        Ok(ReviewPage { reviews: vec![review], not_shown: 1, after: None })
    }
    async fn decide_review(&self, caller: &Caller, id: Uuid, decided: DecideReview) -> Result<(), Failure> {
        if caller.actor.role != Role::DataSteward {
            return Err(Failure::forbidden("Reviews are for data stewards."));
        }
        self.reviewed.lock().unwrap().push((id, decided));
        Ok(())
    }
    async fn count(&self) -> Result<u64, Failure> {
        Ok(5)
    }
}

#[async_trait]
impl Records for World {
    async fn view(&self, _: &Caller, ask: ViewAsk) -> Result<BoxStream<'static, Update>, Failure> {
        self.check()?;
        if ask.person == NOBODY {
            return Err(Failure::not_found());
        }
        let (step, closes) = (self.step, ask.person == CLOSING);
        let updates = stream::iter([0, 1, 2, 5]).then(move |answered| async move {
            if answered > 0 {
                tokio::time::sleep(step).await;
            }
            if closes && answered == 5 {
                let failure = Failure::new(Kind::Objected, "This person has objected to sharing.");
                return Update::Closed { at: sample::at("2026-11-21T14:06:00Z"), failure };
            }
            Update::Record(Box::new(whole::record(ask.person, ask.view, answered)))
        });
        if self.stays_open && !closes {
            return Ok(updates.chain(stream::pending()).boxed());
        }
        Ok(updates.boxed())
    }
    async fn whole(&self, _: &Caller, ask: ViewAsk) -> Result<Record, Failure> {
        self.check()?;
        if ask.person == NOBODY {
            return Err(Failure::not_found());
        }
        Ok(whole::record(ask.person, ask.view, 5))
    }
    async fn item(&self, _: &Caller, _: ViewAsk, entry: &str) -> Result<SourceItem, Failure> {
        self.check()?;
        if entry != "beckside~Condition~c1" {
            return Err(Failure::not_found());
        }
        Ok(SourceItem {
            source: SourceId::new("beckside"),
            name: "Beckside Surgery".into(),
            dataset: lcr_model::Dataset::Diagnoses,
            resource: serde_json::json!({ "resourceType": "Condition", "id": "c1", "note": [{ "text": "<script>alert(1)</script>" }] }),
        })
    }
    async fn document(&self, _: &Caller, _: ViewAsk, file: DocumentAsk) -> Result<DocumentContent, Failure> {
        self.check()?;
        if file.file > 0 {
            return Err(Failure::not_found());
        }
        let (kind, bytes): (_, &[u8]) = match file.entry.as_str() {
            "doc-1" => (
                "text/plain; charset=utf-8",
                b"Dear colleague,\n<script>alert(1)</script>\nThank you for seeing her.",
            ),
            "doc-2" => ("text/html", b"<script>alert(1)</script>"),
            _ => return Err(Failure::not_found()),
        };
        Ok(DocumentContent { title: "Letter".into(), content_type: kind.into(), bytes: bytes.to_vec() })
    }
    async fn sources(&self, _: &Caller) -> Result<Vec<SourceStatus>, Failure> {
        self.check()?;
        let one = |(id, name, kind): &(&str, &str, &str)| SourceStatus {
            source: SourceId::new(*id),
            name: (*name).into(),
            kind: (*kind).into(),
            datasets: vec![Dataset::Allergies, Dataset::Medications],
            rhythm: "real-time".into(),
            state: if *id == "adult-social" { "failing".into() } else { "answering".into() },
            last_answer: (*id != "childrens").then(sample::now),
            people_loaded: 1200,
            loaded: *id != "community",
            discreet: false,
        };
        Ok(sample::SOURCES.iter().map(one).collect())
    }
}
