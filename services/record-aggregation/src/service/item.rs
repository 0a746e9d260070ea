//! One item as its source sent it, for those who integrate systems and for whatever a list cannot show. It is a view like
//! any other: decided, recorded, confirmed.

use lcr_contracts::{
    Caller, Failure, Kind as FailureKind,
    records::{SourceItem, ViewAsk},
};
use lcr_model::{Dataset, SourceId, permit::Hide};
use serde_json::Value;

use super::{Service, open::Opened, view};
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

/// Opens a view of the item's datasets, and waits for its source.
pub async fn open(
    service: &Service,
    caller: &Caller,
    ask: &ViewAsk,
    entry_id: &str,
) -> Result<(Opened, Found), Failure> {
    let (source, kind, id) = entry::split_entry_id(entry_id).ok_or_else(no_such_item)?;
    let ask = ViewAsk { datasets: Some(kind.datasets().to_vec()), ..ask.clone() };
    let mut opened = service.open(caller, &ask).await?;
    let item = wait_for(&mut opened, &source, kind, id).await.ok_or_else(no_such_item)?;
    let dataset = kind::dataset_of(kind, &item);
    let found = Found { source, kind, dataset, item: item.into_value() };
    Ok((opened, found))
}

/// The item as sent, for a reader who sees all of its dataset from that source.
pub async fn as_sent(
    service: &Service,
    caller: &Caller,
    ask: &ViewAsk,
    entry_id: &str,
) -> Result<SourceItem, Failure> {
    let (mut opened, found) = open(service, caller, ask, entry_id).await?;
    let record = view::whole(&mut opened, &service.completer()).await?;
    let grant = opened.grant()?;
    let limited = grant.clearances.iter().any(|label| label.starts_with(&format!("{}:", found.dataset)));
    let hidden = [Hide::Address, Hide::Phone, Hide::Gp, Hide::Location].iter().any(|one| grant.hides(*one));
    if !grant.allows(&found.source, found.dataset) || limited || hidden {
        return Err(Failure::forbidden("Your role does not see this item as its source sent it."));
    }
    let source = record.sources.iter().find(|one| one.source == found.source);
    let name = source.map_or_else(|| found.source.to_string(), |one| one.name.clone());
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

/// Looks among what the source pushed, then waits until it has answered.
async fn wait_for(opened: &mut Opened, source: &SourceId, kind: Kind, id: &str) -> Option<lcr_fhir::Item> {
    loop {
        let answers = opened.with_pushed();
        let answer = answers.into_iter().find(|answer| answer.source == *source)?;
        let finished = answer.finished();
        let mut of_type = answer.types;
        let items = of_type.remove(&kind)?.items;
        if let Some(item) = items.into_iter().find(|item| item.id() == id) {
            return Some(item);
        }
        if finished {
            return None;
        }
        let more = opened.next().await?;
        opened.take(more);
    }
}
