"""Pages of the web as a provider reads them: what comes through, and what a hostile one gains."""

import contextlib
import gzip
import itertools
import socket
import time
from pathlib import Path

import pytest

from config.kit import guard
from config.kit.errors import Rejected, Stopped, Unavailable
from tests.doubles.site import site
from videos.contracts import Page
from videos.providers import web
from videos.providers.web import Web

AGENT = "Showrunner/1.0 (+https://studio.example)"
HERE = guard.Policy(loopback=True, http=True)
PROSE = (
    "Kelp forests grow in cold and clear water along rocky coasts. A frond may grow half a metre "
    "a day when the sun is high. Otters guard the forest, as they eat the urchins that graze it. "
)


def article(*paragraphs: str, head: str = "", lang: str = "en") -> str:
    told = "".join(f"<p>{one}</p>" for one in paragraphs or (PROSE, PROSE.replace("Kelp", "Sea")))
    return (
        f'<!doctype html><html lang="{lang}"><head><title>Kelp forests | The Sea Post</title>{head}'
        "</head><body><nav><a href='/'>Home</a> <a href='/shop'>Buy our calendar</a></nav>"
        f"<main><article><h1>Kelp forests</h1>{told}</article></main>"
        "<footer>All rights reserved. We use cookies.</footer><script>alert(1)</script>"
        "</body></html>"
    )


HEAD = (
    '<meta name="author" content="Ana Diver"><meta property="og:site_name" content="The Sea Post">'
    '<meta property="article:published_time" content="2026-03-04T10:00:00Z">'
    '<link rel="license" href="https://creativecommons.org/licenses/by-sa/4.0/">'
)


@pytest.fixture
def there():
    with site() as found:
        yield found


@pytest.fixture
def room(tmp_path):
    path = tmp_path / "room"
    path.mkdir()
    return path


def read(url: str, room: Path, policy: guard.Policy = HERE, stopping=lambda: False) -> Page:
    return Web(policy, AGENT).read(url, room=room, stopping=stopping)


def refusal(url: str, room: Path, **more) -> str:
    with pytest.raises(Rejected) as found:
        read(url, room, **more)
    assert found.value.message.endswith(".")
    return found.value.message


def test_the_article_is_read_and_not_what_stands_around_it(there, room):
    page = read(there.page("/kelp", article(head=HEAD)), room)
    assert "Otters guard the forest" in page.text
    for other in ("Buy our calendar", "cookies", "alert"):
        assert other not in page.text
    assert (page.title, page.author, page.site) == ("Kelp forests", "Ana Diver", "The Sea Post")
    assert (page.date, page.language) == ("2026-03-04", "en")
    assert "by-sa" in page.licence
    assert page.fetched_at.endswith("+00:00")
    assert not list(room.iterdir())


def test_headings_lists_and_tables_come_as_markdown(there, room):
    body = (
        f"{PROSE}</p><h2>Who lives there</h2><p>{PROSE}</p><ul><li>Otters of the sea</li>"
        "<li>Urchins of the reef</li></ul><table><tr><th>Plant</th><th>Growth</th></tr>"
        "<tr><td>Kelp</td><td>60 cm</td></tr></table><p>"
    )
    page = read(there.page("/kelp", article(body)), room)
    assert page.kind == "markdown"
    for line in ("## Who lives there", "- Otters of the sea", "| Kelp | 60 cm |"):
        assert line in page.text


def test_the_server_is_told_who_asks_and_gets_nothing_else(there, room):
    read(there.page("/kelp", article(), headers={"Set-Cookie": "a=b"}), room)
    (told,) = there.headers
    assert told["user-agent"] == AGENT
    assert not {"cookie", "referer", "authorization"} & set(told)


def test_pictures_and_scripts_of_the_page_are_not_fetched(there, room):
    body = (
        f"{PROSE}<img src='/a.png'><script src='/b.js'></script><iframe src='/c'></iframe>{PROSE}"
    )
    read(there.page("/kelp", article(body)), room)
    assert there.asked == ["/kelp"]


@pytest.mark.parametrize(
    ("name", "content_type"),
    [("/kelp.md", "text/markdown"), ("/kelp.md", "text/plain; charset=utf-8")],
)
def test_markdown_is_taken_as_it_is(there, room, name, content_type):
    text = f"# Kelp\n\n{PROSE}\n\n- One\n- Two\n\n{PROSE}\n"
    page = read(there.page(name, text, content_type=content_type), room)
    assert (page.kind, page.text) == ("markdown", text)


def test_plain_text_is_taken_as_it_is(there, room):
    page = read(there.page("/kelp.txt", PROSE * 3, content_type="text/plain"), room)
    assert (page.kind, page.text) == ("text", PROSE * 3)


CHARSETS = {
    "said and right": ("iso-8859-1", "text/html; charset=ISO-8859-1"),
    "UTF-8 that is called Latin 1": ("utf-8", "text/html; charset=iso-8859-1"),
    "Latin 1 that is called UTF-8": ("cp1252", "text/html; charset=utf-8"),
    "not said": ("cp1252", "text/html"),
    "a charset that is none": ("utf-8", "text/html; charset=klingon"),
    "one that is no text": ("utf-8", "text/html; charset=base64"),
    "UTF-16": ("utf-16", "text/html"),
    "UTF-7, which hides tags": ("utf-8", "text/html; charset=utf-7"),
}


@pytest.mark.parametrize(("real", "said"), CHARSETS.values(), ids=CHARSETS)
def test_a_wrong_charset_spoils_no_word(there, room, real, said):
    prose = (
        "Die Seetangwälder wachsen in kühlem Wasser an felsigen Küsten. Täglich wächst ein Wedel um"
        " einen halben Meter. Otter schützen den Wald, weil sie die Seeigel fressen, die ihn"
        " abweiden. So bleibt der größte Wald unter dem Meer für alle erhalten. "
    )
    page = read(there.page("/tang", article(prose * 2).encode(real), content_type=said), room)
    for word in ("Seetangwälder", "kühlem", "Küsten", "größte"):
        assert word in page.text
    assert page.language == "de"


def test_a_page_may_say_its_charset_itself(there, room):
    prose = "Леса бурых водорослей растут в холодной воде у скалистых берегов северных морей. " * 5
    content = article(prose, head='<meta charset="windows-1251">').encode("cp1251")
    page = read(there.page("/les", content, content_type="text/html"), room)
    assert "холодной воде" in page.text
    assert page.language == "ru"


def test_redirects_are_followed_and_the_last_address_is_kept(there, room):
    there.page("/kelp", article())
    there.leads("/b", "kelp", status=307)
    page = read(there.leads("/a", f"{there.url}/b", status=301), room)
    assert page.url == f"{there.url}/kelp"
    assert there.asked == ["/a", "/b", "/kelp"]


def test_an_address_with_letters_of_any_alphabet_is_asked_as_browsers_do(there, room):
    there.page("/wiki/K%C3%B6ln?a=%C3%A4", article())
    read(f" {there.url}/wiki/Köln?a=ä#history\n", room)
    assert there.asked == ["/wiki/K%C3%B6ln?a=%C3%A4"]


INWARDS = [
    "http://127.0.0.1:9/",
    "http://localhost/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::1]/",
    "http://[fe80::1]/",
    "http://[fd00:ec2::254]/",
    "http://10.0.0.1/",
    "http://192.168.0.1/",
    "http://100.100.100.200/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0/",
]


@pytest.mark.parametrize("url", INWARDS)
def test_no_address_leads_into_our_own_network(room, url):
    told = refusal(url, room, policy=guard.Policy())
    assert "private network" in told or "names the port" in told


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/admin",
        "http://[::ffff:169.254.169.254]/",
        "//192.168.0.1/",
    ],
)
def test_no_redirect_leads_into_our_own_network(there, room, location):
    assert "private network" in refusal(there.leads("/a", location), room)
    assert there.asked == ["/a"]


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "gopher://example.org/", "ftp://example.org/", "data:text/html,a"],
)
def test_no_redirect_leads_out_of_the_web(there, room, location):
    assert "can't be read" in refusal(there.leads("/a", location), room)


def test_a_redirect_that_carries_a_password_is_not_followed(there, room):
    url = there.leads("/a", "http://user:pass@example.org/")
    assert "user and password" in refusal(url, room)


def test_a_name_that_leads_elsewhere_at_the_second_look_gains_nothing(there, room, monkeypatch):
    asked, real = [], socket.getaddrinfo
    there.page("/kelp", article())

    def resolve(host, *args, **kwargs):
        asked.append(host)
        if host != "sea.example":
            return real(host, *args, **kwargs)
        first = asked.count("sea.example") == 1
        return real("127.0.0.1" if first else "169.254.169.254", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    port = there.url.rpartition(":")[2]
    assert "Otters" in read(f"http://sea.example:{port}/kelp", room).text
    assert asked.count("sea.example") == 1
    there.leads("/again", f"http://sea.example:{port}/kelp")
    told = refusal(f"{there.url}/again", room)
    assert "private network" in told
    assert there.asked == ["/kelp", "/again"]


def test_a_public_name_with_a_private_address_is_refused(room, monkeypatch):
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *a, **k: real("10.1.2.3", *a, **k))
    told = refusal("https://sea.example/kelp", room, policy=guard.Policy())
    assert "private network" in told


def test_ports_of_other_services_are_not_asked(room):
    told = refusal("http://example.org:6379/", room, policy=guard.Policy())
    assert "port 6379" in told


def test_redirects_in_a_circle_end(there, room):
    there.leads("/b", "/a")
    assert "never to a page" in refusal(there.leads("/a", "/b"), room)
    assert len(there.asked) == web.MAX_REDIRECTS + 1


ANSWERS = {
    404: "There is no page",
    410: "There is no page",
    401: "wants a login",
    403: "wants a login",
    418: "does not lead to a page",
    204: "does not lead to a page",
}


@pytest.mark.parametrize("status", ANSWERS)
def test_a_page_that_is_not_given_out_is_a_sentence(there, room, status):
    url = there.page("/kelp", article() if status != 204 else "", status=status)
    assert ANSWERS[status] in refusal(url, room)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_in_trouble_is_asked_again_later(there, room, status):
    url = there.page("/kelp", status=status, headers={"Retry-After": "7"})
    with pytest.raises(Unavailable) as found:
        read(url, room)
    assert found.value.retry_after_s == 7


def test_a_closed_port_is_asked_again_later_and_an_unknown_name_is_not(room, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
    with pytest.raises(Unavailable, match="connection failed"):
        read(f"http://127.0.0.1:{port}/", room)
    fault = {"errno": socket.EAI_NONAME}

    def resolve(host, *_, **__):
        raise socket.gaierror(fault["errno"], "as told")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert "There is no site called sea.example" in refusal("https://sea.example/", room)
    fault["errno"] = socket.EAI_AGAIN
    with pytest.raises(Unavailable, match=r"sea\.example could not be read"):
        read("https://sea.example/", room)


OTHER_FILES = {
    "application/pdf": "PDF",
    "image/png": "image/png",
    "application/json": "application/json",
    "video/mp4": "video/mp4",
}


@pytest.mark.parametrize("content_type", OTHER_FILES)
def test_what_is_no_page_is_refused_by_what_it_is(there, room, content_type):
    url = there.page("/kelp", b"\x00\x01\x02" * 500, content_type=content_type)
    assert OTHER_FILES[content_type] in refusal(url, room)


def test_bytes_that_call_themselves_a_page_are_refused(there, room):
    url = there.page("/kelp", b"\x89PNG\x00\x01\x02" * 500)
    assert "no text" in refusal(url, room)


THIN = {
    "built by a script": "<html><body><div id='root'></div><script>go()</script></body></html>",
    "a login": "<html><body><form>Sign in<input name='password'></form></body></html>",
    "nothing": "",
    "no markup that says anything": "<html>" * 50,
}


@pytest.mark.parametrize("body", THIN.values(), ids=THIN)
def test_a_page_without_text_of_its_own_is_refused(there, room, body):
    assert "too little text" in refusal(there.page("/kelp", body), room)


def test_a_page_that_unpacks_to_gigabytes_is_cut_off(there, room):
    bomb = gzip.compress(b"a" * 200_000_000)
    url = there.page("/kelp", bomb, headers={"Content-Encoding": "gzip"})
    assert "more than 8 MB" in refusal(url, room)


def test_a_packed_page_is_unpacked_and_a_damaged_one_refused(there, room):
    packed = gzip.compress(article().encode())
    page = read(there.page("/a", packed, headers={"Content-Encoding": "gzip"}), room)
    assert "Otters" in page.text
    url = there.page("/b", packed[:5] + b"x" * 500, headers={"Content-Encoding": "gzip"})
    assert "damaged" in refusal(url, room)
    url = there.page("/c", packed, headers={"Content-Encoding": "br"})
    assert "nobody asked for" in refusal(url, room)


def test_a_page_without_an_end_is_cut_off(there, room):
    url = there.page("/kelp", pieces=itertools.repeat(b"<p>Kelp grows.</p>" * 5_000))
    assert "more than 8 MB" in refusal(url, room)


def test_who_sends_a_byte_now_and_then_holds_nobody(there, room):
    url = there.page("/kelp", pieces=itertools.repeat(b"a"), pause_s=0.05)
    slow = guard.Policy(loopback=True, http=True, whole_s=1.0)
    with pytest.raises(Unavailable, match="No whole answer within 1 s"):
        read(url, room, policy=slow)


def test_a_fetch_that_is_told_to_stop_stops(there, room):
    url = there.page("/kelp", pieces=itertools.repeat(b"a"), pause_s=0.05)
    until = time.monotonic() + 0.5
    with pytest.raises(Stopped):
        read(url, room, stopping=lambda: time.monotonic() > until)


def test_a_page_of_three_hundred_printed_pages_is_read(there, room):
    paragraphs = [f"Chapter {n} of the book of the sea. {PROSE * 4}" for n in range(900)]
    url = there.page("/book", article(*paragraphs))
    page = read(url, room)
    assert len(page.text) > 600_000
    assert "Chapter 899" in page.text


TANGLED = {
    "deep": "<div>" * 50_000 + PROSE * 10,
    "wide": "<p><b><i><a href='x'>k" * 60_000,
    "one endless tag": "<a " + "b='c' " * 300_000,
    "a table in a table": "<table><tr><td>" * 5_000 + PROSE * 10,
    "numbers for signs": "&#x41;" * 300_000,
}


@pytest.mark.parametrize("body", TANGLED.values(), ids=TANGLED)
def test_a_tangled_page_is_read_or_refused_and_takes_nobody_along(there, room, body):
    url = there.page("/kelp", f"<html><body>{body}")
    with contextlib.suppress(Rejected):  # any other end is a fault of ours
        assert read(url, room).text
    assert not list(room.iterdir())


def test_what_takes_for_ever_to_be_read_is_given_up(there, room, monkeypatch):
    monkeypatch.setattr(web, "PARSE_S", 0.01)
    assert "can't be read" in refusal(there.page("/kelp", article()), room)
