//! Rows given at start: the registry of a demo city, or of a small deployment kept in a file. Applying the same
//! rows again changes and publishes nothing.

use lcr_contracts::{
    Failure,
    events::LOGIN_SOURCE,
    identity::{Feed, Organisation, System},
    registrar::PartnerSet,
};
use lcr_store::Store;
use sea_orm::DbErr;

use crate::{
    service::Service,
    store::{self, client::ClientSeed, registry::ManagedBy},
};

/// All rows.
#[derive(Debug, Clone, Default)]
pub struct Seed {
    pub organisations: Vec<Organisation>,
    pub systems: Vec<System>,
    pub clients: Vec<ClientSeed>,
}

/// Names of sources that are the platform's own.
const RESERVED: [&str; 2] = [LOGIN_SOURCE, "patient-index"];

/// A row that would let one source speak for others, outside a demonstration; or under a name of our own.
pub(crate) fn check(systems: &[System], demo: bool) -> Result<(), Failure> {
    for system in systems {
        if RESERVED.contains(&system.id.as_str()) {
            return Err(Failure::bad_request("A source may not have this name: it is the platform's own.")
                .because(&system.id));
        }
        if let Some(Err(why)) = system.feed.as_ref().map(Feed::validate) {
            return Err(Failure::bad_request(format!("The feed's profile cannot be taken: {why}."))
                .because(&system.id));
        }
        if !demo && system.feed.as_ref().is_some_and(|feed| feed.senders.is_empty()) {
            return Err(Failure::bad_request("A source that sends names its senders (MSH-3 and MSH-4).")
                .because(&system.id));
        }
    }
    Ok(())
}

pub async fn apply(service: &Service, seed: Seed) -> Result<(), Failure> {
    check(&seed.systems, service.demo)?;
    let now = service.clock.now();
    let write = service.store.write::<_, DbErr, _>(move |tx| {
        Box::pin(async move {
            let version = now.as_microsecond();
            let Seed { organisations, systems, clients } = seed;
            let set = PartnerSet { organisations, systems, clients };
            let (changes, _) = store::registry::keep_all(tx, ManagedBy::Seed, set, version).await?;
            Store::publish(tx, now, &changes).await
        })
    });
    Ok(write.await?)
}

#[cfg(test)]
mod tests {
    use lcr_contracts::identity::{FurtherField, FurtherKind};
    use lcr_model::{OdsCode, SourceId};

    use super::*;

    fn seed(id: &str, feed: Option<Feed>) -> Seed {
        let system = System {
            id: SourceId::new(id),
            name: id.into(),
            organisation: OdsCode::new("Z9H01"),
            base_url: String::new(),
            kind: "hospital".into(),
            authority: false,
            discreet: false,
            datasets: std::collections::BTreeMap::new(),
            rhythm: "real-time".into(),
            default_practice: None,
            suspended: false,
            feed,
        };
        Seed { systems: vec![system], ..Seed::default() }
    }

    #[test]
    fn a_source_for_any_sender_is_for_demonstrations_and_our_own_names_for_nobody() {
        let any = || Some(Feed { profile: "default".into(), training: true, ..Feed::default() });
        assert!(check(&seed("sandbox", any()).systems, true).is_ok());
        assert!(check(&seed("sandbox", any()).systems, false).is_err());
        assert!(check(&seed("st-hildas", None).systems, false).is_ok());
        assert!(check(&seed("nhs-login", None).systems, true).is_err());
    }
    #[test]
    fn a_profile_with_a_fault_is_refused() {
        let field = FurtherField {
            key: "news".into(),
            label: "NEWS".into(),
            kind: FurtherKind::Number,
            from: "somewhere".into(),
            words: std::collections::BTreeMap::new(),
            filter: false,
        };
        let senders = vec![("PAS".to_owned(), "Z9H01".to_owned())];
        let feed = Feed { senders, fields: vec![field], ..Feed::default() };
        let failure = check(&seed("st-hildas", Some(feed)).systems, false).unwrap_err();
        assert!(failure.outward().contains("news"), "{failure:?}");
    }
}
