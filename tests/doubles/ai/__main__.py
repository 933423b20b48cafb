"""`python -m tests.doubles.ai --port 0 --log FILE [--script FILE] [--seed N] [--vary 0.3]`.

Prints one line of JSON with its address when it listens; with --exports, then NAME=value lines that
lead a studio to it, and an empty line.
"""

import json

from tests.doubles import program, script
from tests.doubles.ai.client import environment
from tests.doubles.ai.faults import Fault
from tests.doubles.ai.server import Server
from tests.doubles.ai.state import State
from tests.doubles.log import Log


def main() -> None:
    asks = program.options("tests.doubles.ai", "what it bills, a line a request")
    asks.add_argument("--seed", type=int, default=0, help="other answers, other usage")
    asks.add_argument("--vary", type=float, default=0, help="how far usage strays: 0.3 is 30 %%")
    asks.add_argument("--job-seconds", type=float, default=0.5, help="how long a job takes")
    told = asks.parse_args()
    server = Server(told.port, Log(told.log), State(told.seed, told.vary, told.job_seconds))
    if told.script:
        server.script.add(script.read(Fault, json.loads(told.script.read_text())))
    program.serve(server, told, environment(server.address))


if __name__ == "__main__":
    main()
