"""Sentences that speak to the program that reads a text, and not to the people who do.

Nothing here decides what a writer may do: its rules do, and its answer is looked at. But what is
not shown to a writer it can't obey, and a video has no use for it either. Texts are bared before
(letters made to look like others, invisible marks), and what is hidden in base64 is read.
"""

from __future__ import annotations

import base64
import binascii
import re

from videos.writing.disguises import bared

TO_A_PROGRAM = "sentences that speak to a program"
_BEGINS = r"(?:^\W*|[,:;]\s+)(?:please |now |then |first |and |instead |also )*"
_PEOPLE = r"(?:the |your |all |our )*(?:viewers?|listeners?|audience|users?)"
_PROGRAM = (
    r"(?:the |any |all |every |an? )*(?:model|ai|assistant|llms?|writer|summari[sz]er|narrator"
    r"|chatbot|bots?)"
)
_ORDERS = (
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?]{0,60}\b(?:instructions?|prompts?)\b",
    r"\b(?:ignorier|missacht|vergiss)\w*\b[^.!?]{0,60}\b(?:anweisung|vorgabe|regel)\w*",
    r"\b(?:ignore[zr]?|oublie[zr]?)\b[^.!?]{0,60}\b(?:instructions|consignes|règles)\b",
    r"\b(?:ignora|olvida)\b[^.!?]{0,60}\b(?:instrucciones|reglas)\b",
    r"\b(?:ignor[ea]|esqueça|desconsidere)\b[^.!?]{0,60}\b(?:instruções|regras)\b",
    r"\b(?:ignora|dimentica|trascura)\b[^.!?]{0,60}\b(?:istruzioni|regole)\b",
    r"\b(?:negeer|vergeet)\b[^.!?]{0,60}\b(?:instructies|regels)\b",
    r"\b(?:zignoruj|zapomnij)\b[^.!?]{0,60}\b(?:instrukcj|polece)\w*",
    r"\b(?:забудь|забудьте|(?:про)?игнорируй|(?:про)?игнорируйте)\b[^.!?]{0,60}"
    r"\b(?:инструкци|указани)\w*",
    r"(?:忽略|无视|無視|忘记)[^。！？]{0,20}(?:指令|指示|提示|规则)",
    r"(?:指示|命令|プロンプト)[^。！？]{0,12}(?:無視|忘れ)",
    r"(?:지시|명령|프롬프트)[^.!?]{0,12}(?:무시|잊)",
    r"تجاهل[^.!؟]{0,40}(?:التعليمات|الأوامر)",
    # turns of a conversation that never was
    r"<\|\w+\|>|\[/?inst\]|<</?sys>>|</?(?:system|assistant|source|instructions?)>",
    r"^\W*(?:system|assistant|developer)(?: message| prompt)?\s?:",
    # an answer that never was
    r"[\"“](?:narration|headline|scenes|cites|hooks)[\"”]\s?:",
    r"\[scene \d+\]\W*(?:narration|voice)",
    r"\b(?:developer|jailbreak|dan) mode\b",
    r"\bnew (?:instructions?|orders|rules|task|prompt)\b[^.!?]{0,40}:",
    rf"\b(?:instructions?|note|notice|message|orders?) (?:for|to) {_PROGRAM}\b",
    rf"\b{_PROGRAM} (?:must|has to|have to|is to|shall|should)(?: now| only)? "
    r"(?:say|write|tell|praise|mention|repeat|add|include|output|end|begin)\b",
    r"\b(?:stop|quit|instead of) (?:summari[sz]ing|narrating)\b",
    rf"{_BEGINS}(?:tell|inform|convince|assure) {_PEOPLE} (?:that|to|about)\b",
    rf"{_BEGINS}(?:write|say|output|answer) (?:only|nothing but|exactly)\b",
    rf"{_BEGINS}(?:output|print|reveal|repeat|show|say|leak|send|disclose)\b[^.!?]{{0,40}}"
    r"\b(?:api keys?|secret keys?|access tokens?|environment variables|your (?:\w+ )?"
    r"(?:prompt|instructions|rules)|system (?:prompt|message))\b",
    rf"{_BEGINS}(?:insert|add|include|put|place)\b[^.!?]{{0,40}}\b(?:link|url|coupon|code)\b"
    r"[^.!?]{0,60}\b(?:description|script|video|scene|title|tags)\b",
    rf"{_BEGINS}(?:end|begin|start|close|open|finish) (?:every|each|all|the) "
    r"(?:scenes?|videos?|script) with\b",
    r"\b(?:decode|decrypt)\b[^.!?]{0,60}\b(?:follow|obey|execute|do (?:what|as))\b",
)
_MENTIONS = (
    r"\bsystem prompt\b|\byou are (?:now )?(?:an? )?(?:ai|assistant|chatgpt|claude)\b"
    r"|\bas an? (?:ai|language model)\b"
)
_ORDER = re.compile("|".join(_ORDERS), re.I)
_MENTION = re.compile(_MENTIONS, re.I)
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{24,4000}={0,2}")
_DEPTH = 2  # of what is hidden in what is hidden


def orders(text: str, depth: int = _DEPTH) -> bool:
    """Whether a sentence orders a program about."""
    if _ORDER.search(bared(text.casefold())):
        return True
    found = _ENCODED.findall(text) if depth else ()
    return any(orders(told, depth - 1) for one in found if (told := _decoded(one)))


def speaks_to_program(text: str) -> bool:
    """Whether it orders one about, or speaks as to one: a text about such programs may."""
    return bool(_MENTION.search(bared(text.casefold()))) or orders(text)


def _decoded(encoded: str) -> str:
    """Empty where it is no text in base64."""
    whole = encoded.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(whole + "=" * (-len(whole) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
