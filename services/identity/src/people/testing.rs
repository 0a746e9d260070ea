//! The fixture of the room's tests: a running identity with two practices, and people who sign in.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use lcr_auth::KeyRing;
use lcr_contracts::{
    Caller, Failure, Identity as _, Partners as _,
    partners::{
        ChangeResult, PartnerChange, PartnerRequest,
        people::{DirectoryPerson, PeopleChange, PersonDraft},
    },
    registry::{Organisation, PartnerState},
};
use lcr_model::{Actor, Clock, OdsCode, Phi, Role, ServiceName, SigningKey, seal::DataKeys};
use lcr_testkit::Folder;
use lcr_web::{Authenticator, EgressRules, Outbound};
use serde_json::{Value, json};

use crate::{
    Deps, Handle, Metrics, Seed,
    oidc::{
        applicant::{self, ApplicantIdentity},
        callback::{ClaimsOrigin, IdTokenClaims},
    },
    people::scim::{Resource, ScimError, users},
    service::{Service, SessionStart},
};

pub const OURS: &str = "Y90001";
pub const OTHERS: &str = "Y90002";
const ISSUER: &str = "https://idp.example.org";

#[derive(Debug)]
struct TestClock(Mutex<Timestamp>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

pub struct Scene {
    handle: Handle,
    clock: Arc<TestClock>,
    _folder: Folder,
}

/// Somebody who has a session.
pub struct SignedIn {
    pub actor: Actor,
    secret: Phi<String>,
}

pub fn ours() -> OdsCode {
    OdsCode::new(OURS)
}

fn practice(ods: &str) -> Organisation {
    Organisation {
        ods: OdsCode::new(ods),
        name: format!("Practice {ods}"),
        kind: "gp-practice".into(),
        agreement_signed: true,
        part_of: None,
        serves: vec![],
        state: PartnerState::Live,
        receives: None,
    }
}

impl Scene {
    pub async fn new() -> Self {
        let folder = Folder::new("people").unwrap();
        // A Wednesday.
        let clock = Arc::new(TestClock(Mutex::new("2026-11-25T10:00:00Z".parse().unwrap())));
        let keys = KeyRing::new(SigningKey::generate().unwrap(), []);
        let handle = crate::build(Deps {
            store: (&folder.path().join("identity.db")).into(),
            clock: clock.clone(),
            authenticator: Authenticator { me: ServiceName::Identity, keys, clock: clock.clone() },
            data_keys: Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap()),
            outbound: Outbound::new(EgressRules { loopback: true, ..EgressRules::default() }).unwrap(),
            public_origin: "https://record.example.nhs.uk".into(),
            providers: vec![],
            demo: false,
            metrics: Metrics::new(&lcr_observe::Meter::new()).unwrap(),
        });
        let scene = Self { handle: handle.await.unwrap(), clock, _folder: folder };
        let organisations = vec![practice(OURS), practice(OTHERS)];
        scene.handle.seed(Seed { organisations, ..Seed::default() }).await.unwrap();
        scene
    }

    pub fn service(&self) -> &Service {
        &self.handle.service
    }

    pub fn wait(&self, time: SignedDuration) {
        *self.clock.0.lock().unwrap() += time;
    }

    /// A sign-in at `org` by the provider's id and, if it is not empty, the name they sign in with.
    pub async fn sign_in(
        &self,
        org: &str,
        (subject, user_name): (&str, &str),
        role: Option<Role>,
    ) -> Result<SignedIn, Failure> {
        let claims = IdTokenClaims {
            issuer: ISSUER.into(),
            origin: ClaimsOrigin::Operators,
            subject: subject.into(),
            name: "Sam Reed".into(),
            user_name: Some(user_name.to_owned()).filter(|name| !name.is_empty()),
            org: org.into(),
            role,
            role_id: None,
            sid: None,
            auth_time: None,
            patient: None,
        };
        let start = SessionStart::after_sign_in(None, self.clock.now());
        let (actor, secret) = self.service().begin_session(claims, start).await?;
        Ok(SignedIn { actor, secret })
    }

    pub async fn is_open(&self, session: &SignedIn) -> bool {
        self.service().session(&session.secret, false).await.unwrap().is_some()
    }

    pub async fn administrator(&self, org: &str) -> SignedIn {
        self.sign_in(org, (&format!("admin of {org}"), ""), Some(Role::OrgAdmin)).await.unwrap()
    }

    fn caller(by: &SignedIn) -> Caller {
        lcr_testkit::caller(ServiceName::Gateway, by.actor.clone())
    }

    pub async fn change(&self, by: &SignedIn, org: &str, change: PeopleChange) -> Result<ChangeResult, Failure> {
        let request = PartnerRequest {
            organisation: OdsCode::new(org),
            reason: "As agreed".into(),
            change: PartnerChange::People(change),
        };
        Ok(self.service().change(&Self::caller(by), request).await?.result)
    }

    /// Adds a person in the portal and returns their id.
    pub async fn put(&self, by: &SignedIn, user_name: &str, roles: Vec<Role>) -> String {
        let draft = PersonDraft { user_name: user_name.into(), name: "Sam Reed".into(), roles };
        match self.change(by, OURS, PeopleChange::Put(draft)).await.unwrap() {
            ChangeResult::Id(id) => id,
            other => panic!("{other:?}"),
        }
    }

    pub async fn people(&self, org: &str) -> Vec<DirectoryPerson> {
        super::list(self.service(), &OdsCode::new(org)).await.unwrap().people
    }

    /// A user as SCIM clients send it.
    pub async fn create(&self, user_name: &str, external_id: &str) -> Result<Resource, ScimError> {
        users::create(self.service(), &ours(), &user(user_name, external_id)).await
    }

    pub async fn patch(&self, id: &str, operations: Value) -> Result<Resource, ScimError> {
        let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
        users::change(self.service(), (&ours(), id), &body, None).await
    }

    /// The cookie of somebody at `org` whom the provider knows and who has no role.
    pub fn applicant(&self, org: &str, subject: &str) -> Phi<String> {
        let identity = ApplicantIdentity {
            issuer: ISSUER.into(),
            subject: subject.into(),
            name: "Sam Reed".into(),
            user_name: Some(format!("{subject}@example.org")),
            org: org.into(),
        };
        Phi::new(applicant::seal(&self.service().data_keys, &identity, self.clock.now()).unwrap())
    }
}

pub fn user(user_name: &str, external_id: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": user_name,
        "externalId": external_id,
        "name": { "givenName": "Sam", "familyName": "Reed" },
        "displayName": "Sam Reed",
        "active": true,
        "emails": [{ "value": user_name, "type": "work", "primary": true }],
    })
}

/// The id of a resource.
pub fn id(resource: &Resource) -> String {
    resource.body["id"].as_str().unwrap().to_owned()
}
