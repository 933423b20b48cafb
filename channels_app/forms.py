"""Forms of channels and brand kits, and what becomes of them when two people edit at once."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Self, TypeVar, cast

from django import forms
from django.db import models
from django.http import QueryDict
from django.utils.text import slugify

from channels_app.looks import COLOURS
from channels_app.models import BrandKit, Channel
from channels_app.samples import KITS, Sample
from config.kit import registry
from teams.access import Actor

M = TypeVar("M", Channel, BrandKit)
# fmt: off
LANGUAGES = (
    "ar", "cs", "da", "de", "el", "en", "en-gb", "es", "fi", "fr", "he", "hi", "hu", "it", "ja",
    "ko", "nl", "no", "pl", "pt-br", "ro", "ru", "sv", "tr", "uk", "vi", "zh",
)
# fmt: on
AUTOMATIC = (
    ("", "Automatic: the best one for the language"),
    ("fast", "Automatic: a quick one"),
    ("hd", "Automatic: the finest one"),
)
STALE = "Somebody else saved this while you were editing. Look at the marked fields, then save."


class Seen(forms.ModelForm[M]):
    """Carries along what the person was shown, so that two people's changes can be told apart."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version
        for name in self._meta.fields or ():
            self.fields[name].show_hidden_initial = True

    def wanted(self) -> dict[str, Any]:
        """What the person changed, by field of the row."""
        return {n: self.cleaned_data[n] for n in self._meta.fields or () if n in self.changed_data}

    def rebased(self, shown: Self) -> Self:
        """This form over what the row is now (`shown`): what was typed stays and is marked where
        it differs from what somebody else saved; fields that were left alone follow the row."""
        told, theirs = _copied(self), dict(_saved_by_others(self, shown))
        told["version"] = str(shown.instance.version)
        for name, value in theirs.items():
            told[self[name].html_initial_name] = value
            if name not in self.changed_data:
                told[self[name].html_name] = value
        self.data = told
        self.full_clean()
        self.add_error(None, forms.ValidationError(STALE, code="stale"))
        for name in theirs:
            self.add_error(name, f"Saved meanwhile: {_written(shown.instance, name)}")
        return self


def _copied(form: forms.BaseForm) -> QueryDict:
    return cast(QueryDict, form.data).copy()


def _saved_by_others(form: Seen[M], shown: Seen[M]) -> Iterator[tuple[str, str]]:
    for name in form._meta.fields or ():
        now = str(shown[name].value() or "")
        if now != form.data.get(form[name].html_initial_name, now):
            yield name, now


def _written(row: models.Model, name: str) -> str:
    display = getattr(row, f"get_{name}_display", None)
    return str(display() if display else getattr(row, name) or "nothing")


class Colour(forms.TextInput):
    template_name = "channels/_colour.html"


class ChannelForm(Seen[Channel]):
    voice = forms.ChoiceField(required=False)

    class Meta:
        model = Channel
        fields = [
            "name",
            "brand_kit",
            "language",
            "voice",
            "music",
            "approval",
            "publisher",
            "unsupported_claims",
            "blocked_topics",
            "blocked_words",
            "external_id",
        ]
        labels = {
            "external_id": "Number in another system",
            "publisher": "Publishes to",
            "unsupported_claims": "Claims that no source bears out",
        }
        help_texts = {
            "language": "A tag such as en or pt-br. Empty: found out from each text.",
            "approval": "What a finished video needs before it goes out.",
            "unsupported_claims": "Of scripts by a paid writer, before anything is spoken.",
            "blocked_topics": "One a line. No video is made of a text that speaks of one.",
            "blocked_words": "One a line. No script may say one.",
            "external_id": "For scripts and the API; one channel has it at most.",
        }
        widgets = {
            "language": forms.TextInput(attrs={"list": "languages"}),
            "blocked_topics": forms.Textarea(attrs={"rows": 3}),
            "blocked_words": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kits = BrandKit.objects.visible_to(by).order_by("name", "id")
        self.fields["brand_kit"] = forms.ModelChoiceField(
            kits, empty_label=None, show_hidden_initial=True
        )
        _offer_voices(self.fields["voice"], by.team_id, self.instance.voice)


def _offer_voices(field: forms.Field, team_id: int, kept: str) -> None:
    found = [voice for offered in registry.voices for voice in offered(team_id)]
    known = {name for name, _ in (*AUTOMATIC, *found)}
    other = [] if kept in known else [(kept, f"{kept} (not set up here)")]
    field.choices = [*AUTOMATIC, *found, *other]  # type: ignore[attr-defined]


class NewChannelForm(forms.ModelForm[Channel]):
    look = forms.ChoiceField(label="Brand kit")
    voice = forms.ChoiceField(required=False)

    class Meta:
        model = Channel
        fields = ["name", "slug", "language", "voice", "music", "approval", "external_id"]
        labels = {"slug": "Short name", "external_id": "Number in another system"}
        help_texts = {
            "slug": "For folders and addresses; it stays. Empty: made from the name.",
            "language": "A tag such as en or pt-br. Empty: found out from each text.",
            "external_id": "For scripts and the API; one channel has it at most.",
        }
        widgets = {"language": forms.TextInput(attrs={"list": "languages"})}

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        kits = BrandKit.objects.visible_to(by).order_by("name", "id")
        self.kits = {f"kit:{kit.pk}": kit for kit in kits}
        self.samples = {f"sample:{sample.name}": sample for sample in KITS}
        self.fields["slug"].required = False
        self.fields["look"].choices = [  # type: ignore[attr-defined]
            ("A new kit", [(key, one.name) for key, one in self.samples.items()]),
            *([("Your kits", [(key, one.name) for key, one in self.kits.items()])] if kits else []),
        ]
        _offer_voices(self.fields["voice"], by.team_id, "")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("slug") and "slug" not in self.errors:
            given["slug"] = free_slug(self.by, given.get("name", ""))
        return given

    def shown(self) -> BrandKit:
        """The look that is chosen at the moment, as the new channel would wear it."""
        chosen = self["look"].value() or next(iter(self.samples))
        if chosen in self.kits:
            return self.kits[chosen]
        sample = self.samples.get(chosen, KITS[0])
        name = str(self["name"].value() or sample.name).replace("\0", "")[:60]
        return BrandKit(name=name, **look_of(sample))

    def wanted(self) -> dict[str, Any]:
        """The arguments of `create_channel`."""
        given = dict(self.cleaned_data)
        look, name, slug = given.pop("look"), given.pop("name"), given.pop("slug")
        sample = self.samples.get(look)
        brand = look_of(sample) if sample else {}
        kit = self.kits.get(look)
        return {"name": name, "slug": slug, "brand": brand, "kit": kit, "settings": given}


def free_slug(by: Actor, name: str) -> str:
    """Of letters that no address takes, nothing may be left: then it is a number."""
    first = slugify(name)[:55] or "channel"
    taken = set(Channel.objects.visible_to(by).values_list("slug", flat=True))
    numbered = (f"{first}-{n}" for n in itertools.count(2))
    return next(one for one in itertools.chain([first], numbered) if one not in taken)


def look_of(sample: Sample) -> dict[str, str]:
    """The fields of a brand kit; a font that is not there is left out."""
    look: dict[str, str] = {name: getattr(sample, name) for name in COLOURS}
    is_there = all(has_font(sample.font) for has_font in registry.has_font)
    return {**look, "font": sample.font} if is_there else look


class BrandKitForm(Seen[BrandKit]):
    logo = forms.FileField(
        required=False,
        help_text="PNG, JPEG, WebP or GIF. It stands small in a corner of every scene.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/gif"}),
    )
    font = forms.ChoiceField()

    class Meta:
        model = BrandKit
        fields = ["name", "ink", "paper", "accent", "second", "glow", "font", "logo_sha256"]
        labels = {
            "ink": "Background",
            "paper": "Text",
            "accent": "Accent",
            "second": "Second colour",
            "glow": "Light",
        }
        help_texts = {
            "name": "Stands in the corner of every scene.",
            "accent": "Key words, figures, the progress bar.",
            "second": "The other colour of charts.",
            "glow": "A soft light behind the card.",
        }
        widgets = {
            **dict.fromkeys(COLOURS, Colour),
            "logo_sha256": forms.HiddenInput,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        installed = [family for families in registry.fonts for family in families()]
        families = dict.fromkeys((self.instance.font, *installed))
        self.fields["font"].choices = [(name, name) for name in families]  # type: ignore[attr-defined]

    def look(self) -> Mapping[str, str]:
        """What the form shows, typed or saved, for a preview."""
        names = ("name", *COLOURS, "font", "logo_sha256")
        return {name: str(self[name].value() or "") for name in names}

    def everything(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}

    def put_logo(self, sha256: str) -> None:
        """Instead of the file, which a browser would not send again after an error elsewhere."""
        told = _copied(self)
        told[self["logo_sha256"].html_name] = sha256
        self.data = told
