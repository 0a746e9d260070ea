//! The `/openapi.json` of a service, generated from its handlers. Every operation also documents its problem answers.

use axum::{Json, Router, routing::get};
use utoipa::{
    PartialSchema,
    openapi::{ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder},
};
use utoipa_axum::router::OpenApiRouter;

use crate::problem::{CONTENT_TYPE, ProblemBody};

/// Splits a documented router into a plain router and its document, which is served beside it.
pub fn with_document(router: OpenApiRouter, title: &str) -> (Router, OpenApi) {
    let (router, mut document) = router.split_for_parts();
    title.clone_into(&mut document.info.title);
    document.info.description = None;
    add_problem_answers(&mut document);
    let served = document.clone();
    (router.route("/openapi.json", get(move || async move { Json(served) })), document)
}

/// Every operation may be refused or fail, always with the same body.
fn add_problem_answers(document: &mut OpenApi) {
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let answer = ResponseBuilder::new().description("refused or failed").content(CONTENT_TYPE, body).build();
    for path in document.paths.paths.values_mut() {
        for operation in [&mut path.get, &mut path.post, &mut path.put, &mut path.delete].into_iter().flatten() {
            operation.responses.responses.insert("default".to_owned(), RefOr::T(answer.clone()));
        }
    }
    let components = document.components.get_or_insert_default();
    components.schemas.insert("Problem".to_owned(), ProblemBody::schema());
}
