// The bell: how many notifications are unread, as they come and are read here, in another tab or by
// a program. The page of notifications shows them as they come, too.

import { byId } from "./elements.js";
import { refreshParts } from "./fresh.js";
import { line } from "./line.js";

const EVERY_MS = 30_000; // without a feed
const MOST_SHOWN = 99;

/** @typedef {{ unread: number, newest: number }} Bell */

const bell = byId("bell");
const count = byId("unread-count");
const said = byId("bell-said");
const isList = document.querySelector("[data-notices]") !== null;
/** @type {Bell} */ let last = { unread: Number(bell.dataset.unread), newest: 0 };

/** @param {Bell} now */
function ring(now) {
  const isNew = now.unread > last.unread || (last.newest > 0 && now.newest > last.newest);
  const isSame = now.unread === last.unread && now.newest === last.newest;
  last = now;
  if (isSame) return;
  bell.dataset.unread = String(now.unread);
  bell.setAttribute("aria-label", now.unread ? `Notifications, ${now.unread} unread` : "Notifications");
  count.hidden = !now.unread;
  count.textContent = now.unread > MOST_SHOWN ? `${MOST_SHOWN}+` : String(now.unread);
  count.classList.toggle("is-new", isNew);
  if (isNew) said.textContent = now.unread === 1 ? "One unread notification" : `${now.unread} unread notifications`;
  if (isList) refreshParts();
}

count.addEventListener("animationend", () => count.classList.remove("is-new"));
line.feed.follow("bell", undefined, {
  progress({ unread, newest }) {
    if (typeof unread === "number" && typeof newest === "number") ring({ unread, newest });
  },
});
if (isList) line.open();
else line.openWhileSeen();

async function ask() {
  const answer = await fetch(bell.dataset.address ?? "").catch(() => null);
  if (answer?.ok && !answer.redirected) ring(await answer.json());
}
setInterval(() => {
  if (line.feed.state !== "open" && !document.hidden) ask();
}, EVERY_MS);
