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
    Audit, Caller, Consent, Failure, Identity, Kind, PatientIndex, Records, VirtualWard,
    audit::{Completion, Entry, EntryQuery, LogState, OpenEntry, Outcome, OwnLog, Shown, What},
    choices::{Choices, NewChoice, Receipt, Review},
    consent::{Ask, Confirm, Decision, Explanation},
    identity::{Organisation, Registry, SignedIn},
    patient_index::{Identifier, Resolved, SearchAnswer, SearchQuery, Stub},
    record::Record,
    records::{DocumentContent, SourceStatus, Update, ViewAsk},
    ward::{Discharges, Inpatients, ListAsk, WardNews},
};
use lcr_gateway::{Deps, Settings};
use lcr_model::*;
use uuid::Uuid;

use crate::{
    sample::{self, CLOSING, NOBODY},
    whole,
};

pub const ORIGIN: &str = "http://localhost:8080";

/// All five seams in one.
#[derive(Debug, Default)]
pub struct World {
    /// What every seam but identity answers with instead.
    pub fails: Mutex<Option<Kind>>,
    /// How long each source takes.
    pub step: Duration,
    pub ended: Mutex<bool>,
    pub active: Mutex<Vec<bool>>,
    pub searched: Mutex<usize>,
}

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        sample::now()
    }
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
            clock: Arc::new(Still),
            settings: Settings {
                public_origin: ORIGIN.into(),
                demo: true,
                proxied: BTreeMap::from(proxied.map(|name| (name, format!("http://{name}.test")))),
            },
        }
    }

    fn check(&self) -> Result<(), Failure> {
        match *self.fails.lock().unwrap() {
            Some(kind) => Err(Failure::new(kind, "Said outwardly.").because("inward detail")),
            None => Ok(()),
        }
    }
}

fn actor(name: &str) -> Option<Actor> {
    let role: Role = name.parse().ok()?;
    let patient = role == Role::Patient;
    Some(Actor {
        user: UserId::new(name),
        kind: if patient { ActorKind::Patient } else { ActorKind::Person },
        name: if patient { "Fredrica Smith".into() } else { "Dr Aisha Khan".into() },
        org: OdsCode::new("B86000"),
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
            form_token: Phi::new("form-token".into()),
        }))
    }
    async fn end_session(&self, _secret: &Phi<String>) -> Result<(), Failure> {
        *self.ended.lock().unwrap() = true;
        Ok(())
    }
    async fn registry(&self) -> Result<Registry, Failure> {
        let one = |ods, name: &str, kind: &str| Organisation {
            ods: OdsCode::new(ods),
            name: name.into(),
            kind: kind.into(),
            agreement_signed: true,
            part_of: None,
        };
        let organisations = vec![
            one("B86000", "Beckside Surgery", "gp-practice"),
            one("B86001", "Kirkgate Medical Practice", "gp-practice"),
            one("RR8XX", "St Hilda's Hospitals", "acute"),
        ];
        Ok(Registry { organisations, systems: Vec::new() })
    }
}

#[async_trait]
impl Consent for World {
    async fn decide(&self, _: &Caller, _: Ask) -> Result<Decision, Failure> {
        Err(Failure::forbidden("The gateway never decides."))
    }
    async fn confirm(&self, _: &Caller, _: Confirm) -> Result<bool, Failure> {
        Ok(false)
    }
    async fn explain(&self, _: &Caller, _: PersonId) -> Result<Explanation, Failure> {
        Err(Failure::not_found())
    }
    async fn choices(&self, _: &Caller, _: PersonId) -> Result<Choices, Failure> {
        Err(Failure::not_found())
    }
    async fn object(&self, _: &Caller, _: PersonId, _: NewChoice) -> Result<Receipt, Failure> {
        Err(Failure::not_found())
    }
    async fn withdraw(&self, _: &Caller, _: PersonId, _: Uuid) -> Result<Receipt, Failure> {
        Err(Failure::not_found())
    }
    async fn review(&self, _: &Caller, _: PersonId, _: Uuid, _: Review) -> Result<Receipt, Failure> {
        Err(Failure::not_found())
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
        Ok(None)
    }
    async fn identifiers(&self, _: &Caller, _: PersonId) -> Result<Vec<Identifier>, Failure> {
        Ok(Vec::new())
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
        Ok(updates.boxed())
    }
    async fn whole(&self, _: &Caller, ask: ViewAsk) -> Result<Record, Failure> {
        self.check()?;
        if ask.person == NOBODY {
            return Err(Failure::not_found());
        }
        Ok(whole::record(ask.person, ask.view, 5))
    }
    async fn document(&self, _: &Caller, _: ViewAsk, entry: &str) -> Result<DocumentContent, Failure> {
        self.check()?;
        let (kind, bytes): (_, &[u8]) = match entry {
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

#[async_trait]
impl Audit for World {
    async fn open(&self, _: &Caller, _: OpenEntry) -> Result<(), Failure> {
        Ok(())
    }
    async fn entries(&self, _: &Caller, _: EntryQuery) -> Result<Vec<Entry>, Failure> {
        self.check()?;
        let opened = |id, role: &str, outcome, at: &str| OpenEntry {
            id: Uuid::from_u128(id),
            view: ViewId(Uuid::from_u128(id)),
            at: sample::at(at),
            actor: actor(role).unwrap(),
            audience: ServiceName::RecordAggregation,
            what: What::Record,
            outcome,
            reason: if outcome == Outcome::Allowed {
                "your GP practice".into()
            } else {
                "no-relationship".into()
            },
            people: vec![sample::FREDRICA],
            datasets: vec![Dataset::Medications],
            policy_version: "1".into(),
        };
        let shown = [Dataset::Medications, Dataset::Results].map(|dataset| Shown {
            source: SourceId::new("beckside"),
            dataset,
            state: "has-data".into(),
            count: 3,
        });
        let completion = Completion::Shown { at: sample::now(), shown: shown.to_vec() };
        Ok(vec![
            Entry { opened: opened(1, "gp", Outcome::Allowed, "2026-11-21T14:00:00Z"), completion },
            Entry {
                opened: opened(2, "ward-nurse", Outcome::Refused, "2026-11-20T09:00:00Z"),
                completion: Completion::NothingShown,
            },
        ])
    }
    async fn own_log(&self, _: &Caller, _: Option<Uuid>) -> Result<OwnLog, Failure> {
        self.check()?;
        Ok(OwnLog { looks: vec![], before: None })
    }
    async fn log_state(&self) -> Result<LogState, Failure> {
        Ok(LogState { size: 2, waiting: 0, checkpoint: String::new() })
    }
}

#[async_trait]
impl VirtualWard for World {
    async fn inpatients(&self, _: &Caller, _: ListAsk) -> Result<Inpatients, Failure> {
        self.check()?;
        Ok(Inpatients { as_of: sample::now(), rows: vec![], unmatched: 0, hospitals: vec![] })
    }
    async fn discharges(&self, _: &Caller, ask: ListAsk) -> Result<Discharges, Failure> {
        self.check()?;
        Ok(Discharges { as_of: sample::now(), days: ask.days, rows: vec![], hospitals: vec![] })
    }
    async fn news(&self, _: &Caller, _: ListAsk) -> Result<BoxStream<'static, WardNews>, Failure> {
        self.check()?;
        Ok(stream::empty().boxed())
    }
}
