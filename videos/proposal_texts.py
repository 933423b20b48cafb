"""What a writer is asked for other words for a scene, and what its answer makes of the scene."""

from typing import Any, cast

from videos import routing, rules
from videos.models import Proposal, Video
from videos.writing import lines, scene_answers
from videos.writing.asked import BoughtWriter, Prompt
from videos.writing.assignments import scene_prompt
from videos.writing.languages import count_words

SCRIPT_CHARACTERS = 12_000


def writer(proposal: Proposal) -> BoughtWriter:
    return cast(BoughtWriter, routing.made("script", proposal.writer))


def prompt(proposal: Proposal) -> Prompt:
    video: Video = proposal.video
    content: dict[str, Any] = video.script.content if video.script else {}
    language = str(content.get("language", ""))
    told = [f"{n}. {one['narration']}" for n, one in enumerate(content.get("scenes", []), 1)]
    evidence = [
        claim["evidence"] for claim in content.get("claims", []) if claim["scene"] == proposal.uid
    ]
    texts = {
        **({"line": proposal.line} if proposal.line else {}),
        "script": "\n".join(told)[:SCRIPT_CHARACTERS],
        "scene": f"{proposal.was_headline}\n{proposal.was_narration}",
        "source": "\n".join(filter(None, evidence)),
    }
    words = count_words(proposal.line or proposal.was_narration, language)
    return scene_prompt(video.order(), language, proposal.instruction, texts, words)


def _expected(proposal: Proposal, asked: Prompt) -> scene_answers.Expected:
    video: Video = proposal.video
    content: dict[str, Any] = video.script.content if video.script else {}
    told = "\n".join(one["narration"] for one in content.get("scenes", []))
    avoided = rules.avoided(video.channel)
    language = str(content.get("language", ""))
    return scene_answers.Expected(language, told, avoided, asked.rules)


def read(proposal: Proposal, asked: Prompt, text: str) -> tuple[str, str]:
    """The scene as it would be. Raises Unusable."""
    expected = _expected(proposal, asked)
    if not proposal.line:
        return scene_answers.read(text, expected)
    line = scene_answers.read_line(text, expected)
    told = lines.replaced(proposal.was_narration, proposal.line_at, proposal.line, line)
    scene_answers.refuse_too_long(told, expected)
    return told, proposal.was_headline
