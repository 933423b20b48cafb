"""`/_control/`: faults, the log, the bill and the prices, for whoever tests."""

import json
import re
from typing import Protocol

from tests.doubles import script
from tests.doubles.ai import prices
from tests.doubles.ai.bill import bill
from tests.doubles.ai.faults import Fault
from tests.doubles.ai.state import State
from tests.doubles.ai.talk import Answer, told
from tests.doubles.log import Log


class Controlled(Protocol):
    log: Log
    state: State
    script: script.Script[Fault]


def answer(server: Controlled, method: str, path: str, raw: bytes) -> Answer:
    asked = f"{method} {path.removeprefix('/_control/')}"
    if found := re.fullmatch(r"GET asked/(\d+)", asked):
        body = server.log.body(int(found[1]))
        return Answer(body or b"", status=404 if body is None else 200)
    if asked == "POST faults":
        return _set(server, raw)
    if asked == "POST reset":
        server.script.forget()
        server.state.forget()
        server.log.forget()
        return told({})
    told_of = {
        "GET faults": server.script.told,
        "GET log": server.log.lines,
        "GET bill": lambda: bill(server.log.lines()),
        "GET prices": lambda: prices.RATES,
    }
    return told(told_of[asked]()) if asked in told_of else told({"error": asked}, status=404)


def _set(server: Controlled, raw: bytes) -> Answer:
    try:
        server.script.add(script.read(Fault, json.loads(raw)))
    except ValueError as error:
        return told({"error": str(error)}, status=400)
    return told({"faults": server.script.told()})
