//! Fakes of all services in this process: invented people, a fixed clock, failures on demand.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use futures::{StreamExt, stream, stream::BoxStream};
use jiff::Timestamp;
use lcr_contracts::{
    Caller, Failure, FailureKind, Identity, PatientIndex, Records,
    audit::EntryQuery,
    care_list::PersonInCare,
    choices::Choice,
    claims::{ClaimList, ClaimOffer, ClaimReview},
    identity::{Launch, LaunchTicket, SignedIn},
    partners::{PartnerRequest, people::NewAccessRequest},
    patient_index::{
        DecideReview, Identifier, LinkReview, PatientSummary, PersonIdentities, ReviewPage, SearchAnswer, SearchQuery,
    },
    record::Record,
    records_api::{DocumentContent, DocumentRequest, SourceItem, SourceStatus, Update, ViewRequest},
    registry::{DatasetSwitch, Organisation, PartnerState, Registry, System, SystemSetup},
    vocabulary::QueryState,
    ward::{InpatientRow, ListChange, ListOf, ListSettings, SettingsOf},
};
use lcr_gateway::{Deps, Settings};
use lcr_model::*;
use uuid::Uuid;

use crate::{
    record,
    sample::{self, CLOSING, UNKNOWN_PERSON},
};

pub const ORIGIN: &str = "http://localhost:8080";

/// All fake services in one.
#[derive(Debug, Default)]
pub struct World {
    /// The failure that every service but identity answers with, if set.
    pub failure: Mutex<Option<FailureKind>>,
    /// The delay between two updates.
    pub step: Duration,
    pub session_ended: Mutex<bool>,
    /// The secrets of sessions that are not found any more.
    pub ended: Mutex<Vec<String>>,
    /// Whether each request for a session counted as activity.
    pub activity: Mutex<Vec<bool>>,
    pub search_count: Mutex<usize>,
    /// Record views and ward news stay open after their last update, as real ones do.
    pub stays_open: bool,
    /// Scripted in-patient lists, one per request. The last one repeats. Empty for the sample.
    pub in_hospital: Mutex<Vec<Vec<InpatientRow>>>,
    pub news: Mutex<Vec<ListChange>>,
    pub requested_lists: Mutex<Vec<ListOf>>,
    pub choices: Mutex<Vec<Choice>>,
    /// The patient's sign-in is not linked to a person yet.
    pub unlinked: bool,
    pub log_queries: Mutex<Vec<EntryQuery>>,
    /// The datasets of each whole view.
    pub asked_datasets: Mutex<Vec<Option<Vec<Dataset>>>>,
    pub decided_reviews: Mutex<Vec<(Uuid, DecideReview)>>,
    /// Saved settings, the newest last.
    pub settings: Mutex<Vec<(SettingsOf, ListSettings)>>,
    /// Calls to watch a person (`true`) or stop watching.
    pub watch_calls: Mutex<Vec<(PersonId, bool)>>,
    pub replayed: Mutex<Vec<Uuid>>,
    /// What a refused reader is offered.
    pub offer: ClaimOffer,
    /// The policy in force lets GPs and paramedics override a refusal.
    pub may_override: bool,
    /// Every record withholds an item that its source marked as confidential.
    pub withholds: bool,
    /// The link that opens every record, if it is not the registered practice.
    pub relationship: Option<Relationship>,
    /// The claims and overrides that were made: person, reason and text.
    pub claims_made: Mutex<Vec<(PersonId, String, Option<String>)>>,
    /// The overrides that were ended early.
    pub ended_overrides: Mutex<Vec<(PersonId, Uuid)>>,
    /// The failure that a claim, an override or a review is answered with.
    pub claim_failure: Option<(FailureKind, &'static str)>,
    pub claim_list: ClaimList,
    pub reviewed_claims: Mutex<Vec<(Uuid, ClaimReview)>>,
    pub in_care: Vec<PersonInCare>,
    /// The people of each call for names.
    pub named: Mutex<Vec<Vec<PersonId>>>,
    /// The time of the last sign-in, or else now.
    pub signed_in_at: Option<Timestamp>,
    pub waiting_queries: Mutex<Vec<lcr_contracts::messages::WaitingQuery>>,
    pub partner_changes: Mutex<Vec<PartnerRequest>>,
    /// The failure that a change of a partner is answered with.
    pub partner_failure: Option<(FailureKind, &'static str)>,
    /// The administrator's organisation is not registered yet.
    pub unregistered: bool,
    pub access_requests: Mutex<Vec<NewAccessRequest>>,
    /// How often the public register was made.
    pub registers_made: Mutex<usize>,
    /// The one system is live.
    pub system_live: bool,
    /// The one incident is closed.
    pub incident_closed: bool,
    /// The acts on incidents, as "share Y90001".
    pub incident_acts: Mutex<Vec<String>>,
    /// The failure that an act on an incident is answered with.
    pub incident_failure: Option<(FailureKind, &'static str)>,
}

#[derive(Debug)]
struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        sample::now()
    }
}

fn cache() -> lcr_cache::SealedCache {
    let keys = lcr_model::seal::DataKeys::parse(&lcr_model::seal::DataKeys::generate_text().unwrap());
    lcr_cache::SealedCache::new(Arc::new(lcr_cache::EmbeddedCache::new(1 << 20)), Arc::new(keys.unwrap()))
}

impl World {
    /// The gateway over these fakes. Its proxy reaches no service.
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
            partners: self.clone(),
            consent: self.clone(),
            patient_index: self.clone(),
            records: self.clone(),
            virtual_ward: self.clone(),
            audit: self.clone(),
            messages: self.clone(),
            clock: Arc::new(FixedClock),
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
        match *self.failure.lock().unwrap() {
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
        self.activity.lock().unwrap().push(active);
        if self.ended.lock().unwrap().contains(secret.as_ref()) {
            return Ok(None);
        }
        let (name, frame_ancestors) = crate::fake_launch::frame_of(secret.as_ref());
        Ok(actor(name).map(|actor| SignedIn {
            actor,
            organisation: "Beckside Surgery".into(),
            token: Phi::new("token".into()),
            until: jiff::Timestamp::MAX,
            form_token: Phi::new("form-token".into()),
            signed_in_at: Some(self.signed_in_at.unwrap_or_else(sample::now)),
            frame_ancestors,
        }))
    }
    async fn end_session(&self, _secret: &Phi<String>) -> Result<(), Failure> {
        *self.session_ended.lock().unwrap() = true;
        Ok(())
    }
    async fn role_choices(
        &self,
        sealed: &Phi<String>,
    ) -> Result<Option<lcr_contracts::identity::RoleChoices>, Failure> {
        Ok(crate::fake_launch::choices_of(sealed.as_ref()))
    }
    async fn launch(&self, token: &Phi<String>) -> Result<LaunchTicket, Failure> {
        crate::fake_launch::accept(token.as_ref())
    }
    async fn open_launch(&self, ticket: &Phi<String>) -> Result<Option<Launch>, Failure> {
        crate::fake_launch::open(self, ticket.as_ref()).await
    }
    async fn registry(&self) -> Result<Registry, Failure> {
        let organisation = |ods, name: &str, kind: &str, part_of: Option<&str>| Organisation {
            ods: OdsCode::new(ods),
            name: name.into(),
            kind: kind.into(),
            agreement_signed: true,
            part_of: part_of.map(OdsCode::new),
            serves: vec![],
            state: PartnerState::Live,
        };
        let organisations = vec![
            organisation("B86000", "Beckside Surgery", "gp-practice", Some("T01XX")),
            organisation("B86001", "Kirkgate Medical Practice", "gp-practice", Some("T01XX")),
            organisation("RR8XX", "St Hilda's Hospitals", "acute", None),
            organisation("SH1", "St Hilda's General", "hospital-site", Some("RR8XX")),
            organisation("T01XX", "Beck Valley Team", "neighbourhood-team", None),
            organisation("X01XX", "Canalside Sexual Health", "sexual-health", None),
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
                [Dataset::Medications, Dataset::Results].map(|dataset| (dataset, DatasetSwitch::On)),
            ),
            rhythm: "real-time".into(),
            default_practice: None,
            suspended: false,
            setup: SystemSetup::default(),
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
    async fn search(&self, _: &Caller, query: SearchQuery) -> Result<SearchAnswer, Failure> {
        self.check()?;
        *self.search_count.lock().unwrap() += 1;
        let Some(number) = query.nhs_number else { return Ok(SearchAnswer { people: sample::people(), more: true }) };
        let mut people = sample::people();
        people.retain(|person| person.nhs_number.as_ref().is_some_and(|one| one.as_str() == number));
        Ok(SearchAnswer { people, more: false })
    }
    async fn summary(&self, _: &Caller, person: PersonId, _: ViewId) -> Result<PatientSummary, Failure> {
        sample::people().into_iter().find(|patient| patient.id == person).ok_or_else(Failure::not_found)
    }
    async fn summaries(&self, _: &Caller, people: Vec<PersonId>, _: ViewId) -> Result<Vec<PatientSummary>, Failure> {
        self.named.lock().unwrap().push(people.clone());
        self.check()?;
        let known = sample::people();
        Ok(people.iter().filter_map(|id| known.iter().find(|patient| patient.id == *id).cloned()).collect())
    }
    async fn person_of(&self, _: &Caller, identity: SourceIdentity) -> Result<Option<PatientSummary>, Failure> {
        let known = sample::people().into_iter().next();
        Ok(known.filter(|_| identity.local_id.0 == "known-patient"))
    }
    async fn resolve(&self, _: &Caller, _: PersonId) -> Result<PersonIdentities, Failure> {
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
        self.decided_reviews.lock().unwrap().push((id, decided));
        Ok(())
    }
    async fn count(&self) -> Result<u64, Failure> {
        Ok(5)
    }
}

#[async_trait]
impl Records for World {
    async fn view(&self, _: &Caller, ask: ViewRequest) -> Result<BoxStream<'static, Update>, Failure> {
        self.check()?;
        if ask.person == UNKNOWN_PERSON {
            return Err(Failure::not_found());
        }
        let (step, closes) = (self.step, ask.person == CLOSING);
        let (withholds, relationship) = (self.withholds, self.relationship.clone());
        let records = [0, 1, 2, 5].map(|answered| {
            let record = record::record(ask.person, ask.view, answered);
            (answered, record::opened_by(record, relationship.clone(), withholds))
        });
        let updates = stream::iter(records).then(move |(answered, record)| async move {
            if answered > 0 {
                tokio::time::sleep(step).await;
            }
            if closes && answered == 5 {
                let failure = Failure::new(FailureKind::Objected, "This person has objected to sharing.");
                return Update::Closed { at: sample::at("2026-11-21T14:06:00Z"), failure };
            }
            Update::Record(Box::new(record))
        });
        if self.stays_open && !closes {
            return Ok(updates.chain(stream::pending()).boxed());
        }
        Ok(updates.boxed())
    }
    async fn whole(&self, _: &Caller, ask: ViewRequest) -> Result<Record, Failure> {
        self.check()?;
        if ask.person == UNKNOWN_PERSON {
            return Err(Failure::not_found());
        }
        let record = record::record(ask.person, ask.view, 5);
        let mut record = record::opened_by(record, self.relationship.clone(), self.withholds);
        if let Some(asked) = &ask.datasets {
            record.sections.retain(|section| asked.contains(&section.dataset));
            record.sources.iter_mut().for_each(|source| source.datasets.retain(|one| asked.contains(&one.dataset)));
        }
        self.asked_datasets.lock().unwrap().push(ask.datasets);
        Ok(record)
    }
    async fn item(&self, _: &Caller, _: ViewRequest, entry: &str) -> Result<SourceItem, Failure> {
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
    async fn document(&self, _: &Caller, _: ViewRequest, file: DocumentRequest) -> Result<DocumentContent, Failure> {
        self.check()?;
        if file.file > 0 {
            return Err(Failure::not_found());
        }
        let (kind, bytes): (_, &[u8]) = match file.entry.as_str() {
            "doc-1" => {
                ("text/plain; charset=utf-8", b"Dear colleague,\n<script>alert(1)</script>\nThank you for seeing her.")
            }
            "doc-2" => ("text/html", b"<script>alert(1)</script>"),
            _ => return Err(Failure::not_found()),
        };
        Ok(DocumentContent { title: "Letter".into(), content_type: kind.into(), bytes: bytes.to_vec() })
    }
    async fn sources(&self, _: &Caller) -> Result<Vec<SourceStatus>, Failure> {
        self.check()?;
        let status = |(id, name, kind): &(&str, &str, &str)| SourceStatus {
            source: SourceId::new(*id),
            name: (*name).into(),
            kind: (*kind).into(),
            datasets: vec![Dataset::Allergies, Dataset::Medications],
            rhythm: "real-time".into(),
            state: if *id == "adult-social" { QueryState::Failing } else { QueryState::Answering },
            last_answer: (*id != "childrens").then(sample::now),
            people_loaded: 1200,
            loaded: *id != "community",
            discreet: false,
        };
        let quiet = SourceStatus {
            discreet: true,
            state: QueryState::Failing,
            ..status(&("canal", "Canalside Sexual Health", "discreet"))
        };
        Ok(sample::SOURCES.iter().map(status).chain([quiet]).collect())
    }
}
