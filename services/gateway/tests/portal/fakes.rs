//! Fakes of all services in this process: invented people, a fixed clock, failures on demand.

#[path = "fakes/identity.rs"]
mod identity;
#[path = "fakes/patient_index.rs"]
mod patient_index;
#[path = "fakes/records.rs"]
mod records;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

pub use identity::actor;
use jiff::Timestamp;
use lcr_contracts::{
    Failure, FailureKind,
    audit::EntryQuery,
    care_list::PersonInCare,
    choices::Choice,
    claims::{ClaimList, ClaimOffer, ClaimReview},
    partners::{PartnerRequest, people::NewAccessRequest},
    patient_index::DecideReview,
    ward::{InpatientRow, ListChange, ListOf, ListSettings, SettingsOf},
};
use lcr_gateway::{Deps, Settings};
use lcr_model::*;
use uuid::Uuid;

use crate::sample;

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
    /// The state of the one organisation, if it is not the usual one.
    pub partner_state: Option<lcr_contracts::registry::PartnerState>,
    /// The platform's administrators ended the part of the one organisation.
    pub left_by_platform: bool,
    /// The one organisation has declined the dataset of its notice.
    pub notice_declined: bool,
    /// The result of a check.
    pub check_report: Option<lcr_contracts::partners::system::CheckReport>,
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
