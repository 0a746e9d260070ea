//! The HTTP API: the lists, the delays, and the change feed of an open list. A handler must never answer before the service
//! authorised the reader.

mod answers;

use std::{convert::Infallible, sync::Arc};

use axum::{
    Extension, Json, Router,
    extract::State,
    http::header,
    response::{
        IntoResponse,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::StreamExt;
use lcr_contracts::{
    Failure, VirtualWard,
    ward::{ListOf, ListRequest},
};
use lcr_model::{OdsCode, ViewId, discharge_window::WINDOW_DAYS};
use lcr_web::{Authenticator, Problem, UserCaller, api::serve_api, extract::Params, openapi, remote, streams::Streams};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use answers::{DelayList, DischargeList, InpatientList};

type Api = Arc<dyn VirtualWard>;

pub fn router(api: Api, authenticator: Authenticator) -> Router {
    let documented = OpenApiRouter::new()
        .routes(routes!(inpatients))
        .routes(routes!(discharges))
        .routes(routes!(delays))
        .routes(routes!(stream))
        .with_state(api.clone());
    let public = openapi::with_document(documented, "Leeds Care Record: virtual-ward");
    let router = public.merge(remote::ward::routes(api));
    let streams = Arc::new(Streams::default());
    serve_api(router.layer(Extension(streams)), authenticator)
}

/// The parameters that choose a list. A request has exactly one of them.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "documents the parameters of `parse_query`")]
struct ListParams {
    /// A practice's ODS code.
    #[param(min_length = 3, max_length = 12, pattern = "^[A-Za-z0-9]*$")]
    practice: Option<String>,
    /// A neighbourhood team's ODS code.
    #[param(min_length = 3, max_length = 12, pattern = "^[A-Za-z0-9]*$")]
    team: Option<String>,
    /// A ward of your own hospital.
    #[param(min_length = 1, max_length = 100)]
    ward: Option<String>,
    /// A consultant of your own hospital, by code or name.
    #[param(min_length = 1, max_length = 100)]
    consultant: Option<String>,
    /// `true`: the patients that you watch.
    watched: Option<bool>,
}

/// The window of a list of discharges.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "documents the parameters of `parse_query`")]
struct WindowParams {
    /// 1 to 28; default 28.
    #[param(minimum = 1, maximum = 28)]
    days: Option<u8>,
}

/// The list that is open.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "documents the parameters of `parse_query`")]
struct StreamParams {
    /// 1 to 28 for discharged people; absent for people in hospital.
    #[param(minimum = 1, maximum = 28)]
    days: Option<u8>,
    /// The `view` of the list's answer.
    view: Option<Uuid>,
}

type Query = Params<Vec<(String, String)>>;

/// Parses a query. An error names the wrong parameter but must not repeat its value.
fn parse_query(query: &[(String, String)], also: &[&str]) -> Result<ListRequest, Failure> {
    let mut chosen = None;
    let (mut days, mut view) = (0, ViewId::new());
    let wrong_count =
        || Failure::bad_request("Exactly one of `practice`, `team`, `ward`, `consultant` and `watched` is needed.");
    for (name, value) in query {
        let value = value.trim();
        let of = match name.as_str() {
            "practice" => ListOf::Practice(parse_ods_code("practice", value)?),
            "team" => ListOf::Team(parse_ods_code("team", value)?),
            "ward" => ListOf::Ward(parse_text("ward", value)?),
            "consultant" => ListOf::Consultant(parse_text("consultant", value)?),
            "watched" if value == "true" => ListOf::Watched,
            "watched" => return Err(Failure::bad_request("`watched` is `true`.")),
            "days" if also.contains(&"days") => {
                let parsed = value.parse().ok().filter(|days| (1..=WINDOW_DAYS).contains(days));
                days = parsed.ok_or_else(|| Failure::bad_request("`days` is a number from 1 to 28."))?;
                continue;
            }
            "view" if also.contains(&"view") => {
                let parsed = value.parse();
                view = parsed.map_err(|_| Failure::bad_request("`view` is the id a list was answered with."))?;
                continue;
            }
            _ => {
                let takes = [&["practice", "team", "ward", "consultant", "watched"], also].concat().join("`, `");
                return Err(Failure::bad_request(format!("This call takes `{takes}` and nothing else.")));
            }
        };
        if chosen.replace(of).is_some() {
            return Err(wrong_count());
        }
    }
    Ok(ListRequest { of: chosen.ok_or_else(wrong_count)?, view, days })
}

fn parse_ods_code(name: &str, value: &str) -> Result<OdsCode, Failure> {
    OdsCode::parse(value)
        .ok_or_else(|| Failure::bad_request(format!("`{name}` is an ODS code: 3 to 12 letters and digits.")))
}

fn parse_text(name: &str, value: &str) -> Result<String, Failure> {
    if value.is_empty() || value.chars().count() > 100 {
        return Err(Failure::bad_request(format!("`{name}` is a name or code of up to 100 characters.")));
    }
    Ok(value.to_owned())
}

/// People in hospital now, of a practice, a team, a ward or a consultant.
#[utoipa::path(get, path = "/v1/inpatients", params(ListParams),
    responses((status = 200, description = "the list", body = InpatientList)))]
async fn inpatients(
    State(api): State<Api>,
    reader: UserCaller,
    Params(query): Query,
) -> Result<Json<InpatientList>, Problem> {
    let ask = parse_query(&query, &[])?;
    let view = ask.view;
    Ok(Json(InpatientList::new(view, api.inpatients(&reader.caller, ask).await?)))
}

/// Delays by ward and specialty: passed discharge dates, people who no longer need a bed, bed days lost.
#[utoipa::path(get, path = "/v1/delays", params(ListParams),
    responses((status = 200, description = "the delays; no person", body = DelayList)))]
async fn delays(State(api): State<Api>, reader: UserCaller, Params(query): Query) -> Result<Json<DelayList>, Problem> {
    let ask = parse_query(&query, &[])?;
    let view = ask.view;
    Ok(Json(DelayList::new(view, api.delays(&reader.caller, ask).await?)))
}

/// People who left hospital within the last 28 days.
#[utoipa::path(get, path = "/v1/discharges", params(ListParams, WindowParams),
    responses((status = 200, description = "the list", body = DischargeList)))]
async fn discharges(
    State(api): State<Api>,
    reader: UserCaller,
    Params(query): Query,
) -> Result<Json<DischargeList>, Problem> {
    let mut ask = parse_query(&query, &["days"])?;
    if ask.days == 0 {
        ask.days = WINDOW_DAYS;
    }
    let view = ask.view;
    Ok(Json(DischargeList::new(view, api.discharges(&reader.caller, ask).await?)))
}

/// Changes of an open list: an event `news` with the number of changed stays; `closed` when the list must be read again
/// at once.
#[utoipa::path(get, path = "/v1/stream", params(ListParams, StreamParams),
    responses((status = 200, description = "server-sent events", body = String, content_type = "text/event-stream")))]
async fn stream(
    State(api): State<Api>,
    Extension(authenticator): Extension<Authenticator>,
    Extension(streams): Extension<Arc<Streams>>,
    reader: UserCaller,
    Params(query): Query,
) -> Result<impl IntoResponse, Problem> {
    let time_left = reader.time_left(authenticator.clock.now());
    let ask = parse_query(&query, &["days", "view"])?;
    let open = streams.open(reader.caller.actor.session, format!("{:?}", ask.of))?;
    let news = api.changes(&reader.caller, ask).await?;
    // A stream ends with the reader's token; the client opens it again with a new one.
    let events = news
        .take_until(tokio::time::sleep(time_left))
        .map(|news| Ok::<_, Infallible>(Event::default().event("news").data(json!(news).to_string())));
    let events = Sse::new(open.hold(events)).keep_alive(KeepAlive::default());
    // Added to the cache header of the event stream.
    Ok(([(header::CACHE_CONTROL, "no-store")], events))
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
