"""Which providers a video uses: chosen once, stored in its plan, the same on every later run."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, cast

from django.conf import settings

from billing import ledger
from config.kit.database import verb
from config.kit.errors import Refused, Unavailable
from teams.access import Actor
from videos import clusters, consents, makers_told, moves, reading, vendor_voices
from videos.contracts import BoughtVoice, Inputs, Listener, Part, Reader, ScriptWriter, Tools, Voice
from videos.models import RunPart, SourceKind, StageRun, Video
from videos.providers.calling import check_account
from videos.providers.catalogue import providers
from videos.providers.voices import Offer, choose_voice
from videos.searches import KeptSearches
from videos.shots import BoughtPicture
from videos.stages import catalogue
from videos.stages.catalogue import Stage
from videos.writing.asked import BoughtWriter
from videos.writing.sources import find_kind, is_page
from videos.writing.visuals import source_of

LISTENER = "whisper"
VOICE = "voice"
PORTS = {"source": "reader"}  # kinds that Tools knows by another name
VISUALS = "visuals"
MAKERS = {  # of pictures and clips, those first that are chosen where several are set up
    "image": ("openai", "replicate"),
    "footage": ("pexels", "pixabay"),
    "clip": ("replicate",),
}
LOOKED_BACK = 20  # videos of a channel whose footage is not shown again


def plan_for(video: Video, brand: Mapping[str, str], writer: str) -> dict[str, Any]:
    """The stages with what each waits for; stored, so a later version can't strand the video."""
    steps = {
        name: {"after": catalogue.makers(name), "cluster": catalogue.get(name).cluster}
        for name in catalogue.in_order()
    }
    return {
        "stages": steps,
        "title": video.title,
        "providers": {"script": writer, "listener": LISTENER},
        "brand": dict(brand),
        "licences": {},
        makers_told.TOLD: told_makers(),
    }


def told_makers() -> dict[str, str]:
    """Who makes what is paid where a video chooses nobody, as its estimate is made."""
    return {kind: name for kind in makers_told.PAID if (name := usual_maker(kind))}


def provider_of(video: Video, stage: str, named: Collection[str] = ("",)) -> str:
    """As it is registered; "" where the stage uses none, or where it is not chosen yet. `named` are
    voices of scenes, "" the video's: a run that asks several has them apart by blanks."""
    kind = catalogue.get(stage).provider
    usual = video.plan["providers"].get(kind, "") or (video.voice if kind == VOICE else "")
    asked = {name or usual for name in named} if kind == VOICE else {usual}
    return _registered(kind, asked)


def _registered(kind: str, names: Collection[str]) -> str:
    found = {f"{kind}:{name.partition(':')[0]}" for name in names}
    return " ".join(sorted(one for one in found if one in providers))


def makers_of(video: Video) -> str:
    """Whom its scenes ask for pictures and clips, as they are registered."""
    visuals = list(video.scenes.values_list("visual", flat=True))
    kinds = {source_of(visual, video.illustrate) for visual in visuals} or {video.illustrate}
    chosen = {kind: video.plan["providers"].get(kind) or usual_maker(kind) for kind in kinds - {""}}
    return " ".join(sorted(_registered(kind, [name]) for kind, name in chosen.items() if name))


def usual_maker(kind: str) -> str:
    """The first that is set up, with its model; "" where none is."""
    return next(iter(makers(kind)), "")


def makers(kind: str) -> list[str]:
    """Those that are set up for this kind of picture, as a plan names them."""
    found = [providers.get(f"{kind}:{vendor}") for vendor in MAKERS[kind]]
    accounts = [(one, settings.ACCOUNTS[one.account]) for one in found]
    return [one("", account).name for one, account in accounts if account.is_set]


def refuse_no_maker(illustrate: str) -> None:
    if illustrate and not makers(illustrate):
        raise Refused(
            f"illustrate: nobody is set up here for {illustrate}: an operator sets a key.",
            code="invalid",
        )


def maker(kind: str, name: str) -> BoughtPicture:
    """Raises LookupError."""
    return cast(BoughtPicture, made(kind, name))


def name_providers(video: Video) -> None:
    """Beside each run: whom it will ask, and who serves it for that. Its claim looks for places."""
    named = set(video.scenes.values_list("voice", flat=True)) or {""}
    for run in video.runs.all():
        provider = asked_by(video, run.stage, named)
        cluster = clusters.cluster_of(run.stage, provider) or run.cluster
        if (provider, cluster) != (run.provider, run.cluster):
            video.runs.filter(pk=run.pk).update(provider=provider, cluster=cluster)


def asked_by(video: Video, stage: str, named: Collection[str] = ("",)) -> str:
    """All providers that a run of this stage asks; "" for a stage that is not known any more."""
    if stage not in catalogue.names():
        return ""
    asked = makers_of(video) if stage == VISUALS else provider_of(video, stage, named)
    reads_page = stage == "script" and is_page(video.source, video.source_kind)
    return f"{asked} {reading.READER}" if reads_page else asked


def plan_anew(video: Video, writer: str, changed: Collection[str]) -> None:
    """What was chosen stays, unless the change could call for another choice."""
    video.plan["title"] = video.title if "title" in changed else video.order().title
    video.plan["providers"]["script"] = writer
    video.plan[makers_told.TOLD] = told_makers()
    if "writer" in changed:  # whom a person chose took over for nobody
        steps = video.plan.get("rerouted", [])
        video.plan["rerouted"] = [step for step in steps if step["kind"] != "script"]
    if not {"source", "language", "voice"}.isdisjoint(changed):
        video.plan["providers"].pop(VOICE, None)
    if not {"source", "language"}.isdisjoint(changed):
        forget_voices(video)


def forget_voices(video: Video) -> None:
    """Those that scenes name: in another language it is asked again whether they speak it."""
    licences = video.plan["licences"]
    video.plan["licences"] = {name: told for name, told in licences.items() if ":" not in name}


def writer_for(source: str, kind: str, paid: str = "") -> str:
    """Which script provider reads this source: a ready script needs nobody, whoever is wanted.
    Looks at the text, so not inside a transaction."""
    found = find_kind(source) if kind == SourceKind.AUTO else kind
    return "given" if found == SourceKind.SCRIPT else paid or "extractive"


class ChosenTools:
    """The Tools of one run; the voice is chosen when the language is known, then kept."""

    render_threads = settings.RENDER_THREADS

    def __init__(self, run: StageRun, inputs: Inputs) -> None:
        self._run, self._inputs = run, inputs

    @property
    def _video(self) -> Video:
        return self._run.video

    def _named(self, kind: str) -> str:
        return str(self._video.plan["providers"].get(kind, ""))

    @cached_property
    def script(self) -> ScriptWriter | BoughtWriter:
        return cast(ScriptWriter | BoughtWriter, made("script", self._named("script")))

    @cached_property
    def listener(self) -> Listener:
        """Raises LookupError where it is not set up: the report then says that nobody listened."""
        found = providers.get(f"listener:{self._named('listener')}")
        if not found.present():
            raise LookupError("no listener is set up here")
        return cast(Listener, found())

    @cached_property
    def reader(self) -> Reader:
        return reading.reader()

    def speaker(self, name: str) -> Voice | BoughtVoice:
        """One that a scene names is looked at when it first speaks here, as the video's is."""
        team_id = self._run.team_id
        if not name:
            found = self._usual_voice
            refuse_unusable(team_id, found.name)  # a consent may have been withdrawn meanwhile
            return found
        refuse_unusable(team_id, name)
        if name not in self._video.plan["licences"]:
            choose(team_id, name, self._inputs.script.language, offers(team_id))
            _remember_licence(self._video, name, _voice(name).licence)
        return _voice(name)

    def maker(self, kind: str) -> BoughtPicture:
        """Chosen when a scene first asks for such a picture, then kept."""
        name = self._named(kind)
        if not name:
            name = usual_maker(kind)
            if not name:
                raise LookupError(f"no {kind} is set up here")
            was = makers_told.of(self._video, kind)
            if was not in ("", name):
                makers_told.refuse_other(self._video, kind, maker(kind, was), maker(kind, name))
            _remember(self._video, kind, name, maker(kind, name).licence)
        return maker(kind, name)

    def searches(self, kind: str) -> KeptSearches:
        vendor = self._named(kind).partition(":")[0]
        return KeptSearches(f"{kind}:{vendor}")

    @property
    def shown(self) -> frozenset[str]:
        """Footage of the channel's last videos, this one's among it."""
        last = Video.objects.filter(channel=self._video.channel_id).order_by("-id")[:LOOKED_BACK]
        parts = RunPart.objects.filter(
            run__video__in=list(last.values_list("pk", flat=True)), run__stage=VISUALS
        )
        facts = parts.filter(part__startswith="picture:").values_list("artifact__facts", flat=True)
        return frozenset(one["credit"]["id"] for one in facts if one.get("credit", {}).get("id"))

    @cached_property
    def _usual_voice(self) -> Voice | BoughtVoice:
        name = self._named("voice")
        if not name:
            team_id, language = self._run.team_id, self._inputs.script.language
            name = choose(team_id, self._inputs.order.voice, language, offers(team_id))
            _remember(self._video, "voice", name, _voice(name).licence)
        return _voice(name)


def offers(team_id: int = 0) -> list[Offer]:
    """Every voice that is set up on this machine, and those of the accounts that the team may
    use."""
    return [*offers_here(), *vendor_voices.offers(team_id)]


def offers_here() -> list[Offer]:
    engines = [providers.get(name) for name in providers.names() if name.startswith("voice:")]
    here = [one for one in engines if hasattr(one, "offers")]
    return [offer for engine in here for offer in engine.offers()]


def priced(found: Sequence[Offer], by: Actor) -> list[Offer]:
    """With what a minute of those that are sold costs, for who may see that."""
    sold = {one.engine for one in found if one.is_sold} if by.can_see_costs else set()
    minutes = {vendor: vendor_voices.minute_told(vendor) for vendor in sorted(sold)}
    return [replace(one, minute=minutes.get(one.engine, "")) for one in found]


def voices(team_id: int) -> list[tuple[str, str]]:
    """For forms: what an order may name, and what it is."""
    return [(one.full_name, _about(one)) for one in offers(team_id)]


def choose(team_id: int, wanted: str, language: str, found: Sequence[Offer]) -> str:
    """As `choose_voice`, and what a vendor sells only to who may use it. Raises Rejected, or
    AccountFault where nobody can be asked. What is another team's is refused in the words for what
    does not exist."""
    if _is_sold(wanted) and not consents.is_hidden(team_id, wanted):
        consents.refuse(team_id, wanted)
    return choose_voice(wanted, language, found)


def refuse_unusable(team_id: int, name: str) -> None:
    """Raises AccountFault for a vendor without a key, Rejected for a voice that is not this team's
    or lacks its owner's consent."""
    if _is_sold(name):
        consents.refuse(team_id, name)


def _is_sold(name: str) -> bool:
    """Whether a vendor's account speaks with it. Raises AccountFault where that has no key."""
    vendor = name.partition(":")[0]
    registered = f"{VOICE}:{vendor}"
    found = providers.get(registered) if registered in providers else None
    account = getattr(found, "account", "")
    if account:
        check_account(getattr(found, "vendor", vendor), settings.ACCOUNTS[account])
    return bool(account)


def _about(offer: Offer) -> str:
    tags = ", ".join(offer.languages[:3])
    return f"{offer.about or offer.name} ({tags}), {offer.engine}"


def _voice(full_name: str) -> Voice | BoughtVoice:
    return cast(Voice | BoughtVoice, made(VOICE, full_name))


def made(kind: str, name: str) -> Any:
    """The provider that `vendor`, `vendor:model` or `engine:voice` names; one that asks a vendor is
    given the account. Raises LookupError."""
    vendor, _, rest = name.partition(":")
    found = providers.get(f"{kind}:{vendor}")
    account = getattr(found, "account", "")
    if account:
        return found(rest, settings.ACCOUNTS[account])
    return found(rest) if kind == VOICE else found()


def voice_in_keys(full_name: str) -> str:
    """As `identity` writes it; "" where it is not set up here, or is not chosen yet."""
    try:
        return in_keys(_voice(full_name))
    except (LookupError, Unavailable):
        return ""


def maker_in_keys(video: Video, kind: str) -> str:
    """The same of who makes pictures or clips for a video."""
    name = video.plan["providers"].get(kind) or usual_maker(kind)
    return in_keys(maker(kind, name)) if name else "none"


def _provider(tools: Tools, stage: Stage, part: Part) -> Any:
    """The one that the stage uses for it; None: it uses none, or none is set up."""
    try:
        kind = part.provider or stage.provider
        if kind == VOICE:
            return tools.speaker(part.voice)
        if kind in MAKERS:
            return tools.maker(kind)
        return getattr(tools, PORTS.get(kind, kind)) if kind else None
    except LookupError:
        return None


def identity(tools: Tools, stage: Stage, part: Part) -> str:
    """Name and version of the provider that the part depends on, or ""."""
    provider = _provider(tools, stage, part)
    if provider is None:
        return "none" if part.provider or stage.provider else ""
    return in_keys(provider)


def in_keys(provider: Any) -> str:
    return f"{provider.name} {provider.version}"


def is_paid(provider: Any) -> bool:
    """Whether it says what a request uses; what works on this machine does not."""
    return hasattr(provider, "uses")


def keeps_answers(tools: Tools, stage: Stage, part: Part) -> bool:
    """Whether the stage says of each paid request when it sends it, and keeps what comes back."""
    return hasattr(_provider(tools, stage, part), "ask")


def request(tools: Tools, stage: Stage, part: Part, key: str) -> ledger.Request:
    """Who is asked; one that says nothing of its recovery may bill the same request twice."""
    provider = _provider(tools, stage, part)
    recovery = getattr(provider, "recovery", "none")
    name = getattr(provider, "name", "")
    return ledger.Request(name, key, is_repeatable=recovery in ("idempotent", "lookup"))


@verb
def _remember(video: Video, kind: str, name: str, licence: str) -> None:
    locked = moves.lock(video.pk)
    locked.plan["providers"][kind] = name
    locked.plan["licences"][kind] = licence
    locked.save(update_fields=["plan"])
    video.plan = locked.plan
    name_providers(locked)


def reroute(video: Video, kind: str, name: str) -> None:
    """Inside a verb that has locked the video. What stood before is kept in the plan."""
    was = video.plan["providers"].get(kind, "")
    video.plan["providers"][kind] = name
    video.plan.setdefault("rerouted", []).append({"kind": kind, "was": was, "now": name})
    if kind == VOICE or kind in MAKERS:
        video.plan["licences"][kind] = made(kind, name).licence
    video.save(update_fields=["plan"])
    name_providers(video)


def formers(video: Video, kind: str) -> list[str]:
    """Whom its provider took over for, the last first. Empty where a person has chosen since."""
    name, found = str(video.plan["providers"].get(kind, "")), list[str]()
    for step in reversed(video.plan.get("rerouted", [])):
        if step["kind"] == kind and step["now"] == name:
            name = step["was"]
            found.append(name)
    return found


@verb
def _remember_licence(video: Video, name: str, licence: str) -> None:
    """Of a voice that a scene names: it stands in the record of how the video came about."""
    locked = moves.lock(video.pk)
    locked.plan["licences"][name] = licence
    locked.save(update_fields=["plan"])
    video.plan = locked.plan
