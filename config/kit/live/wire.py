"""Frames straight to a client's connection, where the server is daphne.

ASGI's `send` needs a task a frame, and Twisted's `write` a turn of the loop in which the kernel is
asked three times. A room hands one frame to everybody in it, so what a frame costs is what a room
costs: it is framed once, and what fits goes to the kernel at once.
"""

from typing import Any


class Shared:
    """A frame of bytes that many sockets send: it is framed for the wire once."""

    __slots__ = ("_wire", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._wire = b""

    def __len__(self) -> int:
        return len(self.data)

    def wire(self, protocol: Any) -> bytes:
        if not self._wire:
            prepared = protocol.factory.prepareMessage(self.data, isBinary=True)
            self._wire = prepared.payloadHybi
        return self._wire


def protocol_of(send: Any) -> Any:
    """Daphne's, of a socket; None under another server."""
    found = next(iter(getattr(send, "args", ())), None)
    return found if hasattr(found, "sendCloseFrame") else None


def write(protocol: Any, data: str | bytes | Shared) -> None:
    """What can't be sent is dropped: the connection is at its end, and the socket hears of it."""
    if protocol.state != protocol.STATE_OPEN:
        return
    compresses = bool(getattr(protocol, "websocket_extensions_in_use", None))
    if isinstance(data, str) or compresses:
        plain = data.data if isinstance(data, Shared) else data
        protocol.serverSend(plain, binary=not isinstance(plain, str))
        return
    frame = data if isinstance(data, Shared) else Shared(data)
    _hand_over(protocol, frame.wire(protocol))


def _hand_over(protocol: Any, frame: bytes) -> None:
    transport = protocol.transport
    if _is_idle(transport) and not protocol.send_queue:
        sent = transport.writeSomeData(frame)
        if isinstance(sent, int):
            frame = frame[sent:]
    if frame:
        transport.write(frame)


def _is_idle(transport: Any) -> bool:
    """A plain TCP connection to which nothing is waiting to be written."""
    return (
        getattr(transport, "TLS", True) is False
        and transport.connected
        and not transport.disconnecting
        and not transport.dataBuffer
        and not transport._tempDataLen
    )
