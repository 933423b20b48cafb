"""What the reference shows of orders and scripts: values that work as they stand."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

from config.kit.openapi import EXAMPLES

SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
NARRATION = "Kelp grows half a metre a day in cold, clear water."
VISUAL = {"template": "statement", "text": "Half a metre a day"}
SCRIPT: dict[str, Any] = {
    "version": 1,
    "title": "Kelp forests",
    "language": "en",
    "scenes": [
        {"narration": NARRATION, "headline": "Half a metre a day", "visual": VISUAL},
        {"narration": "Sea otters guard it.", "headline": "Who guards it"},
    ],
}
FROM_A_TEXT = OpenApiExample(
    "From a text",
    value={
        "source": f"{NARRATION} Sea otters eat the urchins that eat it.",
        "title": "Kelp forests",
        "format": "short",
        "seconds": 30,
        "voice": "fast",
        "external_id": "article-4711",
    },
    request_only=True,
)
FROM_A_PAGE = OpenApiExample(
    "From a page of the web",
    value={"source": "https://example.org/kelp-forests", "source_kind": "url", "seconds": 60},
    request_only=True,
)
SEEN_SCRIPT = OpenApiExample("Of its first version", value={"script": 1}, request_only=True)
ESTIMATED = OpenApiExample(
    "Of a text", value={"source": NARRATION, "seconds": 30, "voice": "fast"}, request_only=True
)
FROM_A_SCRIPT = OpenApiExample(
    "From a script that is ready", value={"script": SCRIPT, "format": "square"}, request_only=True
)
CHANGE = OpenApiExample(
    "Another name and shape",
    value={"title": "Forests of kelp", "format": "landscape"},
    request_only=True,
)
NAMED = OpenApiExample(
    "As the client saw it", value={"name": "As the client saw it"}, request_only=True
)
COPY = OpenApiExample("As a landscape video", value={"format": "landscape"}, request_only=True)
SPOKEN = OpenApiExample(
    "Spoken by another voice", value={"voice": "espeak:default"}, request_only=True
)
BEGINNING = OpenApiExample("The second", value={"number": 2}, request_only=True)
INSTRUCTION = OpenApiExample(
    "Shorter", value={"instruction": "Shorter, and begin with the number"}, request_only=True
)
ADDED = OpenApiExample(
    "The first scene", value={"narration": NARRATION, "after": ""}, request_only=True
)

EXAMPLES.update(
    {
        "title": "Kelp forests",
        "source": NARRATION,
        "reason": "",
        "reason_code": "",
        "language": "en",
        "voice": "piper:joe",
        "music": "composed",
        "external_id": "article-4711",
        "pictures": {"kelp.jpg": SHA256},
        "clips": {},
        "description": "Why kelp forests matter.",
        "tags": ["kelp", "ocean"],
        "fraction": 0.42,
        "progress": 0.42,
        "phase": "scene 3 of 7",
        "eta_s": 35,
        "currency": "USD",
        "amount_micros": 1_500,
        "uid": "4f2a91c0",
        "headline": "Half a metre a day",
        "narration": NARRATION,
        "visual": VISUAL,
        "content": SCRIPT,
        "script": SCRIPT,
        "sha256": SHA256,
        "content_type": "image/png",
        "facts": {"width": 1920, "height": 1080},
        "about": "The video",
        "size": 1_482_113,
        "at": 24,
        "writer": "openai",
        "instruction": "Shorter, and begin with the number",
        "line": NARRATION,
        "was_narration": NARRATION,
        "was_headline": "Half a metre a day",
        "expected_micros": 180,
        "most_micros": 910,
        "tone": "dry",
        "audience": "sailors",
        "engine": "piper",
        "languages": ["en-us"],
        "is_clone": False,
        "minute_micros": 90_000,
    }
)
