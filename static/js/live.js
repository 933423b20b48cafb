// Keeps a page as things stand: by the feed, and where no socket comes through, by asking every few seconds.
//
// [data-live] names the topic that the page follows and fetches itself anew on "refresh" (htmx);
// [data-moving] on it says that something is being worked on. [data-refresh] parts come from the whole page.
// The body tells "news" (its lines; none: something may have been missed) and "refreshed".

import { Feed } from "./feed.js";

const TOGETHER_MS = 1000; // what comes within so long is one request
const EVERY_MS = 3000; // without a feed
const WORDS = { connecting: "", open: "Live", waiting: "Connecting again", blocked: "Every few seconds", ended: "Not live" };
const OF_LISTS = ["videos.video_created", "videos.video_moved", "videos.video_deleted", "videos.video_restored", "videos.video_renamed"];

const place = () => document.querySelector("[data-live]");

/** @param {() => void} act at once, and again at most once in TOGETHER_MS */
function together(act) {
  let timer = 0, last = 0;
  return () => {
    if (timer) return;
    timer = setTimeout(() => {
      timer = 0;
      last = performance.now();
      act();
    }, Math.max(0, last + TOGETHER_MS - performance.now()));
  };
}

const refresh = together(() => {
  const here = place();
  if (here) htmx.trigger(here, "refresh");
});
const refreshParts = together(() => htmx.trigger(document.body, "advanced"));

// --- more than progress has changed: fetch the other parts, but never over somebody's typing
document.body.addEventListener("advanced", async () => {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-refresh]")) {
    const other = fresh.getElementById(part.id);
    if (!other || part.querySelector(".is-open, dialog[open], :popover-open")) continue;
    if (part.dataset.sha !== undefined && part.dataset.sha === other.dataset.sha && part.querySelector("video")) continue;
    if (part.contains(document.activeElement) && part.id !== "player") continue;
    part.replaceWith(other);
    htmx.process(other);
  }
  document.body.dispatchEvent(new Event("refreshed"));
});

/** @param {string} state */
function show(state) {
  const sign = document.getElementById("live");
  if (!sign) return;
  sign.dataset.state = state;
  sign.lastElementChild.textContent = WORDS[state];
}

const here = place();
if (here) {
  const hasParts = "liveParts" in here.dataset;
  const feed = new Feed(location.origin.replace("http", "ws") + "/ws/feed/", show);
  let isFirst = true;
  const changed = () => {
    refresh();
    if (hasParts) refreshParts();
  };
  const news = (lines) => document.body.dispatchEvent(new CustomEvent("news", { detail: lines }));
  feed.follow(here.dataset.live, here.dataset.liveId ? Number(here.dataset.liveId) : undefined, {
    snapshot() {
      // the page was drawn a moment before: something may have happened between
      if (isFirst) refresh();
      else changed();
      isFirst = false;
      news([]);
    },
    events(lines) {
      news(lines);
      if (lines.some((line) => line.kind.startsWith("videos.") || line.kind.startsWith("channels.upload_"))) refresh();
      if (hasParts && lines.some((line) => OF_LISTS.includes(line.kind))) refreshParts();
    },
    progress: refresh,
  });
  feed.open();
  setInterval(() => {
    if (feed.state !== "open") news([]);
    if (feed.state !== "open" && place()?.hasAttribute("data-moving")) refresh();
  }, EVERY_MS);
  // a page that the browser keeps for the way back must hold no socket
  addEventListener("pagehide", () => feed.close());
  addEventListener("pageshow", (event) => event.persisted && feed.open());
}
