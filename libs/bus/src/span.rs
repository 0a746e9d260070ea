//! The tracing span of a batch, in the trace that wrote the events. It must hold no key and no body.

use lcr_contracts::events::{CloudEvent, Stream};
use lcr_observe::trace;
use tracing::{Span, field::Empty};

use crate::Mode;

/// Continues the parent if all events name the same one; otherwise links each of them.
pub(crate) fn of(stream: Stream, mode: Mode, events: &[CloudEvent]) -> Span {
    // A watcher only checks open pages, whose own requests are traced.
    let Mode::Work(consumer) = mode else { return Span::none() };
    let span = tracing::info_span!(
        "consume",
        otel.name = Empty,
        otel.kind = "consumer",
        consumer,
        stream = stream.name(),
        events = events.len()
    );
    if span.is_disabled() {
        return span;
    }
    let first = events.first().map_or("nothing", |event| event.event_type.as_str());
    let alike = events.iter().all(|event| event.event_type == first);
    let name = if alike { first } else { stream.name() };
    span.record("otel.name", format!("process {name}"));
    trace::set_parents(&span, events.iter().filter_map(|event| event.traceparent.as_deref()));
    span
}
