//! Refuses an ODS code that nobody has: a rule or a pilot for a mistyped code would have no effect, unseen.

use lcr_contracts::{
    Failure,
    registry::{Registry, StageRule, Stages},
};
use lcr_model::OdsCode;
use sea_orm::ConnectionTrait;

use super::edit::ChangeError;
use crate::store::{organisation_file, registry};

/// Refuses organisations that the registry does not have, by code.
pub async fn require_organisations(tx: &impl ConnectionTrait, codes: &[&OdsCode]) -> Result<(), ChangeError> {
    let registry = registry::load(tx).await?;
    Ok(check_organisations(&registry, codes.iter().copied())?)
}

/// Refuses a rule for a receiver or a unit that is not known, unless such a rule is here already. A unit is an organisation or a
/// site of the owner.
pub async fn require_rule(
    tx: &impl ConnectionTrait,
    owner: &OdsCode,
    stages: &Stages,
    rule: &StageRule,
) -> Result<(), ChangeError> {
    let registry = registry::load(tx).await?;
    let has_receiver = |one: &StageRule| one.receiver == rule.receiver;
    if !stages.rules.iter().any(has_receiver) {
        check_organisations(&registry, &rule.receiver)?;
    }
    let has_unit = |one: &StageRule| one.unit == rule.unit;
    if stages.rules.iter().any(has_unit) {
        return Ok(());
    }
    let file = organisation_file::find(tx, owner).await?;
    let is_site = |unit: &&OdsCode| file.iter().flat_map(|file| &file.details.sites).any(|site| site.ods == **unit);
    let unit = rule.unit.as_ref().filter(|unit| !is_site(unit));
    Ok(check_organisations(&registry, unit)?)
}

fn check_organisations<'c>(registry: &Registry, codes: impl IntoIterator<Item = &'c OdsCode>) -> Result<(), Failure> {
    let unknown: Vec<&str> =
        codes.into_iter().filter(|code| registry.organisation(code).is_none()).map(OdsCode::as_str).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(Failure::bad_request(format!("No organisation of the city has this ODS code: {}.", unknown.join(", "))))
}
