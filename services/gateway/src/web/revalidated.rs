//! Answers that are the same for everybody: a browser asks each time, and receives the content only if it has changed. An answer
//! that names a person must never come here.

use axum::{
    Extension,
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lcr_contracts::Failure;
use lcr_web::Problem;
use sha2::{Digest, Sha256};

use crate::web::security_headers::PublicAnswer;

/// The answer with a name for its content (`ETag`), or 304 if the request names the same. A failure stays as it is.
pub(crate) async fn revalidated(request: &HeaderMap, answer: Response) -> Response {
    if answer.status() != StatusCode::OK {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let Ok(content) = to_bytes(body, usize::MAX).await else {
        return Problem(Failure::internal("the content of an answer broke off")).into_response();
    };
    let name = name_of(&content);
    let Ok(etag) = HeaderValue::from_str(&name) else { return Response::from_parts(parts, Body::from(content)) };
    if names(request, &name) {
        return (StatusCode::NOT_MODIFIED, Extension(PublicAnswer), [(header::ETAG, etag)]).into_response();
    }
    parts.headers.insert(header::ETAG, etag);
    parts.extensions.insert(PublicAnswer);
    Response::from_parts(parts, Body::from(content))
}

/// Weak, because the answer may be compressed on its way.
fn name_of(content: &[u8]) -> String {
    let digest = Sha256::digest(content).iter().take(16).fold(0u128, |sum, byte| sum << 8 | u128::from(*byte));
    format!("W/\"{digest:032x}\"")
}

/// Whether `If-None-Match` names this content (RFC 9110, 13.1.2).
fn names(request: &HeaderMap, name: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let conditions = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    conditions.flat_map(|value| value.split(',')).any(|one| one.trim() == "*" || opaque(one) == opaque(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_changes_with_the_content_and_counts_in_a_list_and_without_its_mark() {
        let name = name_of(b"one");
        assert_ne!(name, name_of(b"two"));
        let names_it = |condition: &str| {
            let value = HeaderValue::from_str(condition).unwrap();
            let request: HeaderMap = [(header::IF_NONE_MATCH, value)].into_iter().collect();
            names(&request, &name)
        };
        for condition in [name.clone(), format!("\"x\", {name}"), name.replace("W/", ""), "*".to_owned()] {
            assert!(names_it(&condition), "{condition}");
        }
        assert!(!names_it("\"x\"") && !names_it("") && !names(&HeaderMap::new(), &name));
    }

    #[tokio::test]
    async fn a_failure_has_no_name() {
        let failure = (StatusCode::SERVICE_UNAVAILABLE, "later").into_response();
        let answer = revalidated(&HeaderMap::new(), failure).await;
        assert!(answer.headers().get(header::ETAG).is_none());
        assert!(answer.extensions().get::<PublicAnswer>().is_none());
    }
}
