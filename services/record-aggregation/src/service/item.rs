//! One item as its source sent it, for integrators and for items that no list shows. It is a view like any other: it must be
//! decided, recorded and confirmed.

use lcr_contracts::{
    Caller, Failure, FailureKind,
    records_api::{SourceItem, ViewRequest},
};
use lcr_model::{Dataset, SourceId, permit::Hide};

use super::{Service, confirmation::compute_and_record, open::OpenView, view::record};
use crate::domain::{
    entry,
    prepared_item::PreparedItem,
    resource_type::{self, ResourceType},
};

/// An item that its source answered or pushed.
pub struct ItemMatch {
    pub source: SourceId,
    pub resource_type: ResourceType,
    pub dataset: Dataset,
    pub item: PreparedItem,
}

/// Opens a view of the datasets that the item may belong to.
pub async fn open(service: &Service, caller: &Caller, ask: &ViewRequest, entry_id: &str) -> Result<OpenView, Failure> {
    let (_, resource_type, _) = entry::split_entry_id(entry_id).ok_or_else(no_such_item)?;
    let ask = ViewRequest { datasets: Some(resource_type.datasets().to_vec()), ..ask.clone() };
    service.open(caller, &ask).await
}

/// Finds the item among those that its source answered or pushed.
pub fn find(view: &OpenView, entry_id: &str) -> Result<ItemMatch, Failure> {
    let (source, resource_type, id) = entry::split_entry_id(entry_id).ok_or_else(no_such_item)?;
    let answers = view.all_answers();
    let answer = answers.into_iter().find(|answer| answer.source == source);
    let of_type = answer.and_then(|answer| answer.types.into_iter().find(|(of, _)| *of == resource_type));
    let items = of_type.map(|(_, of_type)| of_type.items).unwrap_or_default();
    let item = items.into_iter().find(|item| item.id() == id).ok_or_else(no_such_item)?;
    let dataset = resource_type::dataset_of(resource_type, &item);
    Ok(ItemMatch { source, resource_type, dataset, item })
}

/// Reads the item as sent, for a reader who may see all of its dataset from that source.
pub async fn read_as_sent(
    service: &Service,
    caller: &Caller,
    ask: &ViewRequest,
    entry_id: &str,
) -> Result<SourceItem, Failure> {
    let mut view = open(service, caller, ask, entry_id).await?;
    let compute = |view: &OpenView| {
        let found = find(view, entry_id)?;
        Ok((record(view)?, source_item(view, found)?))
    };
    let (_, item) =
        compute_and_record(&service.completion_publisher(), &mut view, compute, |(record, _)| record).await?;
    Ok(item)
}

/// Refuses the item to a reader whose grant limits its dataset or hides details.
fn source_item(view: &OpenView, found: ItemMatch) -> Result<SourceItem, Failure> {
    let grant = view.grant()?;
    let limited = grant.limits(found.dataset);
    let hidden = [Hide::Address, Hide::Phone, Hide::Gp, Hide::Location].iter().any(|detail| grant.hides(*detail));
    if !grant.allows(&found.source, found.dataset) || limited || hidden {
        return Err(Failure::forbidden("Your role does not see this item as its source sent it."));
    }
    let system = view.registry.system(&found.source);
    let name = system.map_or_else(|| found.source.to_string(), |one| one.name.clone());
    let is_stay =
        |stay: &crate::domain::stays::Stay| found.item.id() == stay.item_id() && stay.on_record.source == found.source;
    let from_messages = found.resource_type == ResourceType::Encounter && view.ward.stays.iter().any(is_stay);
    let name = if from_messages { format!("{name}, made from its ward messages") } else { name };
    Ok(SourceItem { source: found.source, name, dataset: found.dataset, resource: found.item.value().clone() })
}

fn no_such_item() -> Failure {
    Failure::new(FailureKind::NotFound, "Its source does not give this item, or not any more.")
}
