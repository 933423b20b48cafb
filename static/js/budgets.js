// Keeps the page of budgets as things stand: by the feed, and where no socket comes through, by
// asking every few seconds. What a budget is changed to can be typed at once.

import { refreshParts } from "./fresh.js";
import { line } from "./line.js";

const EVERY_MS = 5000; // without a feed
const OF_MONEY = /^(billing\.|videos\.(stage_|part_made|video_(moved|renamed|deleted|restored)))/;

line.feed.follow("team", undefined, {
  snapshot: refreshParts, // the page was drawn a moment before: something may have moved since
  events(lines) {
    if (lines.some(({ kind }) => OF_MONEY.test(kind))) refreshParts();
  },
  progress() {},
});
line.open();

/** @param {Element | null} change */
function write(change) {
  const field = change?.querySelector("[name=amount]");
  if (!(field instanceof HTMLInputElement)) return;
  field.focus();
  field.select();
}
document.addEventListener("toggle", ({ target }) => {
  if (target instanceof HTMLDetailsElement && target.open) write(target);
}, true);

setInterval(() => {
  if (line.feed.state !== "open") refreshParts();
}, EVERY_MS);
