// Keeps the cost of the video that is shown as it stands: by the feed, and where no socket comes
// through, by asking every few seconds while it is being made. What is unfolded stays so.

import { together } from "./fresh.js";
import { line } from "./line.js";

const EVERY_MS = 3000; // without a feed, and while something is set aside: nobody tells when it is freed
const OF_MONEY = /^(billing\.|videos\.(part_made|stage_finished|video_moved)$)/;
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
      if (lines.some(({ kind }) => OF_MONEY.test(kind))) refresh();
    },
    progress: refresh,
  });
  line.open();
  setInterval(() => {
    const isBlind = line.feed.state !== "open" && document.querySelector("#status[data-moving]");
    if (isBlind || panel()?.querySelector("[data-held]")) refresh();
  }, EVERY_MS);
}
