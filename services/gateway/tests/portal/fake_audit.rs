//! A fake audit: two entries for officers, four looks for the patient, a fixed tree.

use async_trait::async_trait;
use lcr_contracts::{
    Audit, Caller, Failure, FailureKind,
    audit::{
        AccessEvent, AccessKind, Completion, Entry, EntryQuery, LogState, OpenEntry, Outcome, PatientLog, ShownDataset,
    },
    consent::Refusal,
    vocabulary::ReasonCode,
};
use lcr_model::*;
use uuid::Uuid;

use crate::{
    fakes::{World, actor},
    sample,
};

#[async_trait]
impl Audit for World {
    async fn open(&self, _: &Caller, _: OpenEntry) -> Result<(), Failure> {
        Ok(())
    }
    async fn entries(&self, _: &Caller, query: EntryQuery) -> Result<Vec<Entry>, Failure> {
        self.check()?;
        self.log_queries.lock().unwrap().push(query);
        let opened = |id, role: &str, outcome, at: &str| OpenEntry {
            id: Uuid::from_u128(id),
            view: ViewId(Uuid::from_u128(id)),
            at: sample::at(at),
            actor: actor(role).unwrap(),
            audience: ServiceName::RecordAggregation,
            what: AccessKind::Record,
            outcome,
            reason: match outcome {
                Outcome::Allowed => ReasonCode::Other("your GP practice".into()),
                Outcome::Refused => ReasonCode::Refused(Refusal::NoRelationship),
            },
            people: vec![sample::FREDRICA],
            datasets: vec![Dataset::Medications],
            policy_version: "1".into(),
            choice: None,
            concerned: std::collections::BTreeMap::new(),
        };
        let shown = [Dataset::Medications, Dataset::Results].map(|dataset| ShownDataset {
            source: SourceId::new("beckside"),
            dataset,
            state: "has-data".into(),
            count: 3,
        });
        let completion = Completion::Shown { at: sample::now(), shown: shown.to_vec() };
        Ok(vec![
            Entry { opened: opened(1, "gp", Outcome::Allowed, "2026-11-21T14:00:00Z"), completion, receipt: None },
            Entry {
                opened: opened(2, "ward-nurse", Outcome::Refused, "2026-11-20T09:00:00Z"),
                completion: Completion::NothingShown,
                receipt: None,
            },
        ])
    }
    async fn choice_steps(&self, _: Uuid) -> Result<Vec<OpenEntry>, Failure> {
        Ok(vec![])
    }
    async fn patient_log(&self, _: &Caller, before: Option<Uuid>) -> Result<PatientLog, Failure> {
        self.check()?;
        if self.unlinked {
            return Err(Failure::new(FailureKind::CatchingUp, "Your sign-in is still being linked to your record."));
        }
        let look = |id, at: &str, role, kind, who: &str, what, datasets: &[Dataset]| AccessEvent {
            entry: Uuid::from_u128(id),
            at: sample::at(at),
            who: who.into(),
            role,
            kind,
            org: OdsCode::new("B86000"),
            what,
            outcome: Outcome::Allowed,
            reason: "registered at Beckside Surgery".to_owned().into(),
            datasets: datasets.to_vec(),
            presumed: false,
            receipt: None,
        };
        let person = ActorKind::Person;
        let seen = [Dataset::Medications, Dataset::Results];
        let all = [
            look(0x3f2a_91bc, "2026-11-21T14:00:00Z", Role::Gp, person, "Dr Aisha Khan", AccessKind::Record, &seen),
            look(
                4,
                "2026-11-21T11:00:00Z",
                Role::Patient,
                ActorKind::Patient,
                "Fredrica Smith",
                AccessKind::Choices,
                &[],
            ),
            look(3, "2026-11-20T09:00:00Z", Role::MentalHealth, person, "", AccessKind::Record, &[Dataset::Allergies]),
            look(
                2,
                "2026-11-20T02:00:00Z",
                Role::FhirClient,
                ActorKind::Client,
                "Night reader",
                AccessKind::Fhir,
                &seen,
            ),
        ];
        match before {
            None => Ok(PatientLog { entries: all[..3].to_vec(), before: Some(Uuid::from_u128(3)) }),
            Some(_) => Ok(PatientLog { entries: all[3..].to_vec(), before: None }),
        }
    }
    async fn log_state(&self) -> Result<LogState, Failure> {
        self.check()?;
        let checkpoint = "leedscarerecord.example/audit\n2841\nq1w2e3r4t5y6u7i8o9p0a1s2d3f4g5h6j7k8l9z0x1c=\n".into();
        Ok(LogState { size: 2841, waiting: 3, checkpoint })
    }
}
