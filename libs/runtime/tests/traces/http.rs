//! A request at the gateway that asks another service.

use std::{collections::BTreeMap, future::IntoFuture, sync::Arc, time::Duration};

use axum::{
    Json, Router, middleware,
    routing::{get, post},
};
use lcr_model::{ServiceName, SystemClock};
use lcr_runtime::{
    KeyFolder, Metrics,
    metrics::{ServiceMetrics, observe},
};
use lcr_web::{
    EgressRules, Outbound,
    metrics::PeerCalls,
    remote::{PeerDirectory, peer::RetryPolicy},
};
use reqwest::Url;
use tokio::net::TcpListener;

use super::collector::{Collector, goes_on, named};

const PERSON: &str = "0190a1b2-c3d4-7000-8000-000000000001";
const OUTSIDE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

async fn serve(router: Router, metrics: &Arc<Metrics>, service: &'static str) -> Url {
    let of = ServiceMetrics { metrics: metrics.clone(), service };
    let router = router.layer(middleware::from_fn_with_state(of, observe));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(axum::serve(listener, router).into_future());
    url
}

/// A gateway whose one page asks audit.
async fn gateway(folder: &lcr_testkit::Folder, metrics: &Arc<Metrics>) -> Url {
    let hello = post(|| async { Json(lcr_observe::trace::id()) });
    let audit = serve(Router::new().route("/internal/v1/hello", hello), metrics, "audit").await;
    let peers = PeerDirectory {
        me: ServiceName::Gateway,
        keys: KeyFolder::open(folder.path()).unwrap().ring(ServiceName::Gateway).unwrap(),
        clock: Arc::new(SystemClock),
        addresses: BTreeMap::from([(ServiceName::Audit, audit)]),
        calls: PeerCalls::new(metrics.meter()).unwrap(),
    };
    let peer = Arc::new(peers.peer(ServiceName::Audit).unwrap());
    let page = get(move || async move {
        let limits = (Duration::from_secs(5), RetryPolicy::Safe);
        let there: Option<String> = peer.call(None, "hello", &(), limits).await.unwrap();
        assert_eq!(there, lcr_observe::trace::id(), "both log one id");
        there.unwrap_or_default()
    });
    serve(Router::new().route("/people/{id}", page), metrics, "gateway").await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_runs_from_a_request_through_a_call_and_no_caller_outside_has_a_say_in_it() {
    let collector = Collector::start("gateway").await;
    let folder = lcr_testkit::Folder::new("traces").unwrap();
    let metrics = Arc::new(Metrics::new("gateway").unwrap());
    let url = gateway(&folder, &metrics).await;
    let outbound = Outbound::new(EgressRules { inside: true, ..EgressRules::default() }).unwrap();
    let page = url.join(&format!("/people/{PERSON}?q=smith")).unwrap();
    let mut request = Outbound::get(page, Duration::from_secs(5));
    request.headers.insert("traceparent", format!("00-{OUTSIDE}-00f067aa0ba902b7-01").parse().unwrap());
    let answer = outbound.send(request).await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (200, 32), "a trace's id");
    let spans = collector.stop().await;

    let (page, call) = (named(&spans, "GET /people/{id}"), named(&spans, "audit hello"));
    assert!(page.parent_span_id.is_empty(), "a caller outside begins nothing here");
    goes_on(call, page);
    goes_on(named(&spans, "POST /internal/v1/hello"), call);
    let exported = format!("{spans:?}");
    for unspoken in [PERSON, "smith", OUTSIDE] {
        assert!(!exported.contains(unspoken), "{unspoken}");
    }
    let text = metrics.text();
    assert!(text.contains(r#"lcr_peer_calls_total{callee="audit",outcome="ok"} 1"#), "{text}");
    let counted = r#"lcr_http_requests_total{method="GET",route="/people/{id}",service="gateway",status="200"} 1"#;
    assert!(text.contains(counted), "{text}");
    assert!(!text.contains(PERSON));
}
