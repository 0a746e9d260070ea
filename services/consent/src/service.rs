//! What consent does: gather facts, decide, have audit commit the entry, sign. In this order, always.

mod choices;
mod facts;
mod fence;
mod views;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use lcr_contracts::{
    Audit, Caller, Consent, Failure, Kind,
    audit::{OpenEntry, Outcome, What},
    choices::{Choices, NewChoice, Receipt, Review},
    consent::{Ask, Confirm, Decision, Explanation, Refusal},
    identity::Registry,
};
use lcr_model::{
    Clock, Dataset, PermitClaims, PersonId, ServiceName, SigningKey,
    permit::{MAX_AGE_SECONDS, PERMIT_TYP, PersonGrant},
    seal::DataKeys,
};
use lcr_store::Store;
use tokio::sync::RwLock;
use uuid::Uuid;

use crate::{
    Numbers,
    domain::{
        decide,
        policies::{Act, PersonFacts, Policies},
    },
};

pub use fence::{Fence, Standing};
pub use views::Views;

/// How long audit has to commit an entry.
const AUDIT_DEADLINE: Duration = Duration::from_millis(1500);
/// The most people one question may name.
const MOST_PEOPLE: usize = 200;

pub struct Service {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub policies: Policies,
    pub signer: SigningKey,
    pub audit: Arc<dyn Audit>,
    pub data_keys: Arc<DataKeys>,
    pub fence: Fence,
    pub views: Views,
    /// As read, and how the fence stood then.
    pub registry: RwLock<Option<(u64, Arc<Registry>)>>,
    pub numbers: Numbers,
}

type Decided = (Vec<PersonGrant>, Vec<(PersonId, Refusal)>);

impl Service {
    /// The registry, read once until it changes: `raised` is how the fence stands now.
    pub(crate) async fn registry(&self, raised: u64) -> Result<Arc<Registry>, Failure> {
        if let Some((at, registry)) = self.registry.read().await.clone()
            && at == raised
        {
            return Ok(registry);
        }
        let mut slot = self.registry.write().await;
        let loaded =
            lcr_store::registry::load(self.store.read()).await.map_err(|e| lcr_store::unavailable(&e))?;
        let registry = Arc::new(loaded);
        *slot = Some((raised, registry.clone()));
        Ok(registry)
    }

    /// How the caller's session and these people stand now.
    pub(crate) async fn standing(&self, caller: &Caller, people: &[PersonId]) -> Result<Standing, Failure> {
        self.fence.standing(people, caller.actor.session).await
    }

    /// Facts and rules, no record of it yet.
    async fn weigh(&self, caller: &Caller, ask: &Ask) -> Result<Decided, Failure> {
        let ids: Vec<PersonId> = ask.people.iter().map(|asked| asked.person).collect();
        // The fence first: a change after this raises it and the grant is refused at its confirmation.
        let standing = self.standing(caller, &ids).await?;
        let known = self.known(&caller.actor, &ask.people, standing.registry).await?;
        let mut decided: Decided = (vec![], vec![]);
        for asked in &ask.people {
            let facts = known.of(asked, standing.of(asked.person), standing.ended);
            match decide(&self.policies, &caller.actor, ask.what, &ask.datasets, &facts) {
                Ok(grant) => decided.0.push(grant),
                Err(refusal) => decided.1.push((asked.person, refusal)),
            }
        }
        Ok(decided)
    }

    /// Why a question that names nobody is refused, if it is: whether somebody exists is not told by an empty
    /// answer to those who may not search.
    async fn refuses_all(&self, caller: &Caller, ask: &Ask) -> Result<Option<Refusal>, Failure> {
        if !ask.people.is_empty() {
            return Ok(None);
        }
        let standing = self.standing(caller, &[]).await?;
        if standing.ended {
            return Ok(Some(Refusal::SessionEnded));
        }
        let registry = self.registry(standing.registry).await?;
        let org = registry.organisations.iter().find(|org| org.ods == caller.actor.org);
        let with = |relationship| PersonFacts {
            relationship,
            objected: false,
            agreement_signed: org.is_some_and(|org| org.agreement_signed),
            restricted: false,
        };
        let permits = |act, relationship| self.policies.permits(caller.actor.role, act, with(relationship));
        let may = if ask.what == What::WardList {
            ["registered-practice", "in-patient-here", "team-area"]
                .iter()
                .any(|link| permits(Act::List, link))
        } else {
            permits(Act::Search, "none")
        };
        Ok((!may).then_some(Refusal::Role))
    }

    /// Has audit commit the entry; without it nothing may be signed.
    async fn record(
        &self,
        caller: &Caller,
        ask: &Ask,
        (granted, refused): &Decided,
        none: Option<Refusal>,
    ) -> Result<(), Failure> {
        if self.views.already_recorded(caller, ask, granted) {
            return Ok(());
        }
        for (outcome, reason, people) in reasons(ask, granted, refused, none) {
            let entry = OpenEntry {
                id: Uuid::now_v7(),
                view: ask.view,
                at: self.clock.now(),
                actor: caller.actor.clone(),
                audience: ask.audience,
                what: ask.what,
                outcome,
                reason,
                people,
                datasets: ask.datasets.clone(),
                policy_version: self.policies.version().to_owned(),
            };
            self.enter(caller, entry).await?;
        }
        self.views.recorded(caller, ask, granted);
        Ok(())
    }

    /// Returns once the entry is on audit's disk.
    pub(crate) async fn enter(&self, caller: &Caller, entry: OpenEntry) -> Result<(), Failure> {
        let as_consent = caller.through(ServiceName::Consent);
        let opened = tokio::time::timeout(AUDIT_DEADLINE, self.audit.open(&as_consent, entry)).await;
        match opened {
            Ok(Ok(())) => Ok(()),
            Ok(Err(failure)) => Err(Failure::cannot_record(failure.inward())),
            Err(_) => Err(Failure::cannot_record("audit did not answer in time")),
        }
    }

    /// Facts, rules, and the entry: nothing is decided that is not on the log.
    async fn decided(&self, caller: &Caller, ask: &Ask) -> Result<(Decided, Option<Refusal>), Failure> {
        let none = self.refuses_all(caller, ask).await?;
        let decided = self.weigh(caller, ask).await?;
        self.record(caller, ask, &decided, none).await?;
        Ok((decided, none))
    }

    fn sign(&self, caller: &Caller, ask: &Ask, people: Vec<PersonGrant>) -> Result<String, Failure> {
        let iat = self.clock.now().as_second();
        let claims = PermitClaims {
            iss: ServiceName::Consent,
            aud: ask.audience,
            sub: caller.actor.user.clone(),
            org: caller.actor.org.clone(),
            role: caller.actor.role,
            session: caller.actor.session,
            purpose: caller.actor.purpose,
            view_id: ask.view,
            policy_version: self.policies.version().to_owned(),
            iat,
            exp: iat + MAX_AGE_SECONDS,
            people,
        };
        self.signer.sign(PERMIT_TYP, &claims).map_err(Failure::internal)
    }
}

/// What goes on the log of one answer: an entry for each reason, naming those it is the reason for, so that nobody
/// reads another's link as their own. Those refused are named too; an answer about nobody is one entry.
fn reasons(
    ask: &Ask,
    granted: &[PersonGrant],
    refused: &[(PersonId, Refusal)],
    none: Option<Refusal>,
) -> Vec<(Outcome, String, Vec<PersonId>)> {
    let plain = || format!("may {}", ask.what.as_str());
    let mut groups: BTreeMap<(bool, String), Vec<PersonId>> = BTreeMap::new();
    for grant in granted {
        let words = if grant.relationship.is_empty() { plain() } else { grant.relationship.clone() };
        groups.entry((true, words)).or_default().push(grant.person);
    }
    for (person, refusal) in refused {
        groups.entry((false, refusal.as_str().to_owned())).or_default().push(*person);
    }
    if groups.is_empty() {
        let words = none.map_or_else(plain, |refusal| refusal.as_str().to_owned());
        groups.insert((none.is_none(), words), vec![]);
    }
    let outcome = |allowed| if allowed { Outcome::Allowed } else { Outcome::Refused };
    groups.into_iter().map(|((allowed, words), people)| (outcome(allowed), words, people)).collect()
}

#[async_trait]
impl Consent for Service {
    async fn decide(&self, caller: &Caller, ask: Ask) -> Result<Decision, Failure> {
        // One permit, one view, one service: only for the service that asks.
        if ask.audience != caller.service {
            return Err(Failure::forbidden("A service asks for itself."));
        }
        if ask.people.len() > MOST_PEOPLE {
            return Err(Failure::new(Kind::TooLarge, "Too many people in one question."));
        }
        let decided = self.decided(caller, &ask).await;
        let (decided, none) = decided.inspect_err(|failure| self.numbers.not_decided(failure.kind))?;
        self.numbers.decided(&ask, &decided.0, &decided.1, none);
        match none {
            Some(Refusal::SessionEnded) => {
                return Err(Failure::new(Kind::Unauthenticated, "You were signed out."));
            }
            Some(_) if ask.what == What::WardList => {
                return Err(Failure::forbidden("Your role does not see the lists of people in hospital."));
            }
            Some(_) => return Err(Failure::forbidden("Your role does not search for people.")),
            None => {}
        }
        let (granted, refused) = decided;
        let permit = if granted.is_empty() { None } else { Some(self.sign(caller, &ask, granted)?) };
        Ok(Decision { permit, refused })
    }

    async fn confirm(&self, _: &Caller, confirm: Confirm) -> Result<bool, Failure> {
        let standing = self.fence.standing(&[confirm.person], confirm.session).await?;
        Ok(standing.of(confirm.person) == confirm.epoch && !standing.ended)
    }

    async fn explain(&self, caller: &Caller, person: PersonId) -> Result<Explanation, Failure> {
        let asked = self.asked_by_id(person).await?;
        let ask = Ask {
            audience: caller.service,
            view: lcr_model::ViewId::new(),
            what: What::Record,
            people: vec![asked],
            datasets: Dataset::ALL.to_vec(),
        };
        let (granted, refused) = self.weigh(caller, &ask).await?;
        let datasets = |grant: &PersonGrant| {
            let mut seen: Vec<Dataset> = grant.grants.iter().map(|(_, dataset)| *dataset).collect();
            seen.sort_unstable();
            seen.dedup();
            seen
        };
        Ok(Explanation {
            allowed: !granted.is_empty(),
            reason: granted.first().map_or_else(
                || refused.first().map_or("role", |(_, refusal)| refusal.as_str()).to_owned(),
                |grant| grant.relationship.clone(),
            ),
            datasets: granted.first().map(datasets).unwrap_or_default(),
            policy_version: self.policies.version().to_owned(),
        })
    }

    async fn choices(&self, caller: &Caller, person: PersonId) -> Result<Choices, Failure> {
        self.read_choices(caller, person).await
    }

    async fn object(&self, caller: &Caller, person: PersonId, new: NewChoice) -> Result<Receipt, Failure> {
        self.timed(self.make_choice(caller, person, new)).await
    }

    async fn withdraw(&self, caller: &Caller, person: PersonId, choice: Uuid) -> Result<Receipt, Failure> {
        self.timed(self.move_choice(caller, person, choice, choices::Step::Withdraw)).await
    }

    async fn review(
        &self,
        caller: &Caller,
        person: PersonId,
        choice: Uuid,
        review: Review,
    ) -> Result<Receipt, Failure> {
        self.timed(self.move_choice(caller, person, choice, choices::Step::Review(review))).await
    }
}
