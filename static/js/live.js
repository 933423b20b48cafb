// Keeps lists of videos and the page of one as things stand: by the feed, and where no socket comes
// through, by asking every few seconds.
//
// [data-live] names the topic that the page follows and fetches itself anew on "refresh" (htmx);
// [data-moving] on it says that something is being worked on; [data-live-parts], that there is more
// than states (fresh.js). The body tells "news" (its lines; none: something may have been missed).

import { refreshParts, together } from "./fresh.js";
import { line } from "./line.js";

const EVERY_MS = 3000; // without a feed
const OF_VIDEOS = /^(videos\.(?!asset_)|channels\.upload_)/;
const OF_LISTS = /^videos\.video_(created|moved|deleted|restored|renamed)$/;

/** @returns {HTMLElement | null} */
const place = () => document.querySelector("[data-live]");

const refresh = together(() => {
  const here = place();
  if (here) htmx.trigger(here, "refresh");
});

// the status says that more than progress has changed
document.body.addEventListener("advanced", refreshParts);

const here = place();
if (here?.dataset.live) {
  const { live, liveId, liveParts } = here.dataset;
  const hasParts = liveParts !== undefined;
  let isFirst = true;
  /** @param {import("./feed.js").Line[]} lines */
  const news = (lines) => document.body.dispatchEvent(new CustomEvent("news", { detail: lines }));
  line.feed.follow(live, liveId ? Number(liveId) : undefined, {
    snapshot() {
      // the page was drawn a moment before: something may have happened between
      refresh();
      if (hasParts && !isFirst) refreshParts();
      isFirst = false;
      news([]);
    },
    events(lines) {
      news(lines);
      if (lines.some(({ kind }) => OF_VIDEOS.test(kind))) refresh();
      if (hasParts && lines.some(({ kind }) => OF_LISTS.test(kind))) refreshParts();
    },
    progress({ topic }) {
      if (topic === "video") refresh();
    },
  });
  line.open();
  setInterval(() => {
    if (line.feed.state !== "open") news([]);
    if (line.feed.state !== "open" && place()?.hasAttribute("data-moving")) refresh();
  }, EVERY_MS);
}
