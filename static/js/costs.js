// Keeps the page of costs as things stand: by the feed, and where no socket comes through, by asking
// every few seconds.

import { refreshParts } from "./fresh.js";
import { line } from "./line.js";

const EVERY_MS = 5000; // without a feed, and while something is set aside: nobody tells when it is freed
// What ends also frees money that was set aside, and teaches estimates
const OF_MONEY = /^(billing\.|videos\.(part_made|stage_finished|video_moved)$)/;
let isFirst = true;

line.feed.follow("team", undefined, {
  snapshot() {
    if (!isFirst) refreshParts(); // the page was drawn a moment before
    isFirst = false;
  },
  events(lines) {
    if (lines.some(({ kind }) => OF_MONEY.test(kind))) refreshParts();
  },
  progress({ topic }) {
    if (topic === "costs") refreshParts();
  },
});
line.open();
setInterval(() => {
  if (line.feed.state !== "open" || document.querySelector("#cost-figures[data-held]")) refreshParts();
}, EVERY_MS);
