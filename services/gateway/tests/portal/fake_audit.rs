//! A fake audit: two entries for officers, four looks for the patient, one incident, a fixed tree.

use async_trait::async_trait;
use lcr_contracts::{
    Audit, Caller, Failure, FailureKind,
    audit::{
        AccessEvent, AccessKind, Completion, Entry, EntryQuery, IncidentPage, LogState, OpenEntry, Outcome, PatientLog,
        ShownDataset,
    },
    consent::Refusal,
    incidents::{Incident, IncidentList, IncidentShare, NewIncident},
    vocabulary::ReasonCode,
};
use lcr_model::*;
use uuid::Uuid;

use crate::{
    fakes::{World, actor},
    sample,
};

/// The one incident of officers of RR8XX.
pub const INCIDENT: Uuid = Uuid::from_u128(0x1ac1_de47);

impl World {
    fn the_incident(&self) -> Incident {
        let share = IncidentShare {
            organisation: OdsCode::new("B86000"),
            by: "Helen Proctor, privacy officer".into(),
            at: sample::at("2026-11-20T10:00:00Z"),
        };
        Incident {
            id: INCIDENT,
            owner: OdsCode::new("RR8XX"),
            title: "Looks without a reason".into(),
            note: "Reported by a colleague.".into(),
            person: sample::FREDRICA,
            user: None,
            from: sample::at("2026-11-01T00:00:00Z"),
            until: sample::at("2026-11-20T00:00:00Z"),
            opened_by: "Helen Proctor, privacy officer".into(),
            opened_at: sample::at("2026-11-20T09:00:00Z"),
            closed_by: self.incident_closed.then(|| "Helen Proctor, privacy officer".into()),
            closed_at: self.incident_closed.then(|| sample::at("2026-11-21T09:00:00Z")),
            shares: vec![share],
        }
    }

    fn act_on_incident(&self, act: String) -> Result<(), Failure> {
        if let Some((kind, outward)) = self.incident_failure {
            return Err(Failure::new(kind, outward));
        }
        self.incident_acts.lock().unwrap().push(act);
        Ok(())
    }
}

#[async_trait]
impl Audit for World {
    async fn incidents(&self, caller: &Caller) -> Result<IncidentList, Failure> {
        self.check()?;
        let one = vec![self.the_incident()];
        Ok(if caller.actor.org.as_str() == "RR8XX" {
            IncidentList { own: one, shared: vec![] }
        } else {
            IncidentList { own: vec![], shared: one }
        })
    }
    async fn incident(&self, _: &Caller, id: Uuid) -> Result<Incident, Failure> {
        self.check()?;
        Some(self.the_incident()).filter(|one| one.id == id).ok_or_else(Failure::not_found)
    }
    async fn open_incident(&self, _: &Caller, new: NewIncident) -> Result<Incident, Failure> {
        let user = new.user.map_or_else(|| "everybody".to_owned(), |user| user.0);
        self.act_on_incident(format!("open {} {user} {} {}", new.title, new.from, new.until))?;
        Ok(self.the_incident())
    }
    async fn share_incident(&self, _: &Caller, _: Uuid, with: OdsCode) -> Result<(), Failure> {
        self.act_on_incident(format!("share {with}"))
    }
    async fn end_incident_share(&self, _: &Caller, _: Uuid, with: OdsCode) -> Result<(), Failure> {
        self.act_on_incident(format!("end {with}"))
    }
    async fn close_incident(&self, _: &Caller, _: Uuid) -> Result<(), Failure> {
        self.act_on_incident("close".into())
    }
    async fn incident_entries(&self, caller: &Caller, _: Uuid, page: IncidentPage) -> Result<Vec<Entry>, Failure> {
        self.entries(caller, EntryQuery { before: page.before, limit: page.limit, ..EntryQuery::default() }).await
    }
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
