//! Trace context as one line (W3C Trace Context, `traceparent`): read from the current span, and continued elsewhere. It
//! holds only numbers. Without a trace there is nothing to pass on.

use std::collections::HashMap;

use opentelemetry::{Context, propagation::TextMapPropagator, trace::TraceContextExt};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The name of the header and of the event's extension attribute.
pub const TRACEPARENT: &str = "traceparent";
/// The most links of one span.
const MAX_LINKS: usize = 32;

/// The context of the current span.
pub fn parent() -> Option<String> {
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut carrier);
    carrier.remove(TRACEPARENT)
}

/// The id of the current trace, as in logs.
pub fn id() -> Option<String> {
    let context = Context::current();
    let carrier = context.span().span_context().clone();
    carrier.is_valid().then(|| carrier.trace_id().to_string())
}

/// Makes `span` a child of `parent`. Call it before entering the span; an invalid parent is ignored.
pub fn set_parent(span: &Span, parent: &str) {
    // A span that is not sampled accepts no parent.
    let _ = span.set_parent(context(parent));
}

/// Makes `span` a child of `parents` if all are the same; otherwise links each of them.
pub fn set_parents<'p>(span: &Span, parents: impl Iterator<Item = &'p str>) {
    let mut parents: Vec<&str> = parents.collect();
    parents.dedup();
    match parents.as_slice() {
        [] => {}
        [one] => set_parent(span, one),
        several => {
            for parent in several.iter().take(MAX_LINKS) {
                span.add_link(context(parent).span().span_context().clone());
            }
        }
    }
}

fn context(parent: &str) -> Context {
    let carried = HashMap::from([(TRACEPARENT.to_owned(), parent.to_owned())]);
    // Start from an empty context: the current span is not a parent.
    TraceContextPropagator::new().extract_with_context(&Context::new(), &carried)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_no_trace_is_kept_none_is_named_and_nonsense_is_none() {
        let span = tracing::info_span!("x");
        set_parent(&span, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        assert_eq!(span.in_scope(parent), None);
        assert_eq!(span.in_scope(id), None);
        assert!(!context("not a parent").span().span_context().is_valid());
        assert!(context("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").span().span_context().is_valid());
    }
}
