//! Virtual ward over HTTP: the two lists, and news of an open one. Everything is decided and recorded first.

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
    ward::{ListAsk, ListOf},
};
use lcr_model::{OdsCode, ViewId};
use lcr_web::{
    Gate, Problem, Reader,
    extract::Params,
    headers, openapi,
    problem::{not_this_way, nothing_here},
    remote,
    streams::Streams,
};
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::domain::london::WINDOW;

type Api = Arc<dyn VirtualWard>;

pub fn router(api: Api, gate: Gate) -> (Router, OpenApi) {
    let documented = OpenApiRouter::new()
        .routes(routes!(inpatients))
        .routes(routes!(discharges))
        .routes(routes!(delays))
        .routes(routes!(stream))
        .with_state(api.clone());
    let (public, document) = openapi::with_document(documented, "Leeds Care Record: virtual-ward");
    let router = public
        .merge(remote::ward::routes(api))
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_this_way);
    let streams = Arc::new(Streams::default());
    (headers::harden(router.layer(Extension(gate)).layer(Extension(streams))), document)
}

/// Whose list: exactly one of the five.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "documents what `read` takes")]
struct Whose {
    /// A practice's ODS code.
    practice: Option<String>,
    /// A neighbourhood team's ODS code.
    team: Option<String>,
    /// A ward of your own hospital.
    ward: Option<String>,
    /// A consultant of your own hospital, by code or name.
    consultant: Option<String>,
    /// `true`: the patients that you watch.
    watched: Option<bool>,
}

/// Which days.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "documents what `read` takes")]
struct Days {
    /// 1 to 28; 28 when absent.
    days: Option<u8>,
}

/// Which list is open.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "documents what `read` takes")]
struct OpenList {
    /// 1 to 28 for those who left; absent for those in hospital.
    days: Option<u8>,
    /// The `view` that the list was answered with.
    view: Option<String>,
}

type Query = Params<Vec<(String, String)>>;

/// Reads a query, naming what is wrong but repeating nothing of it.
fn read(query: &[(String, String)], also: &[&str]) -> Result<ListAsk, Failure> {
    let mut ask = None;
    let (mut days, mut view) = (0, ViewId::new());
    let wrong = || {
        Failure::bad_request(
            "Exactly one of `practice`, `team`, `ward`, `consultant` and `watched` is needed.",
        )
    };
    for (name, value) in query {
        let value = value.trim();
        let of = match name.as_str() {
            "practice" => ListOf::Practice(code("practice", value)?),
            "team" => ListOf::Team(code("team", value)?),
            "ward" => ListOf::Ward(words("ward", value)?),
            "consultant" => ListOf::Consultant(words("consultant", value)?),
            "watched" if value == "true" => ListOf::Watched,
            "watched" => return Err(Failure::bad_request("`watched` is `true`.")),
            "days" if also.contains(&"days") => {
                let read = value.parse().ok().filter(|days| (1..=WINDOW).contains(days));
                days = read.ok_or_else(|| Failure::bad_request("`days` is a number from 1 to 28."))?;
                continue;
            }
            "view" if also.contains(&"view") => {
                let read = value.parse();
                view =
                    read.map_err(|_| Failure::bad_request("`view` is the id a list was answered with."))?;
                continue;
            }
            _ => {
                let takes =
                    [&["practice", "team", "ward", "consultant", "watched"], also].concat().join("`, `");
                return Err(Failure::bad_request(format!("This call takes `{takes}` and nothing else.")));
            }
        };
        if ask.replace(of).is_some() {
            return Err(wrong());
        }
    }
    Ok(ListAsk { of: ask.ok_or_else(wrong)?, view, days })
}

fn code(name: &str, value: &str) -> Result<OdsCode, Failure> {
    let holds = (3..=12).contains(&value.len()) && value.chars().all(|one| one.is_ascii_alphanumeric());
    holds
        .then(|| OdsCode::new(value.to_ascii_uppercase()))
        .ok_or_else(|| Failure::bad_request(format!("`{name}` is an ODS code: 3 to 12 letters and digits.")))
}

fn words(name: &str, value: &str) -> Result<String, Failure> {
    if value.is_empty() || value.chars().count() > 100 {
        return Err(Failure::bad_request(format!("`{name}` is a name or code of up to 100 characters.")));
    }
    Ok(value.to_owned())
}

/// Who is in hospital now, of a practice, a team, a ward or a consultant.
#[utoipa::path(get, path = "/v1/inpatients", params(Whose),
    responses((status = 200, description = "`as_of`, `view`, `inpatients`, `unmatched`, `hospitals`"),
              (status = 400, description = "a parameter is missing or wrong; it is named")))]
async fn inpatients(
    State(api): State<Api>,
    reader: Reader,
    Params(query): Query,
) -> Result<Json<Value>, Problem> {
    let ask = read(&query, &[])?;
    let view = ask.view;
    let list = api.inpatients(&reader.caller, ask).await?;
    Ok(Json(json!({
        "as_of": list.as_of,
        "view": view,
        "inpatients": list.rows,
        "unmatched": list.unmatched,
        "hospitals": list.hospitals,
    })))
}

/// Delays by ward and specialty: expected days that have passed, people who no longer need a bed, bed days lost.
#[utoipa::path(get, path = "/v1/delays", params(Whose),
    responses((status = 200, description = "`as_of`, `view`, `delays`, `hospitals`; no person"),
              (status = 400, description = "a parameter is missing or wrong; it is named")))]
async fn delays(
    State(api): State<Api>,
    reader: Reader,
    Params(query): Query,
) -> Result<Json<Value>, Problem> {
    let ask = read(&query, &[])?;
    let view = ask.view;
    let list = api.delays(&reader.caller, ask).await?;
    Ok(Json(json!({
        "as_of": list.as_of,
        "view": view,
        "delays": list.delays,
        "hospitals": list.hospitals,
    })))
}

/// Who left hospital within the last 28 days.
#[utoipa::path(get, path = "/v1/discharges", params(Whose, Days),
    responses((status = 200, description = "`as_of`, `view`, `days`, `discharges`, `hospitals`"),
              (status = 400, description = "a parameter is missing or wrong; it is named")))]
async fn discharges(
    State(api): State<Api>,
    reader: Reader,
    Params(query): Query,
) -> Result<Json<Value>, Problem> {
    let mut ask = read(&query, &["days"])?;
    if ask.days == 0 {
        ask.days = WINDOW;
    }
    let view = ask.view;
    let list = api.discharges(&reader.caller, ask).await?;
    Ok(Json(json!({
        "as_of": list.as_of,
        "view": view,
        "days": list.days,
        "discharges": list.rows,
        "hospitals": list.hospitals,
    })))
}

/// News of an open list: an event `news` with how many of its stays changed since; `closed` when it must be read
/// again at once.
#[utoipa::path(get, path = "/v1/stream", params(Whose, OpenList),
    responses((status = 200, description = "server-sent events", content_type = "text/event-stream"),
              (status = 400, description = "a parameter is missing or wrong; it is named")))]
async fn stream(
    State(api): State<Api>,
    Extension(gate): Extension<Gate>,
    Extension(streams): Extension<Arc<Streams>>,
    reader: Reader,
    Params(query): Query,
) -> Result<impl IntoResponse, Problem> {
    let lasts = reader.lasts(gate.clock.now());
    let ask = read(&query, &["days", "view"])?;
    let open = streams.open(reader.caller.actor.session, format!("{:?}", ask.of))?;
    let news = api.news(&reader.caller, ask).await?;
    // Nothing that lasts outlives the word on who reads it: a client asks again with a new token.
    let events = news
        .take_until(tokio::time::sleep(lasts))
        .map(|news| Ok::<_, Infallible>(Event::default().event("news").data(json!(news).to_string())));
    let events = Sse::new(open.hold(events)).keep_alive(KeepAlive::default());
    // Beside what the events' own answer says of caching.
    Ok(([(header::CACHE_CONTROL, "no-store")], events))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(query: &[(&str, &str)]) -> Result<ListAsk, String> {
        let query: Vec<_> = query.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        read(&query, &["days"]).map_err(|failure| failure.outward().to_owned())
    }

    #[test]
    fn exactly_one_of_four_names_the_list() {
        assert_eq!(ask(&[("practice", "y90001")]).unwrap().of, ListOf::Practice(OdsCode::new("Y90001")));
        assert_eq!(ask(&[("ward", "J27")]).unwrap().of, ListOf::Ward("J27".into()));
        for none_or_two in [&[][..], &[("practice", "Y90001"), ("ward", "J27")], &[("days", "3")]] {
            assert!(ask(none_or_two).unwrap_err().contains("Exactly one"));
        }
    }

    #[test]
    fn what_is_wrong_is_named_and_not_repeated() {
        for (name, value) in [("practice", "<b>"), ("days", "29"), ("days", "0"), ("days", "x"), ("ward", "")]
        {
            let words = ask(&[("team", "Y90T01"), (name, value)]).unwrap_err();
            assert!(words.contains(&format!("`{name}`")), "{words}");
            assert!(value.len() < 3 || !words.contains(value), "{words}");
        }
        assert!(ask(&[("team", "Y90T01"), ("colour", "red")]).unwrap_err().contains("`days`"));
    }
}
