//! The trace a request or an event is part of, as the one line that travels (W3C Trace Context, `traceparent`): out
//! of the running span, and into the span that goes on elsewhere. It carries numbers alone. Where no trace is kept,
//! there is none to name and nothing to continue.

use std::collections::HashMap;

use opentelemetry::{Context, propagation::TextMapPropagator, trace::TraceContextExt};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// What it is called: as a header, and as the extension attribute of an event.
pub const TRACEPARENT: &str = "traceparent";
/// Links of one span at most: a batch of many traces names the first of them.
const LINKS: usize = 32;

/// The running span, for those who go on elsewhere.
pub fn parent() -> Option<String> {
    let mut told = HashMap::new();
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut told);
    told.remove(TRACEPARENT)
}

/// The running trace's id, as logs have it.
pub fn id() -> Option<String> {
    let context = Context::current();
    let told = context.span().span_context().clone();
    told.is_valid().then(|| told.trace_id().to_string())
}

/// `span` goes on where `parent` was written. Before it is entered; a parent that does not read is none.
pub fn go_on(span: &Span, parent: &str) {
    // A span that nobody keeps cannot be told its parent, which is fine.
    let _ = span.set_parent(context(parent));
}

/// `span` is about what others began: it goes on with their trace where they share one, and names each of theirs
/// where they do not.
pub fn go_on_with_all<'p>(span: &Span, parents: impl Iterator<Item = &'p str>) {
    let mut parents: Vec<&str> = parents.collect();
    parents.dedup();
    match parents.as_slice() {
        [] => {}
        [one] => go_on(span, one),
        several => {
            for parent in several.iter().take(LINKS) {
                span.add_link(context(parent).span().span_context().clone());
            }
        }
    }
}

fn context(parent: &str) -> Context {
    let carried = HashMap::from([(TRACEPARENT.to_owned(), parent.to_owned())]);
    // From nothing: what happens to run here is no parent of it.
    TraceContextPropagator::new().extract_with_context(&Context::new(), &carried)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_no_trace_is_kept_none_is_named_and_nonsense_is_none() {
        let span = tracing::info_span!("x");
        go_on(&span, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        assert_eq!(span.in_scope(parent), None);
        assert_eq!(span.in_scope(id), None);
        assert!(!context("not a parent").span().span_context().is_valid());
        assert!(
            context("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
                .span()
                .span_context()
                .is_valid()
        );
    }
}
