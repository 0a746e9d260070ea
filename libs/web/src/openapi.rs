//! The `/openapi.json` of a service, generated from its handlers. Every operation also documents its problem answers.

use axum::{Router, body::Bytes, http::header, routing::get};
use utoipa::{
    PartialSchema,
    openapi::{
        Content, ContentBuilder, Info, OpenApi, Ref, RefOr, ResponseBuilder, Schema,
        path::Operation,
        schema::{SchemaType, Type},
    },
};
use utoipa_axum::router::OpenApiRouter;

use crate::problem::{CONTENT_TYPE, ProblemBody};

/// The statuses of a problem. There is no `default`, so that an answer of success is documented with its own status.
const PROBLEM_STATUSES: [&str; 2] = ["4XX", "5XX"];

/// Makes a documented router a plain one that also serves its document. Only the text is kept: the document itself is several
/// megabytes.
pub fn with_document(router: OpenApiRouter, title: &str) -> Router {
    let (router, mut document) = router.split_for_parts();
    // The router's own information names its authors.
    document.info = Info::new(title, env!("CARGO_PKG_VERSION"));
    complete_operations(&mut document);
    let components = document.components.get_or_insert_default();
    components.schemas.insert("Problem".to_owned(), ProblemBody::schema());
    // A document of strings and maps always has a text.
    let text = Bytes::from(document.to_json().unwrap_or_default());
    router.route("/openapi.json", get(move || async move { ([(header::CONTENT_TYPE, "application/json")], text) }))
}

/// Adds what every operation shares.
fn complete_operations(document: &mut OpenApi) {
    for path in document.paths.paths.values_mut() {
        for operation in [&mut path.get, &mut path.post, &mut path.put, &mut path.delete].into_iter().flatten() {
            add_problem_answers(operation);
            forbid_null_parameters(operation);
        }
    }
}

/// Every operation may be refused or fail, always with the same body. A refusal that it documents itself, such as an
/// acknowledgement in HL7 v2, may be a problem too.
fn add_problem_answers(operation: &mut Operation) {
    let responses = &mut operation.responses.responses;
    for (status, response) in responses.iter_mut() {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
        {
            response.content.insert(CONTENT_TYPE.to_owned(), RefOr::T(problem()));
        }
    }
    for status in PROBLEM_STATUSES {
        let answer = ResponseBuilder::new().description("refused or failed").content(CONTENT_TYPE, problem());
        responses.insert(status.to_owned(), RefOr::T(answer.build()));
    }
}

/// A parameter that is left out is absent. The schema of an `Option` would allow the text `null`.
fn forbid_null_parameters(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && let Some(RefOr::T(Schema::Object(schema))) = &mut parameter.schema
            && let SchemaType::Array(types) = &schema.schema_type
            && let Some(value) = types.iter().find(|one| **one != Type::Null).cloned()
        {
            schema.schema_type = SchemaType::Type(value);
        }
    }
}

fn problem() -> Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build()
}
