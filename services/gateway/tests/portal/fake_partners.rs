//! A fake of partners: one practice that is half-way to live data, a register, and an applicant.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use lcr_contracts::{
    Caller, Failure, Partners,
    partners::{
        ChangeResult, HistoryEntry, OnboardingStep, OnboardingTask, PartnerChange, PartnerFile, PartnerReceipt,
        PartnerRequest, PartnerSummary, TaskState,
        agreement::{AgreementDocument, AgreementStatus, AgreementText, Signatory},
        organisation::{DataFlowSchedule, Duty, OrganisationDetails},
        people::{
            AccessRequest, Applicant, DirectoryPerson, NewAccessRequest, OpenSession, PeopleChange, PeopleList,
            RequestCheck, SignInCounts,
        },
        sharing_register::{RegisterEntry, SharedDataset, SharingRegister},
        sign_in::{ProviderDraft, ProviderStatus},
        system::{
            Check, CheckOutcome, CheckReport, ClientDraft, ClientStatus, Notice, SystemChange, SystemDraft,
            SystemStatus,
        },
    },
    registry::{Organisation, PartnerState, Stage, StageRule, Stages},
};
use lcr_model::*;
use uuid::Uuid;

use crate::{fakes::World, sample};

pub const ODS: &str = "B86000";
pub const TEXT_HASH: &str = "5f2b";
pub const SECRET: &str = "lcr-scim-once";
const NAME: &str = "Beckside Surgery";

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

fn file() -> PartnerFile {
    PartnerFile {
        organisation: Organisation {
            ods: OdsCode::new(ODS),
            name: NAME.into(),
            kind: "gp-practice".into(),
            agreement_signed: false,
            part_of: None,
            serves: vec![],
            state: PartnerState::Conformant,
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
        clients: vec![ClientStatus {
            draft: ClientDraft {
                id: "beckside-pas".into(),
                name: "Beckside messages".into(),
                role: Role::FeedsClient,
                scope: "feeds.write".into(),
                jwks: None,
                jwks_url: Some("https://beckside.test/jwks.json".into()),
                per_minute: 0,
                launch_roles: vec![],
                frame_ancestors: vec![],
            },
            suspended: false,
            managed_by: "portal".into(),
            last_used_at: None,
        }],
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
        }],
        history: vec![HistoryEntry {
            id: Uuid::from_u128(0x92),
            at: sample::now(),
            by: "Sam Reed, administrator".into(),
            what: "Registered the organisation <b>".into(),
            reason: String::new(),
            system: None,
        }],
    }
}

fn request() -> AccessRequest {
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

impl World {
    fn require_partner(&self, caller: &Caller, ods: &OdsCode) -> Result<(), Failure> {
        self.check()?;
        let actor = &caller.actor;
        let is_own = actor.org == *ods && matches!(actor.role, Role::OrgAdmin | Role::PracticeManager);
        let may_read = ods.as_str() == ODS && (is_own || actor.role == Role::PlatformAdmin);
        may_read.then_some(()).ok_or_else(Failure::not_found)
    }
}

#[async_trait]
impl Partners for World {
    async fn change(&self, _: &Caller, request: PartnerRequest) -> Result<PartnerReceipt, Failure> {
        self.check()?;
        let result = match &request.change {
            PartnerChange::People(PeopleChange::MakeScimToken) => ChangeResult::Secret(Phi::new(SECRET.into())),
            PartnerChange::System(SystemChange::MakeKey { .. }) => {
                ChangeResult::PublicKeys(serde_json::json!({ "keys": [{ "kid": "made" }] }))
            }
            _ => ChangeResult::Done,
        };
        self.partner_changes.lock().unwrap().push(request);
        match self.partner_failure {
            Some((kind, text)) => Err(Failure::new(kind, text)),
            None => Ok(PartnerReceipt { id: Uuid::from_u128(0x90), at: sample::now(), result }),
        }
    }

    async fn partners(&self, caller: &Caller) -> Result<Vec<PartnerSummary>, Failure> {
        self.check()?;
        let summary = |ods: &str, name: &str| PartnerSummary {
            ods: OdsCode::new(ods),
            name: name.into(),
            state: PartnerState::Connecting,
            agreement_signed: false,
            managed_by: "portal".into(),
            done: 3,
            needed: 9,
        };
        Ok(match caller.actor.role {
            Role::PlatformAdmin => vec![summary(ODS, NAME), summary("RR8XX", "St Hilda's Hospitals")],
            Role::OrgAdmin if !self.unregistered => vec![summary(ODS, NAME)],
            _ => vec![],
        })
    }

    async fn partner(&self, caller: &Caller, ods: &OdsCode) -> Result<PartnerFile, Failure> {
        self.require_partner(caller, ods)?;
        let mut file = file();
        file.systems[0].live = self.system_live;
        Ok(file)
    }

    async fn agreement_text(&self, caller: &Caller, ods: &OdsCode) -> Result<AgreementText, Failure> {
        self.require_partner(caller, ods)?;
        let paragraphs = ["# Purpose", "Direct care alone.", "- See what others know", "- Say who looked"];
        let document = AgreementDocument {
            name: "agreement".into(),
            title: "Information sharing agreement".into(),
            paragraphs: paragraphs.map(Into::into).to_vec(),
        };
        Ok(AgreementText { version: "2026-1".into(), documents: vec![document], text_hash: TEXT_HASH.into() })
    }

    async fn people(&self, caller: &Caller, ods: &OdsCode) -> Result<PeopleList, Failure> {
        self.require_partner(caller, ods)?;
        let person = DirectoryPerson {
            id: "p1".into(),
            user_name: "sam.reed@beckside.test".into(),
            name: "Sam Reed".into(),
            roles: vec![Role::Receptionist],
            active: true,
            source: "portal".into(),
            user: Some(UserId::new("sam")),
            last_signed_in_at: None,
        };
        Ok(PeopleList { people: vec![person], requests: vec![request()], directory_required: false, more: false })
    }

    async fn sessions(&self, caller: &Caller, _: Option<&OdsCode>) -> Result<Vec<OpenSession>, Failure> {
        self.check()?;
        Ok(vec![OpenSession {
            session: caller.actor.session,
            user: caller.actor.user.clone(),
            name: caller.actor.name.clone(),
            org: caller.actor.org.clone(),
            role: caller.actor.role,
            started_at: sample::now(),
            last_active_at: sample::now(),
            own: true,
        }])
    }

    async fn sign_in_counts(&self, caller: &Caller, ods: &OdsCode) -> Result<SignInCounts, Failure> {
        self.require_partner(caller, ods)?;
        Ok(SignInCounts { eligible: 12, activated: 7, signed_in_this_month: 5, ..SignInCounts::default() })
    }

    async fn sharing_register(&self) -> Result<SharingRegister, Failure> {
        self.check()?;
        *self.registers_made.lock().unwrap() += 1;
        let medications = SharedDataset {
            dataset: Dataset::Medications,
            systems: vec!["Beckside system".into()],
            stage: "on".into(),
        };
        let entry = RegisterEntry {
            ods: OdsCode::new(ODS),
            name: NAME.into(),
            kind: "gp-practice".into(),
            purpose: "direct care".into(),
            lawful_basis: "6(1)(e), 9(2)(h)".into(),
            since: Some("2026-03-02".parse().unwrap()),
            takes_part: true,
            gives: vec![medications],
            receives: Some(vec![Dataset::Results]),
        };
        Ok(SharingRegister { agreement_version: "2026-1".into(), partners: vec![entry] })
    }

    async fn applicant(&self, sealed: &Phi<String>) -> Result<Option<Applicant>, Failure> {
        self.check()?;
        let asked = !self.access_requests.lock().unwrap().is_empty();
        Ok((sealed.as_ref() == "applicant").then(|| Applicant {
            name: "Kit Shaw".into(),
            organisation: OdsCode::new(ODS),
            organisation_name: NAME.into(),
            requests: if asked { vec![request()] } else { vec![] },
        }))
    }

    async fn request_access(&self, _: &Phi<String>, new: NewAccessRequest) -> Result<AccessRequest, Failure> {
        self.access_requests.lock().unwrap().push(new);
        Ok(request())
    }
}
