"""What stages, providers and the pipeline say to each other. Knows no Django.

A stage is a generator `def make(work: Work) -> Iterator[Made]` plus a pure
`plan(inputs: Inputs) -> list[Part]`. File references are written `stage/part/file`,
for example `narration/scene:4f2a91c0/words.json`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from config.kit.errors import Spend
from config.kit.money import Use

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from videos.shots import BoughtPicture, Searches
    from videos.writing.asked import BoughtWriter, Claim

FPS = 30
NARRATION_RATE = 48_000  # Hz, mono, s16le; 1600 samples are one video frame
SAMPLES_PER_FRAME = NARRATION_RATE // FPS

Format = Literal["short", "landscape", "square"]
SIZES: Mapping[str, tuple[int, int]] = {
    "short": (1080, 1920),
    "landscape": (1920, 1080),
    "square": (1080, 1080),
}
WHOLE = "whole"  # the part of a stage that is about the video, not about one scene


def scene_part(scene_id: str) -> str:
    return f"scene:{scene_id}"


def asset(sha256: str) -> str:  # the reference of a file of the team's own
    return f"asset/{sha256}/file"


@dataclass(frozen=True)
class Part:
    """One piece of a stage's work. Equal provider, params and needed bytes: equal result."""

    id: str
    needs: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    weight: float = 1.0  # its share of the stage's progress, relative to its siblings
    voice: str = ""  # `engine:name`: this one makes it, and not the video's
    provider: str = ""  # kind of provider that makes it, where that is not the stage's


@dataclass(frozen=True)
class Made:
    """One finished part: file name -> where it lies in the room, and what it cost."""

    part: str
    files: Mapping[str, Path]
    spent: Sequence[Spend] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)  # small JSON kept beside the files


@dataclass(frozen=True)
class Task:
    """A missing part as a stage sees it: `files` maps each need to a read-only path."""

    id: str
    params: Mapping[str, Any]
    files: Mapping[str, Path]
    request: str = ""  # the key of what is bought for it, the same at every attempt
    voice: str = ""  # of its part


class Inputs(Protocol):
    """What a plan may look at: the order, the script, and finished parts of earlier stages."""

    @property
    def order(self) -> Order: ...

    @property
    def script(self) -> Script: ...  # raises LookupError before the script stage has settled

    def facts(self, stage: str, part: str) -> Mapping[str, Any]: ...

    def path(self, reference: str) -> Path: ...  # `stage/part/file`


class Tools(Protocol):
    """The providers that this run may use, already chosen and stored in the video's plan."""

    @property
    def script(self) -> ScriptWriter | BoughtWriter: ...

    @property
    def reader(self) -> Reader: ...

    def speaker(self, name: str) -> Voice | BoughtVoice: ...  # "": the video's voice

    @property
    def listener(self) -> Listener: ...  # raises LookupError where none is installed

    def maker(self, kind: str) -> BoughtPicture: ...  # raises LookupError where none is set up

    def searches(self, kind: str) -> Searches: ...  # of the maker of this kind

    @property
    def shown(self) -> frozenset[str]: ...  # footage that the channel's last videos have shown

    @property
    def render_threads(self) -> int: ...


SENT, JOB = "/sent", "/job"  # notes on a request: that it goes out now; the job that it became


class Replies(Protocol):
    """Answers to paid requests, on disk before they are parsed; + SENT and + JOB are none yet."""

    def once(self, request: str) -> Path | None: ...  # an earlier answer; its cost is booked

    def keep(self, request: str, reply: Path) -> None: ...

    def learn(self, request: str, spent: Sequence[Spend], answer: str | None = None) -> None:
        """Of an earlier answer: the last or, by name, this one. "": nothing came there."""

    def former(self, request: str) -> Former | None: ...  # None: nothing was bought before

    def claim(self, request: str, answer: str, *, is_another: bool) -> None:
        """An answer or a job by its vendor's name, "" before it is sent. Another: bought anew."""


class Work(Replies, Protocol):
    """All that a stage may touch. Nothing else: no ORM, no settings, no clock."""

    @property
    def parts(self) -> Iterator[Task]: ...

    @property
    def inputs(self) -> Inputs: ...

    @property
    def tools(self) -> Tools: ...

    @property
    def room(self) -> Path: ...  # an empty folder of this run; gone when it ends

    def beat(self, fraction: float, phase: str = "") -> None: ...  # fraction of the part at hand

    def stopping(self) -> bool: ...


Stop = Callable[[], bool]
Beat = Callable[[float], None]


@dataclass(frozen=True)
class Brand:
    """The look of a channel. Colours are `#rrggbb`; `logo` is a blob's sha256 or empty."""

    name: str = "Showrunner"
    ink: str = "#0b0f17"
    paper: str = "#f7f2e8"
    accent: str = "#ffb224"
    second: str = "#33d69f"
    glow: str = "#6d5ef6"
    font: str = "Inter"
    logo: str = ""


@dataclass(frozen=True)
class Order:
    """What the creator asked for; stored with the video and part of what keys are made of."""

    title: str  # may be empty: the script names the video
    source: str  # plain text, markdown, HTML, a script.json, or the address of a page
    source_kind: Literal["auto", "text", "markdown", "html", "script", "url"]
    format: Format
    seconds: int
    language: str  # BCP 47 primary tag, or "" for detect
    voice: str  # `engine:name`, or "" for the default of the language
    music: str  # `composed` or `none`
    brand: Brand
    pictures: Mapping[str, str] = field(default_factory=dict)  # reference in the source -> sha256
    clips: Mapping[str, str] = field(default_factory=dict)  # reference -> sha256
    track: str = ""  # sha256 of the music where `music` is `asset:<id>`
    reading: str = ""  # another one: the page of the source is read anew
    illustrate: str = ""  # what stands behind statements: footage, image, clip, or nothing
    writer: str = ""  # `vendor:model` that is paid to write; empty: the source's own sentences
    tone: str = ""
    audience: str = ""
    told: tuple[str, ...] = ()  # what the channel has told already, as it was when this was ordered
    avoided: tuple[str, ...] = ()  # topics and words that the channel does not want
    turn: int = 0  # how often a person had it written anew
    blocked: tuple[str, ...] = ()  # topics of which no video is made, as its channel has them now


Template = Literal[
    "title", "statement", "list", "number", "quote", "chart", "picture", "clip", "comparison"
]


@dataclass(frozen=True)
class SceneText:
    """One scene. `visual` is `{"template": Template, ...fields of videos.writing.visuals}`."""

    id: str  # eight hex digits, stable over edits
    narration: str
    headline: str
    visual: Mapping[str, Any]
    voice: str = ""  # `engine:name`, or "" for the video's


@dataclass(frozen=True)
class Script:
    """`script.json`. `method` says honestly how the words came about."""

    title: str
    language: str
    method: Literal["assembled", "given", "written", "edited"]
    scenes: tuple[SceneText, ...]
    description: str = ""
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # for the person: what was left out, what to check
    hooks: tuple[str, ...] = ()  # other ways to begin
    claims: tuple[Claim, ...] = ()


class ScriptWriter(Protocol):
    """Raises Rejected with what to change, or Unavailable. `translates = True`: of any language."""

    name: str
    version: str

    def write(self, order: Order, stopping: Stop) -> tuple[Script, Sequence[Spend]]: ...


@dataclass(frozen=True)
class Page:
    """What a page of the web says, and what it says of itself; empty: not said."""

    text: str
    kind: Literal["markdown", "text"]
    url: str  # where it was found in the end
    title: str = ""
    author: str = ""
    date: str = ""  # when it came out, YYYY-MM-DD
    site: str = ""
    language: str = ""
    licence: str = ""
    fetched_at: str = ""


class Reader(Protocol):
    """Fetches a page for its text. Rejected: it can't be read, Unavailable: perhaps later."""

    name: str
    version: str

    def read(self, url: str, *, room: Path, stopping: Stop) -> Page: ...


@dataclass(frozen=True)
class Word:
    """A word as it is read (`$5,633`) and as it is said (`five thousand ... dollars`)."""

    text: str
    spoken: str


@dataclass(frozen=True)
class Said:
    """A mono s16le wave file and, for each word asked for, its [start, end) in samples."""

    path: Path
    sample_rate: int
    samples: int
    times: tuple[tuple[int, int], ...]
    spent: Sequence[Spend] = ()


Recovery = Literal["idempotent", "lookup", "none"]
"""What a provider does about a request of which nobody knows what became: take the same key again
for the same bill, look its job up under the key, or nothing. Saying nothing means `none`."""


class Voice(Protocol):
    """Speaks. Unavailable: the engine can't be reached. Rejected: it can't say this."""

    name: str  # `piper:joe`; stored with the part, so that fail-over never buys twice
    version: str  # of engine and model; part of every key
    licence: str  # one line for provenance.json

    def say(
        self,
        words: Sequence[Word],
        *,
        language: str,
        speed: float,
        into: Path,
        stopping: Stop,
        beat: Beat,
    ) -> Said: ...


@runtime_checkable
class Metered(Protocol):
    """What is paid says what a request may use: its highest is never passed."""

    def uses(self, words: Sequence[Word], params: Mapping[str, Any]) -> Sequence[Use]: ...


class BoughtVoice(Protocol):
    """A voice that a service sells. What it answers is kept between asking and reading."""

    name: str
    version: str
    licence: str
    recovery: Recovery

    def uses(self, words: Sequence[Word], params: Mapping[str, Any]) -> Sequence[Use]: ...

    def ask(
        self,
        words: Sequence[Word],
        *,
        params: Mapping[str, Any],
        request: str,
        into: Path,
        stopping: Stop,
        beat: Beat,
    ) -> None:
        """Buys, and writes the answer to `into` as it came. Raises Unavailable or Rejected with
        what that cost, or OutcomeUnknown when a request went out and nothing came back."""

    def read(self, reply: Path, words: Sequence[Word], *, into: Path) -> Said: ...


@dataclass(frozen=True)
class Former:
    """Attempts at a request that may have been served: when the first and the last began and what
    time it is, in seconds since 1970; whether what became of all is known and booked; whether an
    answer was given to somebody else; and whether a person had it bought again all the same."""

    first_s: float
    last_s: float
    now_s: float
    is_booked: bool
    is_taken: Callable[[str], bool]
    is_accepted: bool = False


@runtime_checkable
class Remembered(Protocol):
    """A bought voice whose vendor keeps what it has answered."""

    def find(
        self, words: Sequence[Word], *, former: Former, into: Path, stopping: Stop, beat: Beat
    ) -> bool:
        """Writes to `into` what a former attempt bought. False: nothing. Unavailable: unsure."""

    def called(self, reply: Path) -> str:
        """What the vendor calls this answer."""


def is_bought(voice: Voice | BoughtVoice) -> TypeIs[BoughtVoice]:
    return hasattr(voice, "ask")


class Listener(Protocol):
    """Transcribes a wave file to words with times in seconds; for the quality check and benches."""

    name: str
    version: str
    languages: tuple[str, ...]

    def hear(self, wave: Path, *, language: str, stopping: Stop) -> list[HeardWord]: ...


@dataclass(frozen=True)
class HeardWord:
    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Finding:
    """One remark of the quality check. `fail` blocks publishing, `warning` is for the person."""

    code: str
    level: Literal["fail", "warning", "info"]
    message: str
    scene_id: str = ""
    at_s: float = 0.0  # in the finished video
    value: float | None = None
    limit: float | None = None
