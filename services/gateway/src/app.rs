//! The map of the gateway's paths. No page is built here, and no path may be served without the checks of
//! `security_headers`.

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{any, get, post},
};
use lcr_web::Outbound;
use tower_http::compression::CompressionLayer;

use crate::{
    access_log,
    cache::{
        framed_sessions::FramedSessions, open_overrides::OpenOverrides, override_rules::OverrideRules,
        recent_people::RecentPeople, recent_views::RecentViews, search_cache::SearchCache,
        sharing_register::CachedRegister,
    },
    care_list, incidents, launch,
    proxy::{self, Forward, HttpForward},
    public, record, reviews, rules, search,
    state::{App, Deps, SharedState},
    stream::{self, stream_limits::StreamLimits},
    waiting, ward,
    web::{assets, rejections, security_headers},
};

/// The gateway's router, forwarding over HTTP.
pub fn router(deps: Deps, outbound: Outbound) -> Router {
    router_with(deps, Arc::new(HttpForward::new(outbound)))
}

/// The gateway's router with another `Forward`, such as a test's.
pub fn router_with(deps: Deps, forward: Arc<dyn Forward>) -> Router {
    let cache = deps.cache.clone();
    let app = App(Arc::new(SharedState {
        deps,
        search_cache: SearchCache::new(cache.clone()),
        stream_limits: StreamLimits::default(),
        recent_people: RecentPeople::new(cache.clone()),
        framed_sessions: FramedSessions::new(cache.clone()),
        open_overrides: OpenOverrides::new(cache.clone()),
        override_rules: OverrideRules::default(),
        sharing_register: CachedRegister::default(),
        recent_views: RecentViews::new(cache),
        forward,
    }));
    // Pages and assets are compressed. Event streams are not, because compression would delay their events.
    page_routes(&app)
        .layer(CompressionLayer::new())
        .merge(proxy_routes())
        .layer(middleware::from_fn_with_state(app.clone(), security_headers::check_host))
        .with_state(app)
}

fn page_routes(app: &App) -> Router<App> {
    Router::new()
        .route("/", get(public::page::start))
        .route("/accessibility", get(public::page::accessibility))
        .route("/sign-in", get(public::sign_in_page::choose_organisation))
        .route("/sign-in/role", get(public::role_page::choose_role))
        .route("/sign-out", post(public::sign_in_page::sign_out))
        .route("/launch", get(launch::page::start).post(launch::page::accept))
        .route("/launch/open", get(launch::page::open).post(launch::page::confirm))
        .route("/launch/refused", get(launch::page::refused))
        .route("/home", get(search::home_page::home))
        .route("/search", get(search::page::results).post(search::page::search))
        .route("/sources", get(record::sources_page::sources))
        .merge(list_and_log_routes())
        .merge(patient_routes())
        .merge(choice_routes())
        .merge(partner_routes())
        .route("/people/{id}", get(record::page::record))
        .route("/people/{id}/timeline", get(record::timeline_page::timeline))
        .route("/people/{id}/access", get(access_log::officer_person_page::access))
        .route("/people/{id}/claim", get(record::claim_page::to_record).post(record::claim_page::claim))
        .route(
            "/people/{id}/override",
            get(record::claim_page::override_page).post(record::claim_page::override_refusal),
        )
        .route("/people/{id}/override/end", get(record::claim_page::to_record).post(record::claim_page::end_override))
        .route("/people/{id}/stream", get(stream::stream))
        .route("/people/{id}/documents/{entry}", get(record::document_page::viewer))
        .route("/people/{id}/documents/{entry}/content", get(record::document_page::content))
        .route("/people/{id}/items/{entry}", get(record::item_page::item))
        .route("/people/{id}/{dataset}", get(record::dataset_page::dataset))
        .fallback(public::page::not_found)
        .layer(middleware::from_fn_with_state(app.clone(), rejections::explain_rejections))
        .layer(middleware::from_fn(security_headers::add_page_headers))
        .route("/assets/{file}", get(assets::serve_asset))
        .route("/favicon.ico", get(assets::no_favicon))
}

/// The virtual ward, people in care, the log, the rules, the reviews and the waiting messages.
fn list_and_log_routes() -> Router<App> {
    Router::new()
        .route("/ward", get(ward::page::inpatients))
        .route("/ward/discharged", get(ward::page::discharged))
        .route("/ward/seen", post(ward::page::mark_seen))
        .route("/ward/watch", post(ward::settings_page::watch))
        .route("/ward/settings", post(ward::settings_page::save))
        .route("/ward/delays", get(ward::delays_page::page))
        .route("/ward/delays.csv", get(ward::delays_page::csv_file))
        .route("/ward/stream", get(stream::ward::stream))
        .route("/people-in-care", get(care_list::page::people_in_care))
        .route("/privacy", get(access_log::officer_search_page::results).post(access_log::officer_search_page::search))
        .route("/privacy/claims", get(access_log::claim_queue_page::list))
        .route(
            "/privacy/claims/{id}",
            get(access_log::claim_queue_page::to_list).post(access_log::claim_queue_page::review),
        )
        .route("/privacy/incidents", get(incidents::list_page::list).post(incidents::list_page::open))
        .route("/privacy/incidents/{id}", get(incidents::page::page).post(incidents::page::change))
        .route("/rules", get(rules::page::rules))
        .route("/reviews", get(reviews::page::list))
        .route("/reviews/{id}", post(reviews::page::decide))
        .route("/waiting", get(waiting::page::list))
        .route("/waiting/{id}", get(waiting::page::message).post(waiting::page::replay))
}

fn patient_routes() -> Router<App> {
    Router::new()
        .route("/my-record", get(access_log::patient_page::who_has_looked))
        .route("/my-record/looks/{entry}", get(access_log::patient_page::ask_about))
        .route("/my-record/receipts", get(access_log::patient_page::receipts))
        .route("/my-record/sharing", get(access_log::patient_page::sharing))
}

/// The same steps for staff and for patients.
fn choice_routes() -> Router<App> {
    use crate::choices::{patient_page as patient, staff_page as staff};
    Router::new()
        .route("/people/{id}/choices", get(staff::list).post(staff::make))
        .route("/people/{id}/choices/confirm", post(staff::confirm))
        .route("/people/{id}/choices/{choice}", get(staff::receipt))
        .route("/people/{id}/choices/{choice}/withdraw", post(staff::withdraw))
        .route("/people/{id}/choices/{choice}/review", post(staff::review))
        .route("/my-record/choices", get(patient::list).post(patient::make))
        .route("/my-record/choices/confirm", post(patient::confirm))
        .route("/my-record/choices/{choice}", get(patient::receipt))
        .route("/my-record/choices/{choice}/withdraw", post(patient::withdraw))
}

/// Organisations on their way to live data, open sessions, and the public register.
fn partner_routes() -> Router<App> {
    use crate::partners::{
        access_request_page, adoption_page, agreement_page, clients_page, details_page, file_page, list_page,
        notices_page, people_page, providers_page, register_page, schedule_page, sessions_page, system_page,
        systems_page,
    };
    Router::new()
        .route("/sharing", get(register_page::page))
        .route("/sharing.json", get(register_page::json))
        .route("/access-request", get(access_request_page::page).post(access_request_page::ask))
        .route("/sessions", get(sessions_page::own).post(sessions_page::end_own))
        .route("/partners", get(list_page::list))
        .route("/partners/register", get(list_page::to_list).post(list_page::register))
        .route("/partners/{ods}", get(file_page::page).post(file_page::move_state))
        .route("/partners/{ods}/details", get(details_page::page).post(details_page::save))
        .route("/partners/{ods}/schedule", get(schedule_page::page).post(schedule_page::save))
        .route("/partners/{ods}/agreement", get(agreement_page::page).post(agreement_page::change))
        .route("/partners/{ods}/systems", get(systems_page::list))
        .route("/partners/{ods}/systems/new", get(systems_page::new_system).post(systems_page::make))
        .route("/partners/{ods}/systems/{id}", get(system_page::page).post(system_page::change))
        .route("/partners/{ods}/clients", get(clients_page::page).post(clients_page::change))
        .route("/partners/{ods}/sign-in", get(providers_page::page).post(providers_page::change))
        .route("/partners/{ods}/people", get(people_page::page).post(people_page::change))
        .route("/partners/{ods}/sessions", get(sessions_page::of_organisation).post(sessions_page::end_one))
        .route("/partners/{ods}/adoption", get(adoption_page::page))
        .route("/partners/{ods}/notices", get(notices_page::page).post(notices_page::change))
}

/// Requests that are forwarded to the other services.
fn proxy_routes() -> Router<App> {
    let mut router = Router::new();
    for path in proxy::PATHS {
        router = router.route(path, any(proxy::forward_request));
    }
    router
}
