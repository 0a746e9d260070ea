//! Incidents in the store, in a file and in `PostgreSQL`: an officer reads entries of another organisation's staff only through an
//! open incident that is shared with them, every act is in the log, and nothing readable is stored.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::{Timestamp, ToSpan as _};
use lcr_audit::{Deps, Handle, build, process::AuditProcess};
use lcr_auth::KeyRing;
use lcr_contracts::{
    Caller, Failure, FailureKind,
    audit::{AccessKind, EntryQuery, IncidentPage, OpenEntry, Outcome},
    incidents::{Incident, IncidentAct, NewIncident},
    vocabulary::ReasonCode,
};
use lcr_model::*;
use lcr_runtime::{Stop, process::Process};
use lcr_store::{Location, migrate};
use lcr_testkit::{Folder, eventually, servers::Postgres};
use lcr_web::Authenticator;
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use scene::{HOSPITAL, Log, PRACTICE, TRUST, caller, new_incident, now, officer};

#[path = "incidents/scene.rs"]
mod scene;

#[tokio::test]
async fn an_officer_reads_another_organisations_entries_only_by_an_open_incident_shared_with_them() {
    for log in Log::both().await {
        let (about, other) = (PersonId::new(), PersonId::new());
        let recent = now() - 2.hours();
        let by_staff = log.look(HOSPITAL, &[about, other], &[], recent).await.unwrap();
        let concerned = log.look(TRUST, &[about, other], &[(HOSPITAL, about)], recent).await.unwrap();
        // Nothing of these is in the incident: another person, another time, not the hospital's to read.
        log.look(HOSPITAL, &[other], &[], recent).await.unwrap();
        log.look(HOSPITAL, &[about], &[], now() - 72.hours()).await.unwrap();
        log.look(TRUST, &[about], &[], recent).await.unwrap();
        let incident = log.open(HOSPITAL, about).await.id;
        let shown = vec![(concerned, vec![about]), (by_staff, vec![about])];
        assert_eq!(log.read(HOSPITAL, incident).await, Ok(shown.clone()));
        assert_eq!(log.read(PRACTICE, incident).await, Err(FailureKind::NotFound), "not shared");
        let api = &log.handle.api;
        api.share_incident(&officer(HOSPITAL), incident, OdsCode::new("y90001")).await.unwrap();
        assert_eq!(log.read(PRACTICE, incident).await, Ok(shown.clone()));
        assert_eq!(log.read(TRUST, incident).await, Err(FailureKind::NotFound), "shared with others");
        let own_log = api.entries(&officer(PRACTICE), EntryQuery::default()).await.unwrap();
        assert!(own_log.iter().all(|entry| entry.opened.actor.org.as_str() == PRACTICE), "only through the incident");
        api.end_incident_share(&officer(HOSPITAL), incident, OdsCode::new(PRACTICE)).await.unwrap();
        assert_eq!(log.read(PRACTICE, incident).await, Err(FailureKind::NotFound), "the share has ended");
        api.share_incident(&officer(HOSPITAL), incident, OdsCode::new(PRACTICE)).await.unwrap();
        assert_eq!(log.read(PRACTICE, incident).await, Ok(shown), "shared once more");
        api.close_incident(&officer(HOSPITAL), incident).await.unwrap();
        for org in [HOSPITAL, PRACTICE] {
            assert_eq!(log.read(org, incident).await, Err(FailureKind::Conflict), "closed");
        }
    }
}

#[tokio::test]
async fn an_incident_about_one_reader_shows_only_their_entries() {
    for log in Log::both().await {
        let about = PersonId::new();
        let by_staff = log.look(HOSPITAL, &[about], &[], now()).await.unwrap();
        log.look(TRUST, &[about], &[(HOSPITAL, about)], now()).await.unwrap();
        let user = Some(UserId::new(format!("user-of-{HOSPITAL}")));
        let new = NewIncident { user, ..new_incident(about) };
        let incident = log.handle.api.open_incident(&officer(HOSPITAL), new).await.unwrap();
        assert_eq!(log.read(HOSPITAL, incident.id).await, Ok(vec![(by_staff, vec![about])]));
    }
}

#[tokio::test]
async fn only_officers_of_its_own_organisation_change_an_incident() {
    for log in Log::both().await {
        let (api, incident) = (&log.handle.api, log.open(HOSPITAL, PersonId::new()).await.id);
        let (practice, trust) = (OdsCode::new(PRACTICE), OdsCode::new(TRUST));
        api.share_incident(&officer(HOSPITAL), incident, practice.clone()).await.unwrap();
        let kind = |result: Result<(), Failure>| result.err().map(|failure| failure.kind);
        let forbidden = Some(FailureKind::Forbidden);
        for (who, expected) in [
            (officer(PRACTICE), forbidden),
            (officer(TRUST), Some(FailureKind::NotFound)),
            (caller(HOSPITAL, Role::Consultant), forbidden),
        ] {
            assert_eq!(kind(api.share_incident(&who, incident, trust.clone()).await), expected);
            assert_eq!(kind(api.end_incident_share(&who, incident, practice.clone()).await), expected);
            assert_eq!(kind(api.close_incident(&who, incident).await), expected);
        }
        assert!(api.open_incident(&caller(HOSPITAL, Role::Gp), new_incident(PersonId::new())).await.is_err());
        let own = officer(HOSPITAL);
        let conflict = Some(FailureKind::Conflict);
        assert_eq!(kind(api.share_incident(&own, incident, practice.clone()).await), conflict, "twice");
        assert_eq!(kind(api.end_incident_share(&own, incident, trust.clone()).await), conflict, "not shared");
        let to_itself = api.share_incident(&own, incident, OdsCode::new(HOSPITAL)).await;
        assert_eq!(kind(to_itself), Some(FailureKind::BadRequest));
        api.close_incident(&own, incident).await.unwrap();
        assert_eq!(kind(api.share_incident(&own, incident, trust).await), conflict, "closed");
        assert_eq!(kind(api.close_incident(&own, incident).await), conflict, "closed once");
    }
}

#[tokio::test]
async fn every_act_on_an_incident_is_in_the_log_and_its_owner_reads_what_others_do_with_it() {
    for log in Log::both().await {
        let (api, incident) = (&log.handle.api, log.open(HOSPITAL, PersonId::new()).await.id);
        let practice = OdsCode::new(PRACTICE);
        api.share_incident(&officer(HOSPITAL), incident, practice.clone()).await.unwrap();
        log.read(PRACTICE, incident).await.unwrap();
        api.end_incident_share(&officer(HOSPITAL), incident, practice.clone()).await.unwrap();
        api.close_incident(&officer(HOSPITAL), incident).await.unwrap();
        let by_hospital = |act| (HOSPITAL.to_owned(), act);
        let read = (PRACTICE.to_owned(), IncidentAct::LogRead);
        let expected = [
            by_hospital(IncidentAct::Closed),
            by_hospital(IncidentAct::ShareEnded(practice.clone())),
            read.clone(),
            by_hospital(IncidentAct::Shared(practice)),
            by_hospital(IncidentAct::Opened),
        ];
        assert_eq!(log.acts(HOSPITAL).await, expected);
        assert_eq!(log.acts(PRACTICE).await, [read], "not the acts of others");
        assert_eq!(log.acts(TRUST).await, []);
    }
}

#[tokio::test]
async fn each_organisation_lists_its_own_incidents_and_those_shared_with_it() {
    for log in Log::both().await {
        let (api, about) = (&log.handle.api, PersonId::new());
        let incident = log.open(HOSPITAL, about).await;
        for with in [PRACTICE, TRUST] {
            api.share_incident(&officer(HOSPITAL), incident.id, OdsCode::new(with)).await.unwrap();
        }
        let own = api.incidents(&officer(HOSPITAL)).await.unwrap();
        assert_eq!((own.own.len(), own.shared.len(), own.own[0].shares.len()), (1, 0, 2));
        let theirs = api.incidents(&officer(PRACTICE)).await.unwrap();
        assert_eq!((theirs.own.len(), theirs.shared.len()), (0, 1));
        let shared = &theirs.shared[0];
        assert_eq!(
            (shared.title.as_str(), shared.note.as_str()),
            ("Looks without a reason", "Reported by a colleague.")
        );
        assert_eq!((shared.person, shared.opened_by.as_str()), (about, "Helen Proctor, privacy officer"));
        let with: Vec<&str> = shared.shares.iter().map(|share| share.organisation.as_str()).collect();
        assert_eq!(with, [PRACTICE], "nobody reads with whom else it is shared");
        assert_eq!(api.incident(&officer(PRACTICE), incident.id).await.unwrap(), *shared);
        assert!(api.incidents(&caller(HOSPITAL, Role::Gp)).await.is_err());
    }
}

#[tokio::test]
async fn the_words_of_an_incident_are_stored_sealed() {
    for log in Log::both().await {
        log.open(HOSPITAL, PersonId::new()).await;
        let db = log.handle.store.read();
        let select = Statement::from_string(db.get_database_backend(), "SELECT title, note FROM incident");
        let row = db.query_one_raw(select).await.unwrap().unwrap();
        for column in ["title", "note"] {
            let stored: String = row.try_get("", column).unwrap();
            assert!(stored.starts_with("v1.log."), "{column}");
        }
    }
}
