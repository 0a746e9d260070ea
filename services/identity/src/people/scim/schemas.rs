//! What the SCIM service can do: its configuration, resource types and schemas (RFC 7643, sections 5 to 7). It must
//! promise nothing that it does not do.

use serde_json::{Value, json};

use super::{GROUP_SCHEMA, MAX_PAGE, USER_SCHEMA};

/// `/ServiceProviderConfig`.
pub fn service_provider_config(origin: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": MAX_PAGE },
        "changePassword": { "supported": false },
        "sort": { "supported": false },
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "The organisation's SCIM token, or a client's token with the scope people.write.",
            "primary": true,
        }],
        "meta": { "resourceType": "ServiceProviderConfig", "location": format!("{origin}/scim/v2/ServiceProviderConfig") },
    })
}

fn resource_type(origin: &str, name: &str, endpoint: &str, schema: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": name,
        "name": name,
        "endpoint": endpoint,
        "schema": schema,
        "meta": { "resourceType": "ResourceType", "location": format!("{origin}/scim/v2/ResourceTypes/{name}") },
    })
}

/// `/ResourceTypes`.
pub fn resource_types(origin: &str) -> Vec<Value> {
    vec![resource_type(origin, "User", "/Users", USER_SCHEMA), resource_type(origin, "Group", "/Groups", GROUP_SCHEMA)]
}

/// Whether clients may write an attribute.
#[derive(Clone, Copy)]
enum Mutability {
    ReadWrite,
    ReadOnly,
}

fn simple(name: &str, kind: &str, mutability: Mutability) -> Value {
    let mutability = match mutability {
        Mutability::ReadWrite => "readWrite",
        Mutability::ReadOnly => "readOnly",
    };
    json!({
        "name": name,
        "type": kind,
        "multiValued": false,
        "description": "",
        "required": false,
        "caseExact": name == "externalId",
        "mutability": mutability,
        "returned": "default",
        "uniqueness": "none",
    })
}

/// An attribute with sub-attributes, which are texts unless they are called `primary`.
fn complex(name: &str, multi_valued: bool, mutability: Mutability, parts: &[&str]) -> Value {
    let kind = |part: &str| if part == "primary" { "boolean" } else { "string" };
    let parts: Vec<Value> = parts.iter().copied().map(|part| simple(part, kind(part), mutability)).collect();
    let mut attribute = simple(name, "complex", mutability);
    if let Some(members) = attribute.as_object_mut() {
        members.insert("multiValued".to_owned(), json!(multi_valued));
        members.insert("subAttributes".to_owned(), json!(parts));
    }
    attribute
}

/// An attribute that every resource has and that is its own.
fn required(name: &str, uniqueness: &str) -> Value {
    let mut attribute = simple(name, "string", Mutability::ReadWrite);
    if let Some(members) = attribute.as_object_mut() {
        members.insert("required".to_owned(), json!(true));
        members.insert("uniqueness".to_owned(), json!(uniqueness));
    }
    attribute
}

fn schema(origin: &str, id: &str, name: &str, attributes: &[Value]) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": id,
        "name": name,
        "description": name,
        "attributes": attributes,
        "meta": { "resourceType": "Schema", "location": format!("{origin}/scim/v2/Schemas/{id}") },
    })
}

/// `/Schemas`.
pub fn schemas(origin: &str) -> Vec<Value> {
    let (written, read) = (Mutability::ReadWrite, Mutability::ReadOnly);
    let user = [
        required("userName", "server"),
        simple("externalId", "string", written),
        complex("name", false, written, &["formatted", "familyName", "givenName"]),
        simple("displayName", "string", written),
        simple("active", "boolean", written),
        complex("emails", true, written, &["value", "type", "primary"]),
        complex("roles", true, written, &["value", "primary"]),
        complex("groups", true, read, &["value", "display", "$ref"]),
    ];
    let group = [required("displayName", "server"), complex("members", true, written, &["value", "display", "$ref"])];
    vec![schema(origin, USER_SCHEMA, "User", &user), schema(origin, GROUP_SCHEMA, "Group", &group)]
}
