"""Pictures and clips of Replicate: jobs, whose ids are kept before anybody waits for them.

One that was sent and not answered is looked for among the account's jobs by its seed, which is made
of the request's key. Replicate forgets what a job was asked after an hour.

What a job is billed (replicate.com/docs/topics/models/official-models, .../predictions/lifecycle,
.../billing): official models what they put out, others (`owner/name:version`) the time that they
were at it, also of a job that failed. One that had begun and is cancelled is charged, one that had
not is free; how much that is of an official model is not said, so it counts as made.
"""

from __future__ import annotations

import calendar
import hashlib
import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from config.kit.errors import (
    AccountFault,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Spend,
    Unavailable,
    VendorTrouble,
)
from config.kit.money import Use
from config.kit.vendors import Account
from videos.contracts import JOB, SENT, Format, Recovery
from videos.providers import downloads
from videos.providers.calling import Ask, Caller, waited
from videos.providers.catalogue import providers
from videos.providers.replies import pack, unpack
from videos.shots import Brief, Credit, Ordered, Shot, Shows

HOSTS = ("replicate.delivery",)
MOST_WORDS = 1_000
RATIOS: Mapping[Format, str] = {"short": "9:16", "landscape": "16:9", "square": "1:1"}
LONGEST_S, LEAST_S = 900.0, 5.0  # after that Replicate cancels it by itself
FIRST_LOOK_S, LAST_LOOK_S = 0.25, 5.0
REMEMBERED_S = 3_000.0  # within the hour for which Replicate knows what was asked
MOST_PAGES = 20
CLOCKS_DIFFER_S = 120.0
FAULTS_BORNE = 5
FLAGGED = ("nsfw", "e005", "sensitive", "flagged", "safety")
CLIP_S, LONGEST_CLIP_S = 5, 12
MACHINE = "machine_seconds"  # which models that are not official bill
ANEW = "do this stage again to have it anew."
DEAD = ("failed", "canceled", "aborted")
Job = dict[str, Any]


class _Replicate:
    shows: ClassVar[Shows]
    unit: ClassVar[str]
    metric: ClassVar[str]  # in which Replicate tells how many of them were made
    usual: ClassVar[int]  # where it does not
    makes: ClassVar[tuple[float, float, float]]  # of them: at least, as expected, at most
    works_s: ClassVar[float]  # as a machine usually is at it
    more: ClassVar[Mapping[str, Any]] = {}
    recovery: Recovery = "lookup"
    version = "1"

    def __init__(self, model: str, account: Account) -> None:
        self.model = model or account.model
        self.name = f"replicate:{self.model}"
        self.licence = f"Made by {self.model} on order, under the terms of the model."
        self._place = downloads.Place("replicate", account, HOSTS)
        heads = {"authorization": f"Bearer {account.key}"}
        self._paid = Caller("replicate", account, heads)
        self._free = Caller("replicate", account, heads, is_paid=False)

    def ask(self, brief: Brief, order: Ordered, *, into: Path) -> None:
        job = self._ended(self._job(brief, order, into), order, into)
        spent, link, body = self.spent(job), _link(job), into.with_suffix(".body")
        if not link:
            _let_go(order, into)
            raise Rejected(
                f"Replicate made nothing of this, or has let go of it: {ANEW}", spent=spent
            )
        try:
            downloads.fetch(link, body, self._place, order)
        except downloads.Gone as error:
            _let_go(order, into)
            raise Rejected(f"Replicate no longer has what was made: {ANEW}", spent=spent) from error
        except ProviderError as error:
            error.spent = tuple(spent)
            raise
        pack({"metrics": job.get("metrics", {})}, body, into)

    def read(self, reply: Path, brief: Brief, *, into: Path) -> Shot:
        job = unpack(reply, into)
        return Shot(into, self.shows, Credit("replicate", model=self.model), self.spent(job))

    def uses(self, brief: Brief) -> Sequence[Use]:
        if self._is_timed:
            return [Use(self.name, MACHINE, 1, self.works_s, LONGEST_S, self.model)]
        return [Use(self.name, self.unit, *self.makes, self.model)]

    @property
    def _is_timed(self) -> bool:
        return ":" in self.model

    def _job(self, brief: Brief, order: Ordered, into: Path) -> Job:
        """The one that this request has become; another one where that came to nothing."""
        kept, sent = _noted(order, JOB), _noted(order, SENT)
        job, is_another = self._kept(kept, order, into), kept.get("is_another", False)
        if job is None and sent and sent["at"] != kept.get("sent"):
            job = self._found_again(sent["at"], kept.get("id", ""), order, into)
            is_another = sent.get("is_another", False)
        elif not kept and not sent:
            job = self._unnoted(order, into)
        if job is None:
            sent = self._send_note(order, into)
            job, is_another = self._created(brief, order, into), sent["is_another"]
        told = {"id": job["id"], "sent": sent.get("at"), "is_another": is_another}
        _note(told, order, JOB, into)
        order.replies.claim(order.request, job["id"], is_another=is_another)
        return job

    def _unnoted(self, order: Ordered, into: Path) -> Job | None:
        """Money was set aside and given up, and no note tells of an order: who held it died before
        one was sent, unless the note is gone. Replicate knows, for as long as it remembers; later
        what was booked stays."""
        former = order.replies.former(order.request)
        if former is None or former.is_booked or former.is_accepted:
            return None
        ago_s = former.now_s - former.first_s
        if not _is_remembered(ago_s):
            return None
        return self._found_again(time.time() - ago_s, "", order, into)

    def _kept(self, kept: Mapping[str, Any], order: Ordered, into: Path) -> Job | None:
        """None: there is none, it came to nothing, or what it made is gone."""
        if not kept or kept.get("is_over"):
            return None
        try:
            return self._alive(self._look(kept["id"], order, into), order)
        except AccountFault:  # perhaps another account than the one that it was ordered by
            if _is_accepted(order):
                return None
            raise

    def _alive(self, job: Job, order: Ordered) -> Job | None:
        """What a dead one has cost is known now."""
        if job["status"] not in DEAD:
            return job
        order.replies.learn(order.request, self.spent(job), job["id"])
        return None

    def _send_note(self, order: Ordered, into: Path) -> Mapping[str, Any]:
        """That a job is ordered now. Where something was bought before, the ledger knows it too:
        who ends the hold for a dead worker takes it for none of that."""
        told = {"at": time.time(), "is_another": order.replies.former(order.request) is not None}
        _note(told, order, SENT, into)
        if told["is_another"]:
            order.replies.claim(order.request, "", is_another=True)
        return told

    def _created(self, brief: Brief, order: Ordered, into: Path) -> Job:
        return self._told(self._paid, self._create(brief, order), order, into)

    def _create(self, brief: Brief, order: Ordered) -> Ask:
        given = {
            "prompt": brief.words[:MOST_WORDS],
            "aspect_ratio": RATIOS[brief.format],
            "seed": seed_of(order.request),
            **self.more,
        }
        until = {"cancel-after": f"{math.ceil(max(LONGEST_S, LEAST_S))}s"}
        if self._is_timed:
            content = {"version": self.model, "input": given}
            return Ask("POST", "/v1/predictions", content, headers=until)
        place = f"/v1/models/{self.model}/predictions"
        return Ask("POST", place, {"input": given}, headers=until)

    def _found_again(self, at: float, known: str, order: Ordered, into: Path) -> Job | None:
        """One that is not known yet. None: it never came there, or came to nothing. Raises
        OutcomeUnknown where that can't be said any more, unless a person has it anew."""
        is_sure = _is_remembered(time.time() - at)
        for job in self._listed(order, into):
            given = job.get("input") or {}
            if given.get("seed") == seed_of(order.request) and job["id"] != known:
                return self._alive(job, order)
            if _made_at(job) < at - CLOCKS_DIFFER_S:
                break
        else:
            is_sure = is_sure and self._saw_all
        if is_sure:
            order.replies.learn(order.request, (), "")
        elif not _is_accepted(order):
            raise OutcomeUnknown(
                f"Nobody can tell any more whether Replicate has begun with this: {ANEW}"
            )
        return None

    def _listed(self, order: Ordered, into: Path) -> Iterator[Job]:
        """Newest first."""
        self._saw_all, path = False, "/v1/predictions"
        for _ in range(MOST_PAGES):
            page = self._told(self._free, Ask("GET", path), order, into)
            yield from page["results"]
            path = str(page.get("next") or "")
            if not path:
                self._saw_all = True
                return
            self._place.check(path)

    def _ended(self, job: Job, order: Ordered, into: Path) -> Job:
        until, pause_s = time.monotonic() + LONGEST_S, FIRST_LOOK_S
        while job["status"] not in ("succeeded", *DEAD):
            if time.monotonic() > until:
                job = self._cancelled(job, order, into)
                continue
            _wait(pause_s, order)
            job = self._look(job["id"], order, into)
            pause_s = min(LAST_LOOK_S, pause_s * 1.5)
        if job["status"] == "succeeded":
            return job
        spent = self.spent(job)
        said = " ".join(str(job.get("error") or "it was cancelled").split())[:200]
        if any(word in said.lower() for word in FLAGGED):
            raise Rejected(f"replicate refuses this: {said}", spent=spent)
        raise VendorTrouble(f"The job at replicate came to nothing: {said}", spent=spent)

    def _cancelled(self, job: Job, order: Ordered, into: Path) -> Job:
        ask = Ask("POST", f"/v1/predictions/{job['id']}/cancel", {})
        return self._told(self._free, ask, order, into)

    def _look(self, number: str, order: Ordered, into: Path) -> Job:
        """A look that fails says nothing of the job, so a few of them are borne."""
        for _ in range(FAULTS_BORNE):
            try:
                return self._told(self._free, _asking(number), order, into)
            except Unavailable as error:
                _wait(min(10.0, max(1.0, error.retry_after_s)), order)
        return self._told(self._free, _asking(number), order, into)

    def _told(self, caller: Caller, ask: Ask, order: Ordered, into: Path) -> Job:
        answer = into.with_suffix(".told")
        try:
            caller.send(ask, into=answer, stopping=order.stopping, beat=order.beat)
        except Rejected as error:
            if caller.is_paid:
                raise
            raise VendorTrouble(error.message) from error  # it says nothing of the job
        try:
            told = json.loads(answer.read_bytes())
        except ValueError:
            told = None
        if not isinstance(told, dict) or not ("results" in told or "id" in told):
            if caller.is_paid:
                raise OutcomeUnknown("replicate took a job, and its answer can't be read.")
            raise VendorTrouble("An answer of replicate can't be read.")
        return told

    def spent(self, job: Mapping[str, Any]) -> list[Spend]:
        """Of one that has ended; what is not told counts as the most that it can be."""
        metrics = job.get("metrics") or {}
        status = job.get("status", "succeeded")
        has_begun = status == "succeeded" or job.get("started_at") is not None
        if self._is_timed:
            ran = metrics.get("predict_time", LONGEST_S)
            return [Spend(self.name, MACHINE, ran if has_begun else 0, model=self.model)]
        is_charged = has_begun and status != "failed"
        made = (metrics.get(self.metric) or self.usual) if is_charged else 0
        return [Spend(self.name, self.unit, made, model=self.model)]


class ReplicateImages(_Replicate):
    account = "replicate"
    kind = "image"
    shows = "picture"
    unit, metric, usual = "images", "image_count", 1
    makes = (1, 1, 1)
    works_s = 15.0
    more: ClassVar[Mapping[str, Any]] = {"num_outputs": 1, "output_format": "jpg"}


class ReplicateClips(_Replicate):
    account = "clip"
    kind = "clip"
    shows = "clip"
    unit, metric, usual = "seconds", "video_output_duration_seconds", CLIP_S
    makes = (CLIP_S * 0.7, CLIP_S, LONGEST_CLIP_S)
    works_s = 120.0


def seed_of(request: str) -> int:
    return int(hashlib.sha256(request.encode()).hexdigest()[:7], 16)


def _is_remembered(ago_s: float) -> bool:
    """Whether Replicate still knows what it was asked then."""
    return ago_s < REMEMBERED_S


def _asking(number: str) -> Ask:
    return Ask("GET", f"/v1/predictions/{number}")


def _wait(seconds: float, order: Ordered) -> None:
    waited(lambda: time.sleep(seconds), stopping=order.stopping, beat=order.beat)


def _made_at(job: Job) -> float:
    """In seconds; what says nothing of it counts as new."""
    try:
        told = str(job["created_at"]).partition(".")[0].rstrip("Z")
        return float(calendar.timegm(time.strptime(told, "%Y-%m-%dT%H:%M:%S")))
    except (KeyError, ValueError):
        return float("inf")


def _link(job: Job) -> str:
    output = job.get("output")
    first = output[0] if isinstance(output, list) and output else output
    return first if isinstance(first, str) else ""


def _noted(order: Ordered, name: str) -> Mapping[str, Any]:
    """{} where there is no such note."""
    note = order.replies.once(order.request + name)
    told: Mapping[str, Any] = json.loads(note.read_bytes()) if note else {}
    return told


def _note(told: Mapping[str, Any], order: Ordered, name: str, into: Path) -> None:
    note = into.with_suffix(".note")
    note.write_text(json.dumps(told), "utf-8")
    order.replies.keep(order.request + name, note)


def _let_go(order: Ordered, into: Path) -> None:
    """What the job made can't be had any more: whoever comes next begins another."""
    _note({**_noted(order, JOB), "is_over": True}, order, JOB, into)


def _is_accepted(order: Ordered) -> bool:
    """A person has it anew, whatever became of what was sent."""
    former = order.replies.former(order.request)
    return former is not None and former.is_accepted


providers.add("image:replicate", ReplicateImages)
providers.add("clip:replicate", ReplicateClips)
