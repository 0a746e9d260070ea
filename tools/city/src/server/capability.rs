//! The `CapabilityStatement`. It must list only read and search.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::{ServerState, outcome};

pub(super) async fn capability_statement(State(state): State<ServerState>) -> Response {
    let parameter = |name: &str, kind: &str| json!({"name": name, "type": kind});
    let patient = json!({
        "type": "Patient",
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": [parameter("identifier", "token"), parameter("_id", "token")],
    });
    let about = |kind: String| {
        json!({
            "type": kind,
            "interaction": [{"code": "read"}, {"code": "search-type"}],
            "searchParam": [
                parameter("patient", "reference"), parameter("subject", "reference"),
                parameter("category", "token"), parameter("status", "token"),
            ],
        })
    };
    let episodes = json!({
        "type": "EpisodeOfCare",
        "interaction": [{"code": "search-type"}],
        "searchParam": [parameter("_lastUpdated", "date")],
    });
    let episodes = state.source.listed("EpisodeOfCare").map(|_| episodes);
    let binary = json!({"type": "Binary", "interaction": [{"code": "read"}]});
    let of_patient = state.source.resource_types().into_iter().map(about);
    let resources: Vec<Value> = std::iter::once(patient).chain(of_patient).chain(episodes).chain([binary]).collect();
    outcome::fhir(
        StatusCode::OK,
        &json!({
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": "2026-01-01",
            "kind": "instance",
            "software": {"name": "Synthetic source system"},
            "implementation": {"description": format!("{}: invented people", state.source.name()), "url": &*state.base},
            "fhirVersion": "4.0.1",
            "format": ["json"],
            "rest": [{"mode": "server", "resource": resources}],
        }),
    )
}
