//! The file of the one partner: half-way to live data, with something in every part. All of it is invented.

use std::collections::{BTreeMap, BTreeSet};

use lcr_contracts::{
    partners::{
        HistoryEntry, OnboardingStep, OnboardingTask, PartnerFile, TaskState,
        agreement::{AgreementStatus, Signatory},
        organisation::{DataFlowSchedule, Duty, OrganisationDetails},
        people::{AccessRequest, RequestCheck},
        sign_in::{ProviderDraft, ProviderStatus},
        system::{Check, CheckOutcome, CheckReport, ClientDraft, ClientStatus, Notice, SystemDraft, SystemStatus},
    },
    registry::{Organisation, PartnerState, Stage, StageRule, Stages},
};
use lcr_model::{Dataset, OdsCode, Role, SourceId, UserId};
use uuid::Uuid;

use super::{NAME, ODS};
use crate::sample;

fn task(step: OnboardingStep, state: TaskState, remark: &str) -> OnboardingTask {
    OnboardingTask { step, state, remark: remark.into() }
}

fn check(name: &str, outcome: CheckOutcome, text: &str) -> Check {
    Check { name: name.into(), outcome, text: text.into() }
}

fn system() -> SystemStatus {
    let rule = StageRule { dataset: Dataset::Medications, unit: None, receiver: None, stage: Stage::PilotTeams };
    SystemStatus {
        draft: SystemDraft {
            id: SourceId::new("beckside"),
            name: "Beckside system".into(),
            kind: "gp".into(),
            base_url: "https://fhir.beckside.test/r4".into(),
            datasets: BTreeSet::from([Dataset::Medications]),
            rhythm: "real-time".into(),
            feed: None,
            contact: "Sam Reed".into(),
        },
        datasets: BTreeMap::new(),
        live: false,
        suspended: false,
        managed_by: "portal".into(),
        credentials: None,
        credentials_changed_at: None,
        stages: Stages { rules: vec![rule], ..Stages::default() },
        report: Some(CheckReport {
            at: sample::now(),
            checks: vec![
                check("reachable", CheckOutcome::Passed, ""),
                check("authentication", CheckOutcome::Failed, "It answered 401. Set credentials that it accepts."),
                check("must-have-medications", CheckOutcome::Skipped, "Not tried, since authentication failed."),
            ],
        }),
    }
}

fn agreement() -> AgreementStatus {
    let signatory = |duty, user: Option<&str>, name: &str| Signatory {
        duty,
        user: user.map(UserId::new),
        name: name.into(),
        signed_at: None,
        text_hash: None,
    };
    AgreementStatus {
        version: "2026-1".into(),
        signed_version: None,
        schedule: Some(DataFlowSchedule {
            gives: BTreeSet::from([Dataset::Medications]),
            lawful_basis: "6(1)(e), 9(2)(h)".into(),
            ..DataFlowSchedule::default()
        }),
        signatories: vec![
            signatory(Duty::Siro, Some("org-admin"), "Dr Aisha Khan"),
            signatory(Duty::CaldicottGuardian, None, ""),
            Signatory {
                signed_at: Some(sample::now()),
                ..signatory(Duty::DataProtectionOfficer, Some("dpo"), "Pat Moor")
            },
        ],
        grace_until: None,
        in_force: false,
    }
}

fn client(id: &str, suspended: bool) -> ClientStatus {
    ClientStatus {
        draft: ClientDraft {
            id: id.into(),
            name: format!("Messages of {id}"),
            role: Role::FeedsClient,
            scope: "feeds.write".into(),
            jwks: None,
            jwks_url: Some("https://beckside.test/jwks.json".into()),
            per_minute: 0,
            requests_per_minute: None,
            launch_roles: vec![],
            frame_ancestors: vec![],
        },
        suspended,
        managed_by: "portal".into(),
        last_used_at: None,
    }
}

pub(super) fn file() -> PartnerFile {
    PartnerFile {
        organisation: Organisation {
            ods: OdsCode::new(ODS),
            name: NAME.into(),
            kind: "gp-practice".into(),
            agreement_signed: false,
            part_of: None,
            serves: vec![],
            state: PartnerState::Conformant,
            receives: None,
        },
        details: OrganisationDetails {
            name: NAME.into(),
            kind: "gp-practice".into(),
            part_of: None,
            serves: vec![],
            sites: vec![],
            contact: "Sam Reed, 0113 496 0000".into(),
        },
        tasks: vec![
            task(OnboardingStep::Details, TaskState::Done, ""),
            task(OnboardingStep::Signatures, TaskState::ToDo, "The Caldicott guardian has not signed."),
            task(OnboardingStep::GoLive, TaskState::NotYet, "Sign the agreement first."),
        ],
        agreement: agreement(),
        systems: vec![system()],
        clients: vec![client("beckside-pas", false), client("beckside-old", true)],
        providers: vec![ProviderStatus {
            draft: ProviderDraft {
                issuer: "https://id.beckside.test".into(),
                client_id: "lcr".into(),
                profile: Default::default(),
                roles: BTreeMap::from([("Nurses".into(), Role::WardNurse)]),
                email_domains: vec![],
                acr: vec![],
                algorithm: "EdDSA".into(),
            },
            redirect_uri: "http://localhost:8080/auth/callback/beckside".into(),
            back_channel_logout_uri: "http://localhost:8080/auth/backchannel-logout/beckside".into(),
            jwks: serde_json::json!({ "keys": [] }),
            managed_by: "portal".into(),
            checks: vec![],
        }],
        notices: vec![Notice {
            id: Uuid::from_u128(0x91),
            at: sample::now(),
            system: SourceId::new("st-hildas"),
            source: "St Hilda's system, St Hilda's Hospitals".into(),
            dataset: Dataset::Results,
            unit: None,
            from: Stage::Off,
            to: Stage::On,
            by: "Jo Lane".into(),
            signed_off_by: "Medical director".into(),
            user_view: "Clear.".into(),
            declined: false,
        }],
        history: vec![HistoryEntry {
            id: Uuid::from_u128(0x92),
            at: sample::now(),
            by: "Sam Reed, administrator".into(),
            what: "Registered the organisation <b>".into(),
            reason: String::new(),
            system: None,
        }],
        left_by_platform: false,
    }
}

pub(super) fn request() -> AccessRequest {
    AccessRequest {
        id: "r1".into(),
        name: "Kit Shaw".into(),
        organisation: OdsCode::new(ODS),
        role: Role::Receptionist,
        reason: "I started on Monday.".into(),
        asked_at: sample::at("2026-11-30T09:12:00Z"),
        decide_by: sample::at("2026-12-01T17:00:00Z"),
        checks: vec![RequestCheck { what: "Your organisation is live.".into(), passed: true }],
        decision: None,
        decided_at: None,
        decided_by: String::new(),
        remark: String::new(),
    }
}
