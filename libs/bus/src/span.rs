//! The span of a batch: named by what it brings, part of the trace that wrote it. It holds no key and no body.

use lcr_contracts::events::{CloudEvent, Stream};
use lcr_observe::trace;
use tracing::{Span, field::Empty};

use crate::Mode;

/// Goes on with the trace of the batch's events where they share one, and links each of theirs otherwise.
pub(crate) fn of(stream: Stream, mode: Mode, events: &[CloudEvent]) -> Span {
    // Of a watch nothing follows but a look at open pages, whose own requests are traced.
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
    trace::go_on_with_all(&span, events.iter().filter_map(|event| event.traceparent.as_deref()));
    span
}
