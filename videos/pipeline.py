"""Picks the best ready run, does its stage part by part, settles each."""

import logging
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from config.kit import database, files, jobs, logs
from config.kit.errors import OutcomeUnknown, ProviderError, Spend, Stopped, Unavailable
from config.kit.stores import Lend
from videos import (
    clusters,
    kept,
    limits,
    refusals,
    replies,
    resting,
    routing,
    runs,
    troubles,
    waits,
)
from videos.contracts import JOB, SENT, Former, Made, Part, Task
from videos.heart import Heart
from videos.inputs import PipelineInputs
from videos.keys import key_of
from videos.models import RunPart, StageRun
from videos.purchases import Purchase, Unsure
from videos.stages.catalogue import Stage
from videos.stages.catalogue import get as get_stage

log = logging.getLogger("showrunner.pipeline")
GO_ON_S = 600
LEAST_FREE_MB = 300


@database.unless_away(log)
def work(cluster: str) -> None:
    """Does what is ready for a cluster, and what that makes ready, for ten minutes at most."""
    until = time.monotonic() + GO_ON_S
    claimant = runs.Claimant(cluster, jobs.worker_name(), jobs.long_runs_at_once())
    left_early = False
    run: StageRun | None = None
    while not jobs.stopping() and time.monotonic() < until:
        run = run or runs.claim(claimant.cluster, claimant.worker, claimant.at_once)
        if run is None:
            return
        run = perform(run, claimant)
        left_early = True
    if run is not None:
        runs.give_back(run)
    if left_early:  # what this worker would have come back for is another's now
        database.retry_db(jobs.enqueue)(runs.WORK, cluster, to=cluster)


def perform(run: StageRun, claimant: runs.Claimant | None = None) -> StageRun | None:
    """One attempt at one run, whatever its end. `claimant` and the answer: see runs.finish."""
    ids = {"team": run.team_id, "video": run.video_id, "run": run.pk}
    with logs.work(f"stage {run.stage}", stage=run.stage, **ids):
        return _attempt(run, claimant)


def _attempt(run: StageRun, claimant: runs.Claimant | None) -> StageRun | None:
    try:
        stage = get_stage(run.stage)
    except LookupError as error:
        runs.fail(
            run, f"This version can't do {run.stage}: {error} Duplicate the video to plan anew."
        )
        return None
    try:
        return _perform(run, stage, claimant)
    except (DatabaseError, InterfaceError) as error:
        if not database.is_away(error):
            raise
        _give_back_later(run, error)
        return None


def _perform(run: StageRun, stage: Stage, claimant: runs.Claimant | None) -> StageRun | None:
    began = time.monotonic()
    at_work = None
    try:
        with (
            _Room(run) as room,
            files.lending() as lend,
            Heart(run, stage.silence_s) as heart,
        ):
            at_work = PipelineWork(run, stage, room, heart, lend)
            at_work.do()
        next_one = runs.finish(run, at_work.part_ids, claimant)
        log.info("video %s %s done in %.1f s", run.video_id, run.stage, time.monotonic() - began)
        return next_one
    except Stopped:
        _stopped(run, stage, heart)
    except Unsure as error:
        _ask_first(run, error, _asked(at_work))
    except OutcomeUnknown as error:
        refusals.unanswered(run, error, _asked(at_work))
    except ProviderError as error:
        refusals.refused(run, error, at_work)
    except Exception as error:
        if database.is_away(error):
            raise
        runs.put_off(
            run, f"Something unexpected happened in {run.stage}; the server's log has the details."
        )
        log.exception("video %s %s stumbled", run.video_id, run.stage)
        troubles.count(run.stage, "unexpected")
        raise
    finally:
        if at_work and at_work.is_probe:
            resting.let_go(run)
    return None


def _give_back_later(run: StageRun, error: Exception) -> None:
    """Nothing was wrong with the run: once the database is back, the next worker goes on with it.
    One that is told to go before leaves it to its lease."""
    given = database.waited_out(jobs.stopping) and runs.give_back(run)
    ending, why = "given back" if given else "let go", database.told(error)
    log.warning("video %s %s %s: the database was away: %s", run.video_id, run.stage, ending, why)


def _wait_out(error: BaseException) -> None:
    """Before money is ended that hangs on the part at hand; the heart still beats meanwhile."""
    if database.is_away(error):
        database.waited_out(jobs.stopping)


def _asked(at_work: "PipelineWork | None") -> str:
    return at_work.asked if at_work else ""


def _stopped(run: StageRun, stage: Stage, heart: Heart) -> None:
    if heart.silent:
        runs.put_off(run, f"{run.stage} showed no sign of life for {stage.silence_s} seconds.")
        troubles.count(run.stage, "silent")
    elif runs.give_back(run):
        log.info("video %s %s given back", run.video_id, run.stage)


def _ask_first(run: StageRun, unsure: Unsure, asked: str) -> None:
    """A person says whether to pay for it once more; a bug behind it flies all the same."""
    refusals.count_unanswered(unsure.why, asked)
    troubles.count(run.stage, "outcome_unknown", asked)
    runs.block_unsure(run, unsure.held)
    log.warning("video %s %s blocked: %s", run.video_id, run.stage, unsure.why)
    if not isinstance(unsure.why, (Stopped, OutcomeUnknown)) and not database.is_away(unsure.why):
        raise unsure.why


class _Room:
    """A scratch folder of one attempt; gone when it ends, however it ends."""

    def __init__(self, run: StageRun) -> None:
        self._path = Path(settings.ROOMS_DIR) / f"{run.pk}-{run.fence}"

    def __enter__(self) -> Path:
        shutil.rmtree(self._path, ignore_errors=True)
        try:
            self._path.mkdir(parents=True)
        except OSError as error:
            raise Unavailable(f"The scratch folder can't be made: {error.strerror}.") from error
        free_mb = shutil.disk_usage(self._path).free // 2**20
        if free_mb < LEAST_FREE_MB:
            raise Unavailable(
                f"The disk is almost full ({free_mb} MB left): free some space and retry."
            )
        return self._path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path, ignore_errors=True)


class PipelineWork:
    """The Work of a run: gives the stage its missing parts, and settles what it makes."""

    def __init__(self, run: StageRun, stage: Stage, room: Path, heart: Heart, lend: Lend) -> None:
        self.run, self.stage, self.room, self._heart = run, stage, room, heart
        self.inputs = PipelineInputs(run, lend)
        self.tools = routing.ChosenTools(run, self.inputs)
        self._plan: Sequence[Part] = stage.plan(self.inputs)
        self._weight = sum(part.weight for part in self._plan) or 1.0
        self._behind = 0.0
        self._at: tuple[Part, int, str] | None = None
        self._purchase = Purchase(run)
        self._was_asked = False  # for the part at hand, whoever makes it
        self.is_probe = False  # whether others wait for what it finds out of a provider

    @property
    def part_ids(self) -> list[str]:
        return [part.id for part in self._plan]

    def _provider(self, part: Part) -> str:
        return routing.identity(self.tools, self.stage, part)

    @property
    def asked(self) -> str:
        """The provider that a part is being made by, as `kind:name`; empty between parts."""
        kind = (self._at[0].provider or self.stage.provider) if self._at else ""
        if self._at is None or not kind:
            return ""
        with suppress(ProviderError):  # that its use is refused is what is being told
            name = self._provider(self._at[0]).partition(" ")[0].removeprefix(f"{kind}:")
            return f"{kind}:{name.partition(':')[0]}"
        return ""

    @property
    def _says_when(self) -> bool:
        """Whether the stage asks for an earlier answer before each request for the part at hand."""
        part = self._at[0] if self._at else None
        return part is not None and routing.keeps_answers(self.tools, self.stage, part)

    def _goes_out(self) -> None:
        """Before a request. Raises Busy where its provider is asked enough, or left alone."""
        asked = self.asked
        if asked:
            limits.ask(self.run, asked)
        if clusters.is_remote(asked):
            self.is_probe = resting.refuse(self.run, asked) or self.is_probe
            self._was_asked = True

    def unmade(self, kind: str) -> set[str]:
        """The requests by which the provider of this kind would be asked for what is left, as far
        as what that needs is made."""
        found = set[str]()
        for part in self._plan:
            if (part.provider or self.stage.provider) == kind:
                with suppress(RunPart.DoesNotExist, KeyError, ProviderError):
                    keys = [self._key(part), *self._former_keys(part)]
                    if kept.find(self.run, part.id, keys) is None:
                        found.add(self._request(keys[0]))
        return found

    def do(self) -> None:
        try:
            for made in self.stage.make(self):
                self._settle(made)
        except ProviderError as error:
            self._purchase.refuse(error)
            raise
        except BaseException as error:
            _wait_out(error)
            held = self._purchase.lose()
            if held is not None:
                raise Unsure(held, error) from error
            raise
        settled = RunPart.objects.filter(run=self.run, part__in=self.part_ids)
        if self._plan and settled.count() != len(self._plan):
            raise AssertionError(f"{self.stage.name} left parts of its plan unmade")

    @property
    def parts(self) -> Iterator[Task]:
        for position, part in enumerate(self._plan):
            if self.stopping():
                raise Stopped(f"run {self.run.pk} was told to stop")
            key = self._key(part)
            known = kept.find(self.run, part.id, [key, *self._former_keys(part)])
            if known:
                runs.adopt_part(self.run, part.id, position, known)
            else:
                self._at, self._was_asked = (part, position, key), False
                paths = dict(self._fetched(part))
                task = Task(part.id, part.params, paths, self._request(key), part.voice)
                self._purchase = self._held_for(part, key, task)
                if not self._says_when:
                    self._goes_out()
                yield task
            self._behind += part.weight
            self.beat(0.0)

    def _fetched(self, part: Part) -> Iterator[tuple[str, Path]]:
        """What a part needs, on this machine; each file that comes is a sign of life."""
        for need in part.needs:
            yield need, self.inputs.path(need)
            self.beat(0.0)

    def beat(self, fraction: float, phase: str = "") -> None:
        at_hand = self._at[0].weight if self._at else 0.0
        self._heart.beat((self._behind + at_hand * fraction) / self._weight, phase)

    def stopping(self) -> bool:
        return self._heart.stopping()

    def once(self, request: str) -> Path | None:
        earlier = self._purchase.once(request)
        if earlier is None and not request.endswith((SENT, JOB)):
            self._goes_out()
        return earlier

    def keep(self, request: str, reply: Path) -> None:
        self._purchase.keep(request, reply)

    def learn(self, request: str, spent: Sequence[Spend], answer: str | None = None) -> None:
        self._purchase.learn(request, spent, answer)

    def former(self, request: str) -> Former | None:
        return self._purchase.former(request)

    def claim(self, request: str, answer: str, *, is_another: bool) -> None:
        self._purchase.claim(request, answer, is_another=is_another)

    def _key(self, part: Part, provider: str = "") -> str:
        return key_of(
            stage=self.stage.name,
            version=self.stage.version,
            provider=provider or self._provider(part),
            params=part.params,
            needs={need: self.inputs.sha256(need) for need in part.needs},
        )

    def _former_keys(self, part: Part) -> list[str]:
        names = kept.former_identities(self.run, self.stage, part)
        return [self._key(part, name) for name in names]

    def _settle(self, made: Made) -> None:
        if self._at is None or made.part != self._at[0].id:
            raise AssertionError(f"{self.stage.name} made {made.part}, which was not asked for")
        part, position, key = self._at
        made = self._purchase.timed(made)
        team_id = self.run.team_id
        try:
            stored = {name: files.store(team_id, path) for name, path in made.files.items()}
            result = runs.Result(
                part.id, position, key, self._provider(part), stored, dict(made.facts), made.spent
            )
            runs.settle_part(self.run, result, self._purchase.to_settle())
            if self._was_asked:
                self._answered()
        except BaseException as error:
            _wait_out(error)
            self._purchase.end(made.spent)  # the part is lost, what it cost is not
            self._at, self._purchase = None, Purchase(self.run)
            raise
        self._at, self._purchase = None, Purchase(self.run)
        for path in made.files.values():
            path.unlink(missing_ok=True)

    def _answered(self) -> None:
        self._was_asked = False
        resting.worked(self.asked)
        if self.run.waits or self.run.owed_since:
            waits.forget(self.run)

    def _request(self, key: str) -> str:
        return replies.request_of(self.run.team_id, key)

    def _held_for(self, part: Part, key: str, task: Task) -> Purchase:
        keeps_answers = routing.keeps_answers(self.tools, self.stage, part)
        purchase = Purchase(self.run, part.id, key, keeps_answers=keeps_answers)
        uses = self.stage.uses(self, task) if self.stage.uses else ()
        if uses:
            purchase.hold(uses, routing.request(self.tools, self.stage, part, task.request))
        purchase.take_time(part)
        return purchase
