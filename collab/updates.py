"""What an update of Yjs holds, read before it is merged into a document.

Yrs decodes nested values, and deletes shared types within shared types, by recursion: a few hundred
kilobytes that nest deep enough end the whole process. A script needs neither: letters, and plain
values that are nearly flat.
"""

from collab.documents import BadUpdate

DEEPEST = 32  # lists and objects within each other
_GC, _SKIP = 0, 10  # structs without content
_DELETED, _BINARY, _STRING, _EMBED, _FORMAT, _ANY = 1, 3, 4, 5, 6, 8
_HAS_ORIGIN, _HAS_RIGHT_ORIGIN, _HAS_PARENT_KEY = 128, 64, 32
_LIST, _OBJECT = 117, 118
_BYTES_OF = {120: 0, 121: 0, 122: 8, 123: 8, 124: 4, 126: 0, 127: 0}  # of a value behind its kind
_BIG_INT, _TEXT, _BUFFER = 125, 119, 116


def check(update: bytes) -> None:
    """Raises BadUpdate. What it deletes, at its end, the library reads without harm."""
    walk = _Walk(update)
    try:
        for _ in range(walk.number()):
            structs = walk.number()
            walk.id()
            for _ in range(structs):
                walk.struct()
    except IndexError:
        raise BadUpdate("This update is cut off.") from None


class _Walk:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def number(self) -> int:
        value = 0
        for shift in range(0, 64, 7):
            byte = self._data[self._at]
            self._at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise BadUpdate("A number in this update is too long.")

    def id(self) -> None:
        self.number()
        self.number()

    def chunk(self) -> None:
        self._skip(self.number())

    def _skip(self, count: int) -> None:
        self._at += count
        if self._at > len(self._data):
            raise IndexError

    def struct(self) -> None:
        info = self._data[self._at]
        self._at += 1
        if info in (_GC, _SKIP):
            self.number()
            return
        if info & _HAS_ORIGIN:
            self.id()
        if info & _HAS_RIGHT_ORIGIN:
            self.id()
        if not info & (_HAS_ORIGIN | _HAS_RIGHT_ORIGIN):
            self._parent(info)
        self._content(info & 15)

    def _parent(self, info: int) -> None:
        if self.number() == 1:
            self.chunk()  # the name of a root
        else:
            self.id()
        if info & _HAS_PARENT_KEY:
            self.chunk()

    def _content(self, kind: int) -> None:
        if kind == _DELETED:
            self.number()
        elif kind in (_BINARY, _STRING, _EMBED):
            self.chunk()
        elif kind == _FORMAT:
            self.chunk()
            self.chunk()
        elif kind == _ANY:
            for _ in range(self.number()):
                self._value(0)
        else:
            raise BadUpdate("A script holds no shared types within others.")

    def _value(self, depth: int) -> None:
        kind = self._data[self._at]
        self._at += 1
        if kind in (_LIST, _OBJECT):
            if depth == DEEPEST:
                raise BadUpdate("These values nest too deep.")
            for _ in range(self.number()):
                if kind == _OBJECT:
                    self.chunk()
                self._value(depth + 1)
        elif kind in (_TEXT, _BUFFER):
            self.chunk()
        elif kind == _BIG_INT:
            self.number()
        elif kind in _BYTES_OF:
            self._skip(_BYTES_OF[kind])
        else:
            raise BadUpdate("There is no such value.")
