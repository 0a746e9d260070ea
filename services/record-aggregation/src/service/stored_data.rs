//! Reads what this service's store has about one person: the ids to ask sources with, pushed items and stays. They are read for
//! every view, together, and must never be kept between views.

use std::collections::HashMap;

use lcr_contracts::Failure;
use lcr_model::{PersonId, SourceIdentity};

use super::{Service, ward_stays::PersonStays};
use crate::domain::pushed_resources::PushedResources;

/// What the store has about one person.
pub struct StoredData {
    /// The id to ask each identity's source with, if one is known.
    pub own_ids: HashMap<SourceIdentity, String>,
    pub pushed: Vec<PushedResources>,
    pub ward: PersonStays,
}

impl Service {
    pub async fn load_stored(&self, person: PersonId, identities: &[SourceIdentity]) -> Result<StoredData, Failure> {
        let pushed = async {
            let known = self.hashed_ids.load(identities).await?;
            let pushed = self.pushed_items.load(&known.with_plain_identities()).await?;
            Ok::<_, Failure>((known.own_ids(), pushed))
        };
        let ((own_ids, pushed), ward) = tokio::try_join!(pushed, self.ward_stays.load(person))?;
        Ok(StoredData { own_ids, pushed, ward })
    }
}
