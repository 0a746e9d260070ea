//! The map of the gateway's paths. No page is built here, and no path may be served
//! without passing `guard`.

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{any, get, post},
};
use lcr_web::Outbound;
use tower_http::compression::CompressionLayer;

use crate::{
    assets, guard, pages,
    proxy::{self, Forward, OverHttp},
    searches::Searches,
    slots::Streams,
    state::{App, Deps, Shared},
    stream,
};

/// The whole gateway, forwarding over HTTP.
pub fn router(deps: Deps, outbound: Outbound) -> Router {
    router_with(deps, Arc::new(OverHttp::new(outbound)))
}

/// The whole gateway, with another way to forward (`web`'s client, or a test's).
pub fn router_with(deps: Deps, forward: Arc<dyn Forward>) -> Router {
    let app =
        App(Arc::new(Shared { deps, searches: Searches::default(), streams: Streams::default(), forward }));
    // Pages and assets travel compressed; a stream of events never does (it would wait to fill a block).
    portal()
        .layer(CompressionLayer::new())
        .merge(machines())
        .layer(middleware::from_fn_with_state(app.clone(), guard::host))
        .with_state(app)
}

/// Pages for people.
fn portal() -> Router<App> {
    Router::new()
        .route("/", get(pages::public::start))
        .route("/accessibility", get(pages::public::accessibility))
        .route("/sign-in", get(pages::sign_in::choose))
        .route("/sign-out", post(pages::sign_in::sign_out))
        .route("/home", get(pages::home::home))
        .route("/search", get(pages::search::results).post(pages::search::search))
        .route("/sources", get(pages::sources::sources))
        .route("/my-record", get(pages::log::my_record))
        .route("/people/{id}", get(pages::record::record))
        .route("/people/{id}/timeline", get(pages::timeline::timeline))
        .route("/people/{id}/access", get(pages::log::access))
        .route("/people/{id}/stream", get(stream::stream))
        .route("/people/{id}/documents/{entry}", get(pages::document::viewer))
        .route("/people/{id}/documents/{entry}/content", get(pages::document::content))
        .route("/people/{id}/{dataset}", get(pages::dataset::dataset))
        .fallback(pages::public::not_found)
        .layer(middleware::from_fn(guard::portal_headers))
        .route("/assets/{file}", get(assets::asset))
        .route("/favicon.ico", get(assets::no_icon))
}

/// What is passed on to the services behind.
fn machines() -> Router<App> {
    let mut router = Router::new();
    for path in proxy::PATHS {
        router = router.route(path, any(proxy::pass_on));
    }
    router
}
