//! Incidents: how an officer lets the officers of another organisation read a part of the log. Every act is an entry of the log,
//! stored in one transaction with its effect. Only officers of the organisation that opened an incident may change it.

use jiff::Timestamp;
use lcr_contracts::{
    Caller, Failure, FailureKind,
    audit::{AccessKind, Entry, EntryQuery, IncidentPage, OpenEntry, TreeHead},
    incidents::{Incident, IncidentAct, IncidentList, IncidentShare, IncidentStep, NewIncident},
    vocabulary::ReasonCode,
};
use lcr_model::{OdsCode, PersonId, UserId, ViewId};
use uuid::Uuid;

use super::{Service, require_officer};
use crate::{
    domain::{incident, officer_access::IncidentScope},
    store::{
        self, Reader,
        incident::{Change, IncidentRow, ShareRow, StoredIncident},
    },
};

/// An incident that the caller may see, with its reach.
struct Visible {
    stored: StoredIncident,
    scope: IncidentScope,
}

/// The officer as the incident names them: "Helen Proctor, privacy officer".
fn officer_words(caller: &Caller) -> String {
    format!("{}, {}", caller.actor.name, caller.actor.role.words())
}

fn conflict(outward: &'static str) -> Failure {
    Failure::new(FailureKind::Conflict, outward)
}

impl Service {
    pub(super) async fn list_incidents(&self, caller: &Caller) -> Result<IncidentList, Failure> {
        require_officer(caller)?;
        self.append_entry(self.log_reading_entry(caller, None), &TreeHead::default()).await?;
        let (db, org) = (self.store.read(), &caller.actor.org);
        let own = store::incident::of_owner(db, org).await?;
        let shared = store::incident::shared_with(db, org).await?;
        let to_list = |all: Vec<StoredIncident>| -> Result<Vec<Incident>, Failure> {
            all.into_iter().map(|one| self.to_incident(one, org)).collect()
        };
        Ok(IncidentList { own: to_list(own)?, shared: to_list(shared)? })
    }

    pub(super) async fn read_incident(&self, caller: &Caller, id: Uuid) -> Result<Incident, Failure> {
        let visible = self.find_visible(caller, id).await?;
        let entry = self.log_reading_entry(caller, Some(visible.scope.person));
        self.append_entry(entry, &TreeHead::default()).await?;
        self.to_incident(visible.stored, &caller.actor.org)
    }

    pub(super) async fn record_incident(&self, caller: &Caller, new: NewIncident) -> Result<Incident, Failure> {
        require_officer(caller)?;
        let (id, now) = (Uuid::now_v7(), self.clock.now());
        let new = incident::check(&new, now)?;
        let row = IncidentRow {
            id,
            owner: caller.actor.org.0.clone(),
            title: self.seal(id, "title", &new.title)?,
            note: self.seal(id, "note", &new.note)?,
            person: new.person.0,
            user: new.user.map(|user| user.0),
            starts_at: new.from.as_microsecond(),
            ends_at: new.until.as_microsecond(),
            opened_by: officer_words(caller),
            opened_at: now.as_microsecond(),
            closed_by: None,
            closed_at: None,
        };
        let stored = StoredIncident { row: row.clone(), shares: vec![] };
        let entry = self.step_entry(caller, id, new.person, &caller.actor.org, IncidentAct::Opened);
        self.append_with(entry, &TreeHead::default(), Some(Change::Open(row))).await?;
        self.to_incident(stored, &caller.actor.org)
    }

    pub(super) async fn record_share(&self, caller: &Caller, id: Uuid, with: &OdsCode) -> Result<(), Failure> {
        let Visible { scope, .. } = self.find_own_open(caller, id).await?;
        let with = incident::check_share(with, &scope.owner)?;
        if scope.shared_with.contains(&with) {
            return Err(conflict("It is shared with that organisation already."));
        }
        let share = ShareRow {
            id: Uuid::now_v7(),
            incident: id,
            organisation: with.0.clone(),
            shared_by: officer_words(caller),
            shared_at: self.clock.now().as_microsecond(),
            ended_by: None,
            ended_at: None,
        };
        self.append_step(caller, id, &scope, IncidentAct::Shared(with), Some(Change::Share(share))).await
    }

    pub(super) async fn end_share(&self, caller: &Caller, id: Uuid, with: &OdsCode) -> Result<(), Failure> {
        let Visible { scope, .. } = self.find_own_open(caller, id).await?;
        let with = incident::check_share(with, &scope.owner)?;
        if !scope.shared_with.contains(&with) {
            return Err(conflict("It is not shared with that organisation."));
        }
        let (by, at) = (officer_words(caller), self.clock.now());
        let change = Change::EndShare { incident: id, organisation: with.clone(), by, at };
        self.append_step(caller, id, &scope, IncidentAct::ShareEnded(with), Some(change)).await
    }

    pub(super) async fn record_close(&self, caller: &Caller, id: Uuid) -> Result<(), Failure> {
        let Visible { scope, .. } = self.find_own_open(caller, id).await?;
        let change = Change::Close { incident: id, by: officer_words(caller), at: self.clock.now() };
        self.append_step(caller, id, &scope, IncidentAct::Closed, Some(change)).await
    }

    pub(super) async fn read_incident_log(
        &self,
        caller: &Caller,
        id: Uuid,
        page: IncidentPage,
    ) -> Result<Vec<Entry>, Failure> {
        let Visible { scope, .. } = self.find_visible(caller, id).await?;
        if !scope.opens_log_to(&caller.actor.org) {
            return Err(conflict("This incident is closed. Nobody reads the log through it any more."));
        }
        self.append_step(caller, id, &scope, IncidentAct::LogRead, None).await?;
        let query = EntryQuery { before: page.before, limit: page.limit, ..EntryQuery::default() };
        let reader = Reader::Incident(&caller.actor.org, &scope);
        Ok(store::read_page(self.store.read(), &query, reader).await?)
    }

    /// An incident of the officer's organisation, or one that is shared with it.
    async fn find_visible(&self, caller: &Caller, id: Uuid) -> Result<Visible, Failure> {
        require_officer(caller)?;
        let stored = store::incident::find(self.store.read(), id).await?.ok_or_else(Failure::not_found)?;
        let scope = stored.scope().map_err(Failure::internal)?;
        // An incident of others must not differ from one that does not exist.
        if !scope.is_visible_to(&caller.actor.org) {
            return Err(Failure::not_found());
        }
        Ok(Visible { stored, scope })
    }

    /// An incident that the officer may change.
    async fn find_own_open(&self, caller: &Caller, id: Uuid) -> Result<Visible, Failure> {
        let visible = self.find_visible(caller, id).await?;
        if visible.scope.owner != caller.actor.org {
            return Err(Failure::forbidden("Only the organisation that opened this incident may change it."));
        }
        if visible.scope.is_closed {
            return Err(conflict("This incident is closed."));
        }
        Ok(visible)
    }

    async fn append_step(
        &self,
        caller: &Caller,
        id: Uuid,
        scope: &IncidentScope,
        act: IncidentAct,
        change: Option<Change>,
    ) -> Result<(), Failure> {
        let entry = self.step_entry(caller, id, scope.person, &scope.owner, act);
        self.append_with(entry, &TreeHead::default(), change).await.map(drop)
    }

    /// The entry about an act. Its view is the incident's id. Officers of the owner read what others do with it.
    fn step_entry(
        &self,
        caller: &Caller,
        incident: Uuid,
        person: PersonId,
        owner: &OdsCode,
        act: IncidentAct,
    ) -> OpenEntry {
        let mut entry = self.log_reading_entry(caller, Some(person));
        entry.view = ViewId(incident);
        entry.what = AccessKind::Incident;
        entry.reason = ReasonCode::Incident(IncidentStep { incident, act });
        if caller.actor.org != *owner {
            entry.concerned.insert(owner.clone(), vec![person]);
        }
        entry
    }

    /// The incident as an officer of `reader` reads it.
    fn to_incident(&self, stored: StoredIncident, reader: &OdsCode) -> Result<Incident, Failure> {
        let StoredIncident { row, shares } = stored;
        let is_owner = row.owner == reader.as_str();
        let readable = shares.into_iter().filter(|share| is_owner || share.organisation == reader.as_str());
        Ok(Incident {
            title: self.open_text(row.id, "title", &row.title)?,
            note: self.open_text(row.id, "note", &row.note)?,
            shares: readable.map(to_share).collect::<Result<_, Failure>>()?,
            from: to_time(row.starts_at)?,
            until: to_time(row.ends_at)?,
            opened_at: to_time(row.opened_at)?,
            closed_at: row.closed_at.map(to_time).transpose()?,
            id: row.id,
            owner: OdsCode::new(row.owner),
            person: PersonId(row.person),
            user: row.user.map(UserId::new),
            opened_by: row.opened_by,
            closed_by: row.closed_by,
        })
    }

    fn seal(&self, incident: Uuid, field: &str, text: &str) -> Result<String, Failure> {
        self.text_keys.seal(&place(incident, field), text.as_bytes()).map_err(Failure::internal)
    }

    fn open_text(&self, incident: Uuid, field: &str, sealed: &str) -> Result<String, Failure> {
        let plain = self.text_keys.open(&place(incident, field), sealed).map_err(Failure::internal)?;
        String::from_utf8(plain).map_err(|_| Failure::internal("an incident's text is not UTF-8"))
    }
}

/// Where a text of an incident is stored.
fn place(incident: Uuid, field: &str) -> String {
    format!("audit/incident/{incident}/{field}")
}

fn to_share(row: ShareRow) -> Result<IncidentShare, Failure> {
    Ok(IncidentShare { organisation: OdsCode::new(row.organisation), by: row.shared_by, at: to_time(row.shared_at)? })
}

fn to_time(micros: i64) -> Result<Timestamp, Failure> {
    store::incident::time(micros).map_err(Failure::internal)
}
