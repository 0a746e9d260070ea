//! What the gateway is given, and the map of its paths. No page is built here, and no path may be served
//! without passing `guard`.

use std::{collections::BTreeMap, fmt, sync::Arc};

use axum::{
    Router, middleware,
    routing::{any, get, post},
};
use lcr_contracts::{Audit, Consent, Identity, PatientIndex, Records};
use lcr_model::{Clock, ServiceName};
use lcr_web::Outbound;
use tower_http::compression::CompressionLayer;

use crate::{
    assets, guard, pages,
    proxy::{self, Forward, OverHttp},
    searches::Searches,
    stream::{self, Streams},
};

/// The seams the portal renders, and how it is reached.
#[derive(Clone)]
pub struct Deps {
    pub identity: Arc<dyn Identity>,
    pub consent: Arc<dyn Consent>,
    pub patient_index: Arc<dyn PatientIndex>,
    pub records: Arc<dyn Records>,
    pub audit: Arc<dyn Audit>,
    pub clock: Arc<dyn Clock>,
    pub settings: Settings,
}

impl fmt::Debug for Deps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deps").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// How the portal is reached and what it forwards to.
#[derive(Debug, Clone)]
pub struct Settings {
    /// As browsers see it: `http://localhost:8080`. Forms must come from it.
    pub public_origin: String,
    /// The demonstration: a ribbon on every page, and only the public host answers.
    pub demo: bool,
    /// Base address of each service that `proxy` may reach.
    pub proxied: BTreeMap<ServiceName, String>,
}

/// What every handler shares.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

pub(crate) struct Shared {
    pub deps: Deps,
    pub searches: Searches,
    pub streams: Streams,
    pub forward: Arc<dyn Forward>,
}

impl std::ops::Deref for App {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

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
