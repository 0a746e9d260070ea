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
    assets, guard,
    looked::Looked,
    pages,
    proxy::{self, Forward, OverHttp},
    searches::Searches,
    slots::Streams,
    state::{App, Deps, Shared},
    stream, unread,
};

/// The whole gateway, forwarding over HTTP.
pub fn router(deps: Deps, outbound: Outbound) -> Router {
    router_with(deps, Arc::new(OverHttp::new(outbound)))
}

/// The whole gateway, with another way to forward (`web`'s client, or a test's).
pub fn router_with(deps: Deps, forward: Arc<dyn Forward>) -> Router {
    let cache = deps.cache.clone();
    let app = App(Arc::new(Shared {
        deps,
        searches: Searches::new(cache.clone()),
        streams: Streams::default(),
        looked: Looked::new(cache),
        forward,
    }));
    // Pages and assets travel compressed; a stream of events never does (it would wait to fill a block).
    portal(&app)
        .layer(CompressionLayer::new())
        .merge(machines())
        .layer(middleware::from_fn_with_state(app.clone(), guard::host))
        .with_state(app)
}

/// Pages for people.
fn portal(app: &App) -> Router<App> {
    Router::new()
        .route("/", get(pages::public::start))
        .route("/accessibility", get(pages::public::accessibility))
        .route("/sign-in", get(pages::sign_in::choose))
        .route("/sign-out", post(pages::sign_in::sign_out))
        .route("/home", get(pages::home::home))
        .route("/search", get(pages::search::results).post(pages::search::search))
        .route("/sources", get(pages::sources::sources))
        .merge(lists_and_log())
        .merge(own())
        .merge(choices())
        .route("/people/{id}", get(pages::record::record))
        .route("/people/{id}/timeline", get(pages::timeline::timeline))
        .route("/people/{id}/access", get(pages::log::access))
        .route("/people/{id}/stream", get(stream::stream))
        .route("/people/{id}/documents/{entry}", get(pages::document::viewer))
        .route("/people/{id}/documents/{entry}/content", get(pages::document::content))
        .route("/people/{id}/items/{entry}", get(pages::item::item))
        .route("/people/{id}/{dataset}", get(pages::dataset::dataset))
        .fallback(pages::public::not_found)
        .layer(middleware::from_fn_with_state(app.clone(), unread::in_words))
        .layer(middleware::from_fn(guard::portal_headers))
        .route("/assets/{file}", get(assets::asset))
        .route("/favicon.ico", get(assets::no_icon))
}

/// The virtual ward, and the log, the reviews and the waiting messages for those whose desk they are.
fn lists_and_log() -> Router<App> {
    Router::new()
        .route("/ward", get(pages::ward::inpatients))
        .route("/ward/discharged", get(pages::ward::discharged))
        .route("/ward/seen", post(pages::ward::seen))
        .route("/ward/watch", post(pages::ward::own::watch))
        .route("/ward/settings", post(pages::ward::own::keep))
        .route("/ward/delays", get(pages::ward::delays::page))
        .route("/ward/delays.csv", get(pages::ward::delays::file))
        .route("/ward/stream", get(stream::ward::stream))
        .route("/privacy", get(pages::privacy::search))
        .route("/reviews", get(pages::reviews::list))
        .route("/reviews/{id}", post(pages::reviews::decide))
        .route("/waiting", get(pages::waiting::list))
        .route("/waiting/{id}", get(pages::waiting::message).post(pages::waiting::replay))
}

/// A patient's own pages.
fn own() -> Router<App> {
    Router::new()
        .route("/my-record", get(pages::my_record::who_has_looked))
        .route("/my-record/looks/{entry}", get(pages::my_record::ask_about))
        .route("/my-record/receipts", get(pages::my_record::receipts))
        .route("/my-record/sharing", get(pages::my_record::sharing))
}

/// Choices, at the practice's desk and at the person's own: the same steps.
fn choices() -> Router<App> {
    use pages::choices::{desk, own};
    Router::new()
        .route("/people/{id}/choices", get(desk::list).post(desk::make))
        .route("/people/{id}/choices/confirm", post(desk::confirm))
        .route("/people/{id}/choices/{choice}", get(desk::receipt))
        .route("/people/{id}/choices/{choice}/withdraw", post(desk::withdraw))
        .route("/people/{id}/choices/{choice}/review", post(desk::review))
        .route("/my-record/choices", get(own::list).post(own::make))
        .route("/my-record/choices/confirm", post(own::confirm))
        .route("/my-record/choices/{choice}", get(own::receipt))
        .route("/my-record/choices/{choice}/withdraw", post(own::withdraw))
}

/// What is passed on to the services behind.
fn machines() -> Router<App> {
    let mut router = Router::new();
    for path in proxy::PATHS {
        router = router.route(path, any(proxy::pass_on));
    }
    router
}
