"""What templates of every app draw with: icons, sizes, lengths, tones of states."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from config.kit import money as amounts
from config.kit.money import shown

register = template.Library()

COLOURS = 8  # of people
TONES = {
    "draft": "calm",
    "queued": "busy",
    "waiting": "calm",
    "running": "busy",
    "producing": "busy",
    "preparing": "busy",
    "uploading": "busy",
    "processing": "busy",
    "review": "accent",
    "approved": "good",
    "scheduled": "accent",
    "published": "good",
    "done": "good",
    "sending": "busy",
    "delivered": "good",
    "ready": "good",
    "connected": "good",
    "needs_reconnect": "warn",
    "paused": "warn",
    "blocked": "warn",
    "failed": "bad",
    "refused": "bad",
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing of static/img/icons.svg; decoration, so hidden from screen readers."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>',
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def face(name: str, person_id: int | None = None) -> SafeString:
    """Somebody's initials, in the colour that is theirs wherever people work together."""
    letters = "".join(word[0] for word in name.split()[:2])
    return format_html(
        '<span class="avatar face peer-{}" aria-hidden="true">{}</span>',
        (person_id or 0) % COLOURS,
        letters,
    )


@register.filter
def tone(state: str) -> str:
    """The colour in which a state is shown."""
    return TONES.get(state, "calm")


@register.filter
def clock(seconds: float | None) -> str:
    """A length as people read it on a player: 0:07, 12:40, 1:02:03."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def percent(fraction: float | None) -> int:
    return round(100 * (fraction or 0))


@register.filter
def money(amount_micros: int, currency: str) -> str:
    return shown(amount_micros, currency)


@register.filter
def about(amount_micros: int, currency: str) -> str:
    """For sums that are read at a glance; `money` has every digit."""
    return amounts.about(amount_micros, currency)
