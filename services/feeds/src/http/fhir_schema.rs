//! The schemas of the FHIR resources that feeds receives and returns, for the API's document. No code may read or write a
//! resource with these types.

#![allow(dead_code, reason = "the types only describe")]

use utoipa::ToSchema;
use uuid::Uuid;

/// A FHIR R4 Bundle.
#[derive(ToSchema)]
pub struct Bundle {
    #[schema(rename = "resourceType", inline)]
    resource_type: BundleName,
    #[schema(rename = "type", inline)]
    kind: BundleKind,
    entry: Option<Vec<BundleEntry>>,
}

#[derive(ToSchema)]
enum BundleName {
    Bundle,
}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
enum BundleKind {
    Collection,
    Message,
    Batch,
    Transaction,
}

#[derive(ToSchema)]
struct BundleEntry {
    #[schema(value_type = Option<Object>)]
    resource: Option<()>,
}

/// A FHIR R4 `OperationOutcome`. Its id is the message's.
#[derive(ToSchema)]
pub struct OperationOutcome {
    #[schema(rename = "resourceType", inline)]
    resource_type: OutcomeName,
    id: Uuid,
    #[schema(min_items = 1)]
    issue: Vec<Issue>,
}

#[derive(ToSchema)]
enum OutcomeName {
    OperationOutcome,
}

#[derive(ToSchema)]
struct Issue {
    severity: String,
    code: String,
    details: Details,
}

#[derive(ToSchema)]
struct Details {
    text: String,
}
