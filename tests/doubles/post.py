"""A mail server that takes nothing: it greets, and knows one user and password."""

import base64
import contextlib
import socketserver
import threading
from collections.abc import Iterator

USER, PASSWORD = "ana", "kelp"


class _Talk(socketserver.StreamRequestHandler):
    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say("220 post.example")
        for heard in self.rfile:
            word, _, rest = heard.decode().strip().partition(" ")
            if word.upper() == "EHLO":
                self.say("250-post.example")
                self.say("250 AUTH PLAIN")
            elif word.upper() == "AUTH":
                secret = base64.b64decode(rest.rpartition(" ")[2]).decode()
                known = secret == f"\0{USER}\0{PASSWORD}"
                self.say("235 welcome" if known else "535 not you")
            elif word.upper() == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("502 not here")


class _Post(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextlib.contextmanager
def post() -> Iterator[str]:
    """host:port"""
    with _Post(("127.0.0.1", 0), _Talk) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
