// Keeps the cost of the video that is shown as it stands: by the feed, and where no socket comes
// through, by asking every few seconds while it is being made. What is unfolded stays so.

import { together } from "./fresh.js";
import { line } from "./line.js";

const EVERY_MS = 3000; // without a feed
const panel = () => document.getElementById("costs");

const refresh = together(() => {
  const here = panel();
  if (here) htmx.trigger(here, "refresh");
});

/** @type {string[]} ids of what is unfolded */ let open = [];
document.body.addEventListener("htmx:beforeSwap", ({ target }) => {
  if (target instanceof Element && target.id === "costs") open = [...target.querySelectorAll("details[open]")].map(({ id }) => id);
});
document.body.addEventListener("htmx:load", ({ target }) => {
  if (!(target instanceof Element) || target.id !== "costs") return;
  for (const id of open) target.querySelector(`#${id}`)?.setAttribute("open", "");
});

const id = Number(panel()?.dataset.costs);
if (id) {
  line.feed.follow("costs", id, {
    snapshot: refresh,
    events(lines) {
      if (lines.some(({ kind }) => kind.startsWith("billing.") || kind === "videos.video_moved")) refresh();
    },
    progress: refresh,
  });
  line.open();
  setInterval(() => {
    if (line.feed.state !== "open" && document.querySelector("#status[data-moving]")) refresh();
  }, EVERY_MS);
}
