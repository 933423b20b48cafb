# SPDX-License-Identifier: MIT
"""Edits an ONNX file on the level of protobuf fields, so that no engine needs the onnx package.

A message is a run of (field number, wire type, value); only the fields named here are understood,
all others are copied as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

FLOAT, INT64 = 1, 7  # TensorProto.DataType
MODEL_GRAPH = 7
GRAPH_NODE, GRAPH_TENSOR, GRAPH_INPUT, GRAPH_OUTPUT = 1, 5, 11, 12
NODE_INPUT, NODE_OUTPUT, NODE_KIND = 1, 2, 4


def expose(model: bytes, tensor: str, kind: int = FLOAT) -> bytes:
    """The model with one of its inner tensors as a further output."""
    return _edit_graph(model, lambda graph: graph + _field(GRAPH_OUTPUT, _value(tensor, kind, 0)))


def feed_noise(model: bytes, tensor: str, name: str) -> bytes:
    """The model with the random node that makes `tensor` replaced by the input `name`.

    The input may be larger than what the node would draw: it is cut to the shape needed. So the
    model draws nothing itself, and equal inputs give equal outputs.
    """
    return _edit_graph(model, lambda graph: _replace_random(graph, tensor, name))


def outputs_of(model: bytes, kind: str) -> list[str]:
    """The first output of each node of this kind, such as `Ceil`."""
    graph = next(value for number, value, _ in _fields(model) if number == MODEL_GRAPH)
    nodes = [value for number, value, _ in _fields(graph) if number == GRAPH_NODE]
    return [_texts(node, NODE_OUTPUT)[0] for node in nodes if _texts(node, NODE_KIND) == [kind]]


def _replace_random(graph: bytes, tensor: str, name: str) -> bytes:
    out, found = [], False
    for number, value, raw in _fields(graph):
        if number == GRAPH_NODE and _texts(value, NODE_OUTPUT) == [tensor]:
            like = _texts(value, NODE_INPUT)[0]
            out.append(_field(GRAPH_NODE, _node("Shape", [like], f"{name}/shape")))
            cut = [name, f"{name}/start", f"{name}/shape"]
            out.append(_field(GRAPH_NODE, _node("Slice", cut, tensor)))
            found = True
        else:
            out.append(raw)
    if not found:
        raise ValueError(f"no node of the model makes {tensor}")
    out.append(_field(GRAPH_TENSOR, _zeros(f"{name}/start", 3)))
    out.append(_field(GRAPH_INPUT, _value(name, FLOAT, 3)))
    return b"".join(out)


def _node(kind: str, inputs: list[str], output: str) -> bytes:
    ins = b"".join(_field(NODE_INPUT, text.encode()) for text in inputs)
    return ins + _field(NODE_OUTPUT, output.encode()) + _field(NODE_KIND, kind.encode())


def _zeros(name: str, count: int) -> bytes:
    """TensorProto: dims = 1, data_type = 2, name = 8, raw_data = 9."""
    head = _number(1, count) + _number(2, INT64)
    return head + _field(8, name.encode()) + _field(9, bytes(8 * count))


def _value(name: str, kind: int, rank: int) -> bytes:
    """ValueInfoProto: name = 1, type = 2 {tensor_type = 1 {elem_type = 1, shape = 2}}."""
    shape = b"".join(_field(1, _field(2, f"{name}_{axis}".encode())) for axis in range(rank))
    tensor = _number(1, kind) + (_field(2, shape) if rank else b"")
    return _field(1, name.encode()) + _field(2, _field(1, tensor))


def _edit_graph(model: bytes, edit: Callable[[bytes], bytes]) -> bytes:
    return b"".join(
        _field(MODEL_GRAPH, edit(value)) if number == MODEL_GRAPH else raw
        for number, value, raw in _fields(model)
    )


def _texts(message: bytes, wanted: int) -> list[str]:
    return [value.decode() for number, value, _ in _fields(message) if number == wanted]


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """(number, value of a length-delimited field or b"", the field's raw bytes)."""
    at = 0
    while at < len(message):
        start = at
        tag, at = _read_varint(message, at)
        number, wire = tag >> 3, tag & 7
        value = b""
        if wire == 0:
            _, at = _read_varint(message, at)
        elif wire == 2:
            size, at = _read_varint(message, at)
            value, at = message[at : at + size], at + size
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        else:
            raise ValueError(f"wire type {wire} is not protobuf")
        yield number, value, message[start:at]


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)
