"""Pictures and clips of Replicate: jobs, whose ids are kept before anybody waits for them.

One that was sent and not answered is looked for among the account's jobs by its seed, which is made
of the request's key. Replicate forgets what a job was asked after an hour.
"""

from __future__ import annotations

import calendar
import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from config.kit.errors import (
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Spend,
    Unavailable,
    VendorTrouble,
)
from config.kit.money import Use, exactly
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
LONGEST_S = 900.0
FIRST_LOOK_S, LAST_LOOK_S = 0.25, 5.0
REMEMBERED_S = 3_000.0  # within the hour for which Replicate knows what was asked
MOST_PAGES = 20
CLOCKS_DIFFER_S = 120.0
FAULTS_BORNE = 5
FLAGGED = ("nsfw", "e005", "sensitive", "flagged", "safety")
CLIP_S, LONGEST_CLIP_S = 5, 12
ANEW = "do this stage again to have it anew."
DEAD = ("failed", "canceled", "aborted")
Job = dict[str, Any]


class _Replicate:
    shows: ClassVar[Shows]
    unit: ClassVar[str]
    metric: ClassVar[str]  # in which Replicate tells how many of them were made
    usual: ClassVar[int]  # where it does not
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
        spent, link, body = self._spent(job), _link(job), into.with_suffix(".body")
        if not link:
            raise Rejected(
                f"Replicate made nothing of this, or has let go of it: {ANEW}", spent=spent
            )
        try:
            downloads.fetch(link, body, self._place, order)
        except downloads.Gone as error:
            raise Rejected(f"Replicate no longer has what was made: {ANEW}", spent=spent) from error
        except ProviderError as error:
            error.spent = tuple(spent)
            raise
        pack({"metrics": job.get("metrics", {})}, body, into)

    def read(self, reply: Path, brief: Brief, *, into: Path) -> Shot:
        job = unpack(reply, into)
        return Shot(into, self.shows, Credit("replicate", model=self.model), self._spent(job))

    def _job(self, brief: Brief, order: Ordered, into: Path) -> Job:
        """The one that this request has become, unless that came to nothing."""
        kept = order.replies.once(order.request + JOB)
        job = self._look(json.loads(kept.read_bytes())["id"], order, into) if kept else None
        sent = order.replies.once(order.request + SENT)
        if sent is not None and (job is None or _is_dead(job)):
            job = self._found_again(json.loads(sent.read_bytes())["at"], order, into)
        if job is None or _is_dead(job):
            _note({"at": time.time()}, order, SENT, into)
            job = self._told(self._paid, self._create(brief, order), order, into)
        _note({"id": job["id"]}, order, JOB, into)
        return job

    def _create(self, brief: Brief, order: Ordered) -> Ask:
        given = {
            "prompt": brief.words[:MOST_WORDS],
            "aspect_ratio": RATIOS[brief.format],
            "seed": seed_of(order.request),
            **self.more,
        }
        name, _, version = self.model.partition(":")
        if version:
            return Ask("POST", "/v1/predictions", {"version": self.model, "input": given})
        return Ask("POST", f"/v1/models/{name}/predictions", {"input": given})

    def _found_again(self, at: float, order: Ordered, into: Path) -> Job | None:
        """None: it never came there. Raises OutcomeUnknown where that can't be said any more."""
        is_sure = time.time() - at < REMEMBERED_S
        for job in self._listed(order, into):
            given = job.get("input") or {}
            if given.get("seed") == seed_of(order.request):
                return job
            if _made_at(job) < at - CLOCKS_DIFFER_S:
                break
        else:
            is_sure = is_sure and self._saw_all
        if not is_sure:
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
        nothing = [Spend(self.name, self.unit, 0, model=self.model)]
        said = " ".join(str(job.get("error") or "it was cancelled").split())[:200]
        if any(word in said.lower() for word in FLAGGED):
            raise Rejected(f"replicate refuses this: {said}", spent=nothing)
        raise VendorTrouble(f"The job at replicate came to nothing: {said}", spent=nothing)

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
        caller.send(ask, into=answer, stopping=order.stopping, beat=order.beat)
        try:
            told = json.loads(answer.read_bytes())
        except ValueError:
            told = None
        if not isinstance(told, dict) or not ("results" in told or "id" in told):
            if caller.is_paid:
                raise OutcomeUnknown("replicate took a job, and its answer can't be read.")
            raise VendorTrouble("An answer of replicate can't be read.")
        return told

    def _spent(self, job: Mapping[str, Any]) -> list[Spend]:
        made = (job.get("metrics") or {}).get(self.metric) or self.usual
        return [Spend(self.name, self.unit, made, model=self.model)]


class ReplicateImages(_Replicate):
    account = "replicate"
    kind = "image"
    shows = "picture"
    unit, metric, usual = "images", "image_count", 1
    more: ClassVar[Mapping[str, Any]] = {"num_outputs": 1, "output_format": "jpg"}

    def uses(self, brief: Brief) -> Sequence[Use]:
        return [exactly(self.name, self.unit, 1, self.model)]


class ReplicateClips(_Replicate):
    account = "clip"
    kind = "clip"
    shows = "clip"
    unit, metric, usual = "seconds", "video_output_duration_seconds", CLIP_S

    def uses(self, brief: Brief) -> Sequence[Use]:
        return [Use(self.name, self.unit, CLIP_S * 0.7, CLIP_S, LONGEST_CLIP_S, self.model)]


def seed_of(request: str) -> int:
    return int(hashlib.sha256(request.encode()).hexdigest()[:7], 16)


def _is_dead(job: Job) -> bool:
    return job["status"] in DEAD


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


def _note(told: Mapping[str, Any], order: Ordered, name: str, into: Path) -> None:
    note = into.with_suffix(".note")
    note.write_text(json.dumps(told), "utf-8")
    order.replies.keep(order.request + name, note)


providers.add("image:replicate", ReplicateImages)
providers.add("clip:replicate", ReplicateClips)
