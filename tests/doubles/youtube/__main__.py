"""`python -m tests.doubles.youtube --port 0 --log FILE [--script FILE] [--hash-only]`.

Prints one line of JSON with its address when it listens; with --exports, then NAME=value lines that
lead a studio to it, and an empty line. Media lie beside the log.
"""

import json

from tests.doubles import program, script
from tests.doubles.youtube import server
from tests.doubles.youtube.client import environment
from tests.doubles.youtube.faults import Fault


def main() -> None:
    asks = program.options("tests.doubles.youtube", "what it is asked, a line a request")
    asks.add_argument(
        "--hash-only", action="store_true", help="of videos keep length and hash, no bytes"
    )
    told = asks.parse_args()
    made = server.made(told.port, told.log, keep_bytes=not told.hash_only)
    if told.script:
        made.script.add(script.read(Fault, json.loads(told.script.read_text())))
    program.serve(made, told, environment(made.address))


if __name__ == "__main__":
    main()
