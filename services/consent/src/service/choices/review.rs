//! The receipt of a choice, and a choice as its maker or reviewer reads it. It must show who acted
//! only by name and organisation.

use lcr_contracts::{
    Caller, Failure,
    choices::{Choice, ChoiceMaker, Receipt, receipt_number},
    registry::Registry,
};
use lcr_model::{Actor, ActorKind};
use lcr_store::db_failure;
use sea_orm::DbErr;

use super::seal_context;
use crate::{domain::choices::Withdrawer, service::Service, store::choice::ChoiceRow};

impl Service {
    pub(super) fn receipt(&self, row: &ChoiceRow, registry: &Registry, caller: &Caller) -> Result<Receipt, Failure> {
        let choice = self.to_choice(row, registry, caller).map_err(db_failure)?;
        Ok(Receipt { number: choice.number.clone(), effective_at: choice.changed_at, choice })
    }

    pub(super) fn to_choice(&self, row: &ChoiceRow, registry: &Registry, caller: &Caller) -> Result<Choice, DbErr> {
        let time = |micros| jiff::Timestamp::from_microsecond(micros).map_err(|e| DbErr::Type(e.to_string()));
        let organisation = row.organisation();
        let named = registry.organisations.iter().find(|org| Some(&org.ods) == organisation.as_ref());
        let own = row.by_user == caller.actor.user.0;
        Ok(Choice {
            id: row.id,
            direction: row.direction()?,
            organisation_name: named.map(|org| org.name.clone()),
            organisation,
            status: row.status()?,
            made_at: time(row.made_at)?,
            made_by: if own {
                ChoiceMaker::Reader
            } else {
                ChoiceMaker::Other(with_organisation_name(row.by_words.clone(), registry))
            },
            changed_at: time(row.changed_at)?,
            review: self.review_of(row).map(|review| with_organisation_name(review, registry)),
            number: receipt_number(row.origin),
        })
    }

    /// The text of a review. Plain text is newer than sealed text: the previous version wrote it, and this version clears
    /// it when it writes.
    fn review_of(&self, row: &ChoiceRow) -> Option<String> {
        if row.review.is_some() {
            return row.review.clone();
        }
        let sealed = row.review_sealed.as_deref()?;
        let plain = self.data_keys.open(&seal_context(row.id, "review"), sealed).ok();
        let plain = plain.and_then(|plain| String::from_utf8(plain).ok());
        if plain.is_none() {
            tracing::error!("the text of a review cannot be unsealed and is left out");
        }
        plain
    }
}

/// The caller's part in a choice.
pub(super) fn withdrawer_of(row: &ChoiceRow, caller: &Caller) -> Withdrawer {
    match caller.actor.kind {
        ActorKind::Patient => Withdrawer::Person,
        _ if !row.by_user.is_empty() && row.by_user == caller.actor.user.0 => Withdrawer::Recorder,
        _ => Withdrawer::Other,
    }
}

/// Replaces the organisation's code by its name, in the output of `maker_text` and any text after it.
fn with_organisation_name(text: String, registry: &Registry) -> String {
    let named = registry.organisations.iter().find_map(|org| {
        let (who, after) = text.split_once(&format!(", {}", org.ods))?;
        (after.is_empty() || after.starts_with(": ")).then(|| format!("{who}, {}{after}", org.name))
    });
    named.unwrap_or(text)
}

/// Names the maker of a choice, for everybody but the maker.
pub(crate) fn maker_text(actor: &Actor) -> String {
    match actor.kind {
        ActorKind::Patient => "the person".to_owned(),
        _ => format!("{}, {}", actor.name, actor.org),
    }
}
