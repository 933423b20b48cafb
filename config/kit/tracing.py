"""Spans to an OpenTelemetry collector, where OTEL_EXPORTER_OTLP_ENDPOINT is set.

Requests, stages, and the statements inside them; the SDK reads every other OTEL_* name itself. All
that leaves is scrubbed as log lines are: addresses may be one-time links, errors may name a person.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult

from config.kit import logs

BEHIND = 2  # the middleware that gives ids, and the probes, which nobody wants traced
_ADDRESSES = ("http.url", "http.target", "url.full", "url.path")
_NEVER = ("url.query", "http.user_agent", "user_agent.original", "net.peer.ip", "client.address")


def send(service: str) -> None:
    """Once, before the handler loads the middleware."""
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}))
    provider.sampler = _Rooted(provider.sampler)
    provider.add_span_processor(BatchSpanProcessor(_Scrubbing()))
    trace.set_tracer_provider(provider)
    DjangoInstrumentor().instrument(response_hook=_end, middleware_position=BEHIND)
    PsycopgInstrumentor().instrument()


@contextlib.contextmanager
def span(name: str, about: Mapping[str, Any]) -> Iterator[Any]:
    """Fills registry.span."""
    told = {f"showrunner.{key}": value for key, value in about.items()}
    with trace.get_tracer("showrunner").start_as_current_span(name, attributes=told) as opened:
        try:
            yield opened
        finally:
            _end(opened)


def _end(span: Any, *_: Any) -> None:
    """What became known meanwhile: the team of a request, the outcome of a stage."""
    for name, value in logs.ids().items():
        span.set_attribute(f"showrunner.{name}", value)


class _Rooted(Sampler):
    """Leaves out statements of nobody's: a worker asks the broker five times a second."""

    def __init__(self, then: Sampler) -> None:
        self._then = then

    def should_sample(
        self, parent_context: Context | None, trace_id: int, name: str, *args: Any, **kwargs: Any
    ) -> SamplingResult:
        kind = kwargs.get("kind") or next(iter(args), None)
        is_root = not trace.get_current_span(parent_context).get_span_context().is_valid
        if kind == trace.SpanKind.CLIENT and is_root:
            return SamplingResult(Decision.DROP)
        return self._then.should_sample(parent_context, trace_id, name, *args, **kwargs)

    def get_description(self) -> str:
        return f"Rooted({self._then.get_description()})"


class _Scrubbing(SpanExporter):
    def __init__(self) -> None:
        self._to = OTLPSpanExporter()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._to.export([_scrubbed(span) for span in spans])

    def shutdown(self) -> None:
        self._to.shutdown()  # type: ignore[no-untyped-call]

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._to.force_flush(timeout_millis)


def _scrubbed(span: ReadableSpan) -> ReadableSpan:
    said = span.status.description
    return ReadableSpan(
        name=logs.scrubbed(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_told(span.attributes or {}),
        events=[
            Event(event.name, _told(event.attributes or {}), event.timestamp)
            for event in span.events
        ],
        links=span.links,
        kind=span.kind,
        status=trace.Status(span.status.status_code, said and logs.scrubbed(said)),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _told(attributes: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in attributes.items() if name not in _NEVER}
    for name, value in found.items():
        if isinstance(value, str):
            text = value.partition("?")[0] if name in _ADDRESSES else value
            found[name] = logs.scrubbed(text)
    return found
