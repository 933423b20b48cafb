"""Pictures of the pages, taken of a studio that has really made the videos they show.

`python -m docs.screenshots.make costs budgets` takes those pages anew and leaves the others.
"""

import io
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from docs.screenshots.texts import EMAIL, KELP, PASSWORD
from tests.browser.served import Served, chromium, served
from tests.processes import Installation, until

HERE = Path(__file__).parent
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
THEMES = ("light", "dark")
PAGES: Mapping[str, str] = {
    "home": "/",
    "videos": "/videos/",
    "new-video": "/videos/new/",
    "studio": "/videos/1/",
    "script": "/videos/1/script/",
    "channels": "/channels/",
    "brand-kit": "/brand-kits/1/",
    "library": "/library/",
    "team": "/team/",
    "tokens": "/team/tokens/",
    "settings": "/settings/",
    "costs": "/costs/?period=30",
    "budgets": "/costs/budgets/",
    "admin": "/admin/",
    "prices": "/admin/price-list/",
    "guest": "/shared/1/",
    "sign-in": "/accounts/login/",
}
MONEY = ("costs", "budgets", "prices")  # which show nothing of what videos look like
RESTING = "('approved', 'published', 'review', 'failed')"
QUALITY = 82


def main(wanted: Sequence[str]) -> None:
    """All pages, or those that are named. Raises SystemExit for one that there is not."""
    unknown = set(wanted) - set(PAGES)
    if unknown:
        raise SystemExit(f"There is no page {', '.join(sorted(unknown))}: {', '.join(PAGES)}.")
    for old in HERE.glob("*.webp") if not wanted else ():
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        installation = Installation(Path(folder))
        installation.manage("migrate", "-v", "0")
        _seed(installation, "seed.run")
        is_of_videos = not wanted or not set(MONEY).issuperset(wanted)
        with served(installation, with_workers=is_of_videos) as studio, chromium() as browser:
            if is_of_videos:
                print("Making the videos that the pages show ...", flush=True)
                until(lambda: _rest(installation), within_s=900, what="the videos are made")
                _seed(installation, "seed.talk")
            _seed(installation, "money.spend")
            _take(browser, studio, wanted)


def _seed(installation: Installation, what: str) -> None:
    command = f"from docs.screenshots import money, seed; {what}()"
    done = installation.manage("shell", "-c", command)
    if done.returncode:
        raise RuntimeError(done.stderr)


def _rest(installation: Installation) -> bool:
    asked = f"SELECT count(*) FROM videos_video WHERE state IN {RESTING}"  # noqa: S608
    return bool(installation.ask(asked)[0][0] >= 4)


def _take(browser: Browser, studio: Served, wanted: Sequence[str]) -> None:
    pages = {
        (theme, size): _signed_in(browser, studio, theme, size)
        for theme in THEMES
        for size in SIZES
    }
    first = next(iter(pages.values()))
    if not wanted:
        working = _order(first, studio)
        for (theme, size), page in pages.items():
            _shoot(page, f"{studio.address}{working}", f"studio-working-{theme}-{size}")
    shown = {name: path for name, path in PAGES.items() if name in (wanted or PAGES)}
    link = share(first, studio.address) if "guest" in shown else ""
    says = "Could we say here who built it?"
    for name, path in shown.items():
        for (theme, size), page in pages.items():
            if name in ("guest", "sign-in"):
                page.context.clear_cookies()
            if name == "guest":
                come_as_guest(page, link, says)
                says = ""
            _shoot(page, f"{studio.address}{path}", f"{name}-{theme}-{size}")


def _signed_in(browser: Browser, studio: Served, theme: str, size: str) -> Page:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=theme, device_scale_factor=1
    )
    page = context.new_page()
    page.goto(f"{studio.address}/accounts/login/")
    page.fill("[name=login]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_load_state()
    return page


def _order(page: Page, studio: Served) -> str:
    """A video that is being made while the pictures are taken."""
    page.goto(f"{studio.address}/videos/new/")
    page.fill("[name=source]", KELP * 3)
    page.get_by_role("radio", name="90 s").check()
    page.click("#make")
    page.wait_for_url("**/videos/*/")
    page.wait_for_timeout(6000)
    return page.url.partition(studio.address)[2]


def share(page: Page, address: str) -> str:
    page.goto(f"{address}/videos/1/script/")
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("radio", name="Comment").check()
    page.get_by_label("For whom").fill("The aquarium")
    page.get_by_role("button", name="Make a link").click()
    return page.get_by_label("The link", exact=True).input_value()


def come_as_guest(page: Page, link: str, says: str = "") -> None:
    page.goto(link)
    page.get_by_role("textbox", name="Your name").fill("Zoë Brandt")
    page.keyboard.press("Enter")
    page.locator("#naming").wait_for(state="hidden")
    if says:
        page.get_by_label("Comment on scene 2").click()
        page.keyboard.type(says)
        page.keyboard.press("Control+Enter")
        page.locator("article.talk", has_text=says).wait_for()


def _shoot(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle") if "working" not in name else page.wait_for_timeout(700)
    taken = Image.open(io.BytesIO(page.screenshot()))
    taken.save(HERE / f"{name}.webp", quality=QUALITY, method=6)
    print(name, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
