// Keeps the library, one of its files, and the choice of a picture as things stand: by the feed, and
// where no socket comes through, by asking every few seconds while something is prepared.
//
// [data-asset] names the file that an element shows, [data-preparing] on it that a worker is at it.

import { refreshParts } from "./fresh.js";
import { line } from "./line.js";

const EVERY_MS = 3000; // without a feed
const OF_LISTS = ["videos.asset_added", "videos.asset_deleted"]; // also of what is not shown yet, or on another page

/** @param {unknown} id @returns {HTMLElement | null} */
const shown = (id) => document.querySelector(`[data-asset="${Number(id)}"]`);

/** @param {import("./feed.js").Progress} progress */
function move({ topic, id, fraction }) {
  const card = topic === "asset" ? shown(id) : null;
  if (!card || typeof fraction !== "number") return;
  const bar = card.querySelector("progress"), percent = card.querySelector("[data-percent]");
  if (bar) bar.value = fraction;
  if (percent) percent.textContent = fraction ? ` ${Math.round(100 * fraction)} %` : "";
}

const list = document.getElementById("assets");
const alone = list ? undefined : Number(document.querySelector("[data-asset]")?.getAttribute("data-asset"));
let isFirst = true;

line.feed.follow(list ? "team" : "asset", alone, {
  snapshot() {
    // the page was drawn a moment before: what is prepared may be ready by now
    if (!isFirst || document.querySelector("[data-preparing]")) refreshParts();
    isFirst = false;
  },
  events(lines) {
    const isShown = lines.some(({ kind, payload }) => kind.startsWith("videos.asset_") && shown(payload.asset_id));
    if (isShown || lines.some(({ kind }) => OF_LISTS.includes(kind))) refreshParts();
  },
  progress: move,
});
line.open();
setInterval(() => {
  if (line.feed.state !== "open" && document.querySelector("[data-preparing]")) refreshParts();
}, EVERY_MS);

// what was uploaded here is seen without a feed, too
document.body.addEventListener("uploaded", refreshParts);
