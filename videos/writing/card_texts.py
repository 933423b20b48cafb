"""Cards as plain text, for people who edit them: a statement, a quote, a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from videos.writing.checks import Wrong

PLAIN = ("statement", "quote", "list")
DASHES = ("—", "–", "--")
APART = " | "


def text_of(visual: Mapping[str, Any]) -> str:
    """What a person reads and changes; "" for a card that is more than its words."""
    template = visual.get("template")
    if template == "statement":
        return str(visual.get("text", ""))
    if template == "quote":
        by = str(visual.get("attribution", ""))
        return f"{visual.get('text', '')}" + (f"\n— {by}" if by else "")
    if template == "list":
        return "\n".join(_line(item) for item in visual.get("items", ()))
    return ""


def _line(item: Mapping[str, Any]) -> str:
    detail = str(item.get("detail", ""))
    return f"{item.get('title', '')}{APART}{detail}" if detail else str(item.get("title", ""))


def visual_of(template: str, text: str, before: Mapping[str, Any]) -> dict[str, Any]:
    """The card that the text makes. What else the card had (kicker, accent) stays where it fits.

    Raises Wrong for a template that is more than text.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    kept = {"kicker": str(before.get("kicker", ""))}
    if template == "statement":
        return _with_accent({**kept, "template": template, "text": " ".join(lines)}, before)
    if template == "quote":
        return {**kept, "template": template, **_quote(lines)}
    if template == "list":
        ordered = bool(before.get("ordered", False))
        items = [_item(line) for line in lines]
        return {**kept, "template": template, "ordered": ordered, "items": items}
    raise Wrong("visual.template", f"is none of {', '.join(PLAIN)}")


def _with_accent(visual: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    asked = {name: before[name] for name in ("source", "prompt", "turn") if before.get(name)}
    if before.get("template") == "statement":
        visual = {**visual, **asked}
    accent = str(before.get("accent", ""))
    return {**visual, "accent": accent} if accent and accent in visual["text"] else visual


def _quote(lines: list[str]) -> dict[str, str]:
    for dash in DASHES:
        if len(lines) > 1 and lines[-1].startswith(dash):
            by = lines[-1].removeprefix(dash).strip()
            return {"text": " ".join(lines[:-1]), "attribution": by}
    return {"text": " ".join(lines)}


def _item(line: str) -> dict[str, str]:
    title, _, detail = line.partition(APART.strip())
    found = {"title": title.strip()}
    return {**found, "detail": detail.strip()} if detail.strip() else found
