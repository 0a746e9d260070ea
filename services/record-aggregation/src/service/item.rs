//! One item as its source sent it, for those who integrate systems and for whatever a list cannot show. It is a view like
//! any other: decided, recorded, confirmed.

use lcr_contracts::{
    Caller, Failure, Kind as FailureKind,
    records::{SourceItem, ViewAsk},
};
use lcr_model::{Dataset, SourceId, permit::Hide};
use serde_json::Value;

use super::{Service, open::Opened, standing::shown, view::record};
use crate::domain::{
    entry,
    kind::{self, Kind},
};

/// An item found among what its source answered or pushed.
pub struct Found {
    pub source: SourceId,
    pub kind: Kind,
    pub dataset: Dataset,
    pub item: Value,
}

/// Opens a view of the datasets that the item may be in.
pub async fn open(
    service: &Service,
    caller: &Caller,
    ask: &ViewAsk,
    entry_id: &str,
) -> Result<Opened, Failure> {
    let (_, kind, _) = entry::split_entry_id(entry_id).ok_or_else(no_such_item)?;
    let ask = ViewAsk { datasets: Some(kind.datasets().to_vec()), ..ask.clone() };
    service.open(caller, &ask).await
}

/// The item among what its source answered or pushed.
pub fn find(opened: &Opened, entry_id: &str) -> Result<Found, Failure> {
    let (source, kind, id) = entry::split_entry_id(entry_id).ok_or_else(no_such_item)?;
    let answers = opened.with_pushed();
    let answer = answers.into_iter().find(|answer| answer.source == source);
    let of_type = answer.and_then(|answer| answer.types.into_iter().find(|(of, _)| *of == kind));
    let items = of_type.map(|(_, of_type)| of_type.items).unwrap_or_default();
    let item = items.into_iter().find(|item| item.id() == id).ok_or_else(no_such_item)?;
    let dataset = kind::dataset_of(kind, &item);
    Ok(Found { source, kind, dataset, item: item.into_value() })
}

/// The item as sent, for a reader who sees all of its dataset from that source.
pub async fn as_sent(
    service: &Service,
    caller: &Caller,
    ask: &ViewAsk,
    entry_id: &str,
) -> Result<SourceItem, Failure> {
    let mut opened = open(service, caller, ask, entry_id).await?;
    let compute = |opened: &Opened| {
        let found = find(opened, entry_id)?;
        Ok((record(opened)?, sent(opened, found)?))
    };
    let (_, item) = shown(&service.completer(), &mut opened, compute, |(record, _)| record).await?;
    Ok(item)
}

/// The item in the words of its source, for a reader whose grant has no limit on it.
fn sent(opened: &Opened, found: Found) -> Result<SourceItem, Failure> {
    let grant = opened.grant()?;
    let limited = grant.clearances.iter().any(|label| label.starts_with(&format!("{}:", found.dataset)));
    let hidden = [Hide::Address, Hide::Phone, Hide::Gp, Hide::Location].iter().any(|one| grant.hides(*one));
    if !grant.allows(&found.source, found.dataset) || limited || hidden {
        return Err(Failure::forbidden("Your role does not see this item as its source sent it."));
    }
    let system = opened.registry.systems.iter().find(|one| one.id == found.source);
    let name = system.map_or_else(|| found.source.to_string(), |one| one.name.clone());
    let is_stay = |stay: &crate::domain::stays::Stay| {
        found.item["id"] == stay.item().as_str() && stay.on_record.source == found.source
    };
    let from_messages = found.kind == Kind::Encounter && opened.ward.stays.iter().any(is_stay);
    let name = if from_messages { format!("{name}, made from its ward messages") } else { name };
    Ok(SourceItem { source: found.source, name, dataset: found.dataset, resource: found.item })
}

fn no_such_item() -> Failure {
    Failure::new(FailureKind::NotFound, "Its source does not give this item, or not any more.")
}
