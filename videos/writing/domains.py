"""Names of hosts in prose: which dotted words lead somewhere, and which are only dotted."""

from __future__ import annotations

import re

# that end in a name of a country, two letters each: https://www.iana.org/domains/root/db
_COUNTRIES = """
ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw
by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et
eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie
il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv
ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr
nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl
sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz
va vc ve vg vi vn vu wf ws ye yt za zm zw
"""
# of the rest those that strangers' links are most often under, and those kept for examples
_OTHERS = """
com net org info biz edu gov mil int arpa name pro mobi jobs travel tel asia cat aero coop museum
xyz top online site store shop app dev web cloud tech club live life link click icu vip work works
fun space website world today news media blog buzz agency digital email network solutions services
support systems company group team zone center guru expert social chat chats community events
games casino bet poker loan loans money finance cash credit fund trade trading market markets
deal deals discount sale gift gifts bid win download stream review reviews rocks ninja best cheap
pharmacy health healthcare clinic dating date singles porn sex xxx adult cam webcam video photos
pics tube tv fm moe wtf lol monster quest cyou cfd sbs rest bond skin hair beauty makeup page pages
art design studio academy school university courses coach land house homes
example test invalid localhost onion
"""
_NAMED = frozenset(f"{_COUNTRIES} {_OTHERS}".split())
# also endings of files and names in programs: a domain only with what follows or comes before
_FILES = """
py md sh rs pl ps cc ml mo so name date stream email
"""
_AMBIGUOUS = frozenset(_FILES.split())
_SHORTENED = """
t.me t.co x.com x.co m.me g.co v.gd is.gd wa.me bit.ly goo.gl ow.ly fb.me fb.com rb.gy lnk.to
cutt.ly buff.ly lnkd.in youtu.be y2u.be amzn.to discord.gg linktr.ee tinyurl.com rebrand.ly tiny.cc
shorturl.at telegram.me signal.me
"""
_LEADS_AWAY = frozenset(_SHORTENED.split())
_NO_DOMAINS = frozenset(("asp.net", "ado.net", "vb.net", "node.js", "ml.net"))

_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_HOST = re.compile(
    rf"(?<![\w.@/-])((?:{_LABEL}\.){{1,6}})([^\W\d_]{{2,24}})(:\d{{2,5}})?(/[^\s<>\"”]*)?(?![\w@-])"
)


def hosts(text: str) -> list[tuple[str, bool]]:
    """Each as it stands, and whether it is a whole address: with a path, or one of a service that
    shortens links. `text` is what `disguises.bared` made of it."""
    found = []
    for match in _HOST.finditer(text):
        labels, ending, port, path = match.groups()
        name, plain = f"{labels}{ending}", f"{labels}{ending}".casefold()
        leads = bool(port or (path and len(path) > 1))
        if plain in _LEADS_AWAY:
            found.append((match[0], True))
        elif _is_domain(labels, ending, leads) and plain not in _NO_DOMAINS:
            found.append((match[0] if leads else name, leads))
    return found


def _is_domain(labels: str, ending: str, leads: bool) -> bool:
    """A capital behind the dot begins a sentence: `high.In 1858`. One letter before it is short
    for a word: `e.g`, `U.S`."""
    tail = ending.casefold()
    if tail not in _NAMED and not tail.startswith("xn--"):
        return False
    if not (ending.islower() or f"{labels}{ending}".isupper()):
        return False
    parts = labels.rstrip(".").split(".")
    if max(map(len, parts)) < 2 or not any(mark.isalpha() for mark in labels):
        return False
    return leads or tail not in _AMBIGUOUS or len(parts) > 1
