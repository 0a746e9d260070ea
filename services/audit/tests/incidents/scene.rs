//! An audit log, in a file and in `PostgreSQL`, and officers who read it.

use super::*;

pub(super) const HOSPITAL: &str = "Z9H01";

pub(super) const PRACTICE: &str = "Y90001";

pub(super) const TRUST: &str = "Z9T01";

const LIMIT: Duration = Duration::from_secs(10);

pub(super) struct Log {
    pub(super) handle: Handle,
    _folder: Folder,
}

impl Log {
    async fn in_store(location: Option<Location>) -> Self {
        let folder = Folder::new("audit-incidents").unwrap();
        let keys = KeyRing::new(SigningKey::generate().unwrap(), vec![]);
        let authenticator = Authenticator { me: ServiceName::Audit, keys, clock: Arc::new(SystemClock) };
        let deps = Deps {
            store: location.unwrap_or_else(|| folder.path().join("audit.db").into()),
            clock: Arc::new(SystemClock),
            authenticator,
            stop: Stop::new(),
            log_key: SigningKey::generate().unwrap(),
            metrics: lcr_audit::Metrics::new(&lcr_observe::Meter::new()).unwrap(),
        };
        let log = Self { handle: build(deps).await.unwrap(), _folder: folder };
        eventually(LIMIT, "the log accepts entries", async || log.look(TRUST, &[], &[], now()).await.is_ok()).await;
        log
    }

    /// One in a file, one in `PostgreSQL`.
    pub(super) async fn both() -> [Self; 2] {
        let location = Location::parse(&Postgres::shared().database(), "audit").unwrap();
        migrate::run::<<AuditProcess as Process>::Tables>(&location, &location).await.unwrap();
        [Self::in_store(None).await, Self::in_store(Some(location)).await]
    }

    /// A look by staff of `org` at these people, of whom some are of other organisations.
    pub(super) async fn look(
        &self,
        org: &str,
        people: &[PersonId],
        concerned: &[(&str, PersonId)],
        at: Timestamp,
    ) -> Result<Uuid, Failure> {
        let mut by_org: BTreeMap<OdsCode, Vec<PersonId>> = BTreeMap::new();
        for (org, person) in concerned {
            by_org.entry(OdsCode::new(*org)).or_default().push(*person);
        }
        let entry = OpenEntry {
            id: Uuid::now_v7(),
            view: ViewId::new(),
            at,
            actor: caller(org, Role::Gp).actor,
            audience: ServiceName::RecordAggregation,
            what: AccessKind::Record,
            outcome: Outcome::Allowed,
            reason: ReasonCode::LogRead,
            people: people.to_vec(),
            datasets: vec![],
            policy_version: "1".into(),
            choice: None,
            concerned: by_org,
        };
        let id = entry.id;
        self.handle.api.open(&caller(org, Role::Gp), entry).await.map(|()| id)
    }

    pub(super) async fn open(&self, org: &str, person: PersonId) -> Incident {
        self.handle.api.open_incident(&officer(org), new_incident(person)).await.unwrap()
    }

    /// The looks that officers of `org` read through the incident, with the people they are about.
    pub(super) async fn read(&self, org: &str, incident: Uuid) -> Result<Vec<(Uuid, Vec<PersonId>)>, FailureKind> {
        let page = IncidentPage::default();
        let entries = self.handle.api.incident_entries(&officer(org), incident, page).await;
        let entries = entries.map_err(|failure| failure.kind)?;
        Ok(entries.into_iter().map(|entry| (entry.opened.id, entry.opened.people)).collect())
    }

    /// The acts on incidents that officers of `org` read in the log, the newest first.
    pub(super) async fn acts(&self, org: &str) -> Vec<(String, IncidentAct)> {
        let query = EntryQuery { what: Some(AccessKind::Incident), ..EntryQuery::default() };
        let entries = self.handle.api.entries(&officer(org), query).await.unwrap();
        let act = |entry: lcr_contracts::audit::Entry| {
            let ReasonCode::Incident(step) = entry.opened.reason else { panic!("not an act on an incident") };
            assert_eq!(entry.opened.view.0, step.incident);
            (entry.opened.actor.org.0, step.act)
        };
        entries.into_iter().map(act).collect()
    }
}

pub(super) fn now() -> Timestamp {
    SystemClock.now()
}

pub(super) fn caller(org: &str, role: Role) -> Caller {
    let actor = Actor {
        user: UserId::new(format!("user-of-{org}")),
        kind: ActorKind::Person,
        name: "Helen Proctor".into(),
        org: OdsCode::new(org),
        role,
        purpose: Purpose::Audit,
        session: SessionId::new(),
    };
    lcr_testkit::caller(ServiceName::Consent, actor)
}

pub(super) fn officer(org: &str) -> Caller {
    caller(org, Role::PrivacyOfficer)
}

pub(super) fn new_incident(person: PersonId) -> NewIncident {
    NewIncident {
        title: "Looks without a reason".into(),
        note: "Reported by a colleague.".into(),
        person,
        user: None,
        from: now() - 48.hours(),
        until: now() + 1.hour(),
    }
}
