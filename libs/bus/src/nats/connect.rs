//! Connects to the broker, and again when the connection is lost. It must never log an address with a password.

use std::{sync::Arc, time::Duration};

use async_nats::{ConnectOptions, Event, jetstream};
use lcr_contracts::Failure;
use lcr_model::backoff::with_jitter;
use tokio::sync::watch as latest;

use super::{
    CALL_TIMEOUT, MAX_UNACKNOWLEDGED, NatsBus,
    stream_setup::{self, StreamSetup},
    unavailable,
};

/// Servers that are electing a leader never answer, so a request is repeated soon.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(2);

/// Parses comma-separated addresses.
fn addresses(urls: &str) -> Option<Vec<async_nats::ServerAddr>> {
    let read = |url: &str| url.trim().parse::<async_nats::ServerAddr>().ok().filter(|it| !it.host().is_empty());
    urls.split(',').map(read).collect()
}

impl NatsBus {
    /// Whether `urls` parses as addresses.
    pub fn are_addresses(urls: &str) -> bool {
        addresses(urls).is_some()
    }

    /// Connects to comma-separated `urls`; `replicas` is the number of servers that store each stream. Returns at once and
    /// connects in the background, again after each loss. Fails only if `urls` does not parse.
    pub async fn connect(urls: &str, replicas: usize) -> Result<Self, Failure> {
        let addresses = addresses(urls).ok_or_else(|| Failure::bad_request("The address of the bus is not valid."))?;
        let (sender, gaps) = latest::channel(0);
        let sender = Arc::new(sender);
        let options = ConnectOptions::new()
            .retry_on_initial_connect()
            .max_reconnects(None)
            .reconnect_delay_callback(reconnect_delay)
            .connection_timeout(CALL_TIMEOUT)
            .request_timeout(Some(REQUEST_TIMEOUT))
            .ping_interval(Duration::from_secs(10))
            .event_callback(move |event| {
                on_event(&sender, &event);
                std::future::ready(())
            });
        // The library parses user and password from an address but does not sign in with them.
        let login = addresses.first().and_then(|to| Some((to.username()?.to_owned(), to.password()?.to_owned())));
        let options = match login {
            Some((user, password)) => options.user_and_password(user, password),
            None => options,
        };
        let client = options.connect(addresses).await.map_err(|error| unavailable(&error))?;
        // No timeout here: requests use the connection's, acknowledgements the library's 5 s.
        let jetstream = jetstream::context::ContextBuilder::new()
            .max_ack_inflight(MAX_UNACKNOWLEDGED)
            .backpressure_on_inflight(true)
            .build(client.clone());
        let stream_setup = Arc::new(StreamSetup::new(client.clone(), jetstream.clone(), replicas.max(1)));
        tokio::spawn(stream_setup::keep_streams(Arc::downgrade(&stream_setup), gaps.clone()));
        Ok(Self { client, jetstream, gaps, stream_setup, logs: Arc::default() })
    }
}

/// From 50 ms to 2 s with jitter, so that a returning broker is not overrun.
fn reconnect_delay(attempts: usize) -> Duration {
    let doubled = Duration::from_millis(50 << attempts.min(6));
    with_jitter(doubled.min(Duration::from_secs(2)))
}

fn on_event(gaps: &latest::Sender<u64>, event: &Event) {
    match event {
        Event::Connected | Event::SlowConsumer(_) => gaps.send_modify(|count| *count += 1),
        _ => {}
    }
    match event {
        Event::Connected => tracing::info!("the bus is connected"),
        Event::Disconnected => tracing::warn!("the bus is not connected"),
        other => tracing::warn!(event = %other, "the bus reports"),
    }
}
