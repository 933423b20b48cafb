"""Spans to an OpenTelemetry collector, where OTEL_EXPORTER_OTLP_ENDPOINT is set.

Requests, stages, and the statements inside them; the SDK reads every other OTEL_* name itself. All
that leaves is scrubbed as log lines are: addresses may be one-time links, errors may name a person.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult

from config.kit import logs

Handler = Callable[[HttpRequest], HttpResponseBase]


def send(service: str) -> None:
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}))
    provider.sampler = _Rooted(provider.sampler)
    provider.add_span_processor(BatchSpanProcessor(_Scrubbing()))
    trace.set_tracer_provider(provider)
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


def requests(get_response: Handler) -> Handler:
    """Middleware, behind the probes, which nobody wants traced. Goes on with the caller's trace.

    OpenTelemetry's own for Django leaves requests by ASGI alone unless it has another package.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with trace.get_tracer("showrunner").start_as_current_span(
            str(request.method),
            context=propagate.extract(request.headers),
            kind=trace.SpanKind.SERVER,
            attributes={"http.request.method": str(request.method), "url.path": request.path},
        ) as opened:
            response = get_response(request)
            route = request.resolver_match.route if request.resolver_match else ""
            opened.update_name(f"{request.method} /{route}".strip())
            opened.set_attribute("http.route", f"/{route}")
            opened.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= 500:
                opened.set_status(trace.StatusCode.ERROR)
            _end(opened)
        return response

    return middleware


def _end(span: Any) -> None:
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
    return {
        name: logs.scrubbed(value) if isinstance(value, str) else value
        for name, value in attributes.items()
    }
