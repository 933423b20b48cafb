"""A server that keeps what is sent to it: stands for Sentry, and for a collector of spans."""

import contextlib
import gzip
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotli
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

UNPACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "br": brotli.decompress}


class Collector:
    def __init__(self, port: int) -> None:
        self.port = port
        self.came: list[tuple[str, bytes]] = []  # path, body

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def dsn(self) -> str:
        return f"http://key@127.0.0.1:{self.port}/1"

    def text(self) -> str:
        return "".join(body.decode("utf-8", "replace") for _, body in list(self.came))

    def events(self) -> list[dict[str, Any]]:
        """Sentry's: an envelope is lines of JSON, a header before each item."""
        found = []
        for path, body in list(self.came):
            if path.endswith("/envelope/"):
                lines = [json.loads(line) for line in body.splitlines() if line.strip()]
                found += [line for line in lines if "event_id" in line and "level" in line]
        return found

    def spans(self) -> list[dict[str, Any]]:
        found = []
        for path, body in list(self.came):
            if path == "/v1/traces":
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    for scope in resource.scope_spans:
                        found += [_plain(span) for span in scope.spans]
        return found


def _plain(span: Any) -> dict[str, Any]:
    told = {one.key: one.value.string_value or one.value.int_value for one in span.attributes}
    ids = {"id": span.span_id, "parent": span.parent_span_id, "trace": span.trace_id}
    return {"name": span.name, **ids, **told}


@contextlib.contextmanager
def collecting() -> Iterator[Collector]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            unpack = UNPACK.get(self.headers.get("Content-Encoding", ""), bytes)
            collector.came.append((self.path, unpack(body)))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = Collector(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
