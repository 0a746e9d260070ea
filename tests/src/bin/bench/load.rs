//! An HTTP client for the benchmarks. It must never retry.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures::stream::BoxStream;
use lcr_web::{EgressRules, Outbound, OutboundError, outbound::Request};
use reqwest::{Method, Url, header::HeaderValue};
use serde_json::Value;
use tokio::task::JoinSet;

#[derive(Clone)]
pub struct Client {
    outbound: Outbound,
    token: Option<Arc<str>>,
}

impl Client {
    pub fn new(token: Option<&str>) -> Self {
        let rules = EgressRules { loopback: true, ..EgressRules::default() };
        Self { outbound: Outbound::new(rules).unwrap(), token: token.map(Arc::from) }
    }

    /// The body of an answer that must be 200, and how long it took.
    pub async fn get(&self, url: &str) -> (Vec<u8>, Duration) {
        let (status, body, took) = self.ask(url).await;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        (body, took)
    }

    /// The answer with any status, because a source may not offer every type.
    pub async fn ask(&self, url: &str) -> (u16, Vec<u8>, Duration) {
        let mut request = Outbound::get(Url::parse(url).unwrap(), Duration::from_secs(20));
        if let Some(token) = &self.token {
            request.headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
        }
        let started = Instant::now();
        let answer = self.outbound.send(request).await.unwrap();
        (answer.status, answer.body.to_vec(), started.elapsed())
    }

    fn request(&self, method: Method, url: &str, body: Option<&Value>) -> Request {
        let url = Url::parse(url).unwrap();
        let mut request = Request { method, ..Outbound::get(url, Duration::from_mins(1)) };
        if let Some(token) = &self.token {
            let bearer = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
            request.headers.insert("authorization", bearer);
        }
        if let Some(body) = body {
            request.headers.insert("content-type", HeaderValue::from_static("application/json"));
            request.body = Some(body.to_string().into());
        }
        request
    }

    /// Opens an endless body.
    pub async fn open(&self, url: &str) -> BoxStream<'static, Result<Bytes, OutboundError>> {
        let opened = self.outbound.open(self.request(Method::GET, url, None)).await.unwrap();
        assert_eq!(opened.status, 200, "{url}");
        opened.body
    }

    pub async fn post(&self, url: &str, body: &Value) -> u16 {
        self.outbound.send(self.request(Method::POST, url, Some(body))).await.unwrap().status
    }

    pub async fn delete(&self, url: &str) -> u16 {
        self.outbound.send(self.request(Method::DELETE, url, None)).await.unwrap().status
    }

    pub async fn json(&self, url: &str) -> Value {
        serde_json::from_slice(&self.get(url).await.0).unwrap()
    }

    /// Answers per second with `at_once` concurrent clients over `seconds`.
    pub async fn rate(&self, url: &str, at_once: usize, seconds: u64) -> f64 {
        let until = Instant::now() + Duration::from_secs(seconds);
        let mut askers = JoinSet::new();
        for _ in 0..at_once {
            let (client, url) = (self.clone(), url.to_owned());
            askers.spawn(async move {
                let mut answers = 0u32;
                while Instant::now() < until {
                    client.get(&url).await;
                    answers += 1;
                }
                answers
            });
        }
        let answers: u32 = askers.join_all().await.into_iter().sum();
        f64::from(answers) / seconds as f64
    }
}

/// The median in seconds.
pub fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0.0, Duration::as_secs_f64)
}
