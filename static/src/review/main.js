// Comments on the rendered video, beside its player (templates/collab/review). The server draws the
// threads; here they meet the player: seeking, marks on the timeline, the frame of a new one.

import { all } from "../../js/elements.js";
import { framesIn, timecode } from "../../js/frames.js";
import { cut, frameOf, goTo, player } from "../../js/player.js";
import { Api, Refused } from "../script/api.js";
import { mentioned } from "../script/mentions.js";
import { counts, FOLLOWS, isEarlier, marks, merge, pinned } from "./list.js";

/** @typedef {import("./list.js").Thread} Thread */

const OF_TALK = /^collab\.(comment|thread)_/;
const panel = /** @type {HTMLElement} */ (document.getElementById("review"));
const list = /** @type {HTMLElement} */ (document.getElementById("review-list"));
const form = /** @type {HTMLFormElement | null} */ (document.getElementById("review-new"));
const sure = /** @type {HTMLDialogElement} */ (document.getElementById("review-sure"));
const members = JSON.parse(document.getElementById("members")?.textContent || "[]");
const api = new Api(panel.dataset.api ?? "");

/** @type {import("./list.js").State} */ let filter = "open";
/** @type {import("./list.js").Pin} */ let pin = FOLLOWS;
let picked = "";
let asked = 0;

/** @param {string} text */
const toast = (text) => document.body.dispatchEvent(new CustomEvent("toast", { detail: { text, tone: "bad" } }));

const cards = (place = list) => all(place, ".talk");
/** @param {string} key */
const card = (key) => cards().find((one) => one.dataset.key === key);

/** @param {HTMLElement} one @returns {Thread} */
const read = ({ dataset }) => ({
  key: dataset.key ?? "",
  stamp: dataset.stamp ?? "",
  state: dataset.state === "resolved" ? "resolved" : "open",
  frame: dataset.frame === undefined ? null : Number(dataset.frame),
  cut: dataset.cut ?? "",
});

// --- drawn

function draw() {
  const threads = cards().map(read);
  const shown = cut();
  for (const one of cards()) {
    const thread = read(one);
    one.hidden = thread.state !== filter;
    one.classList.toggle("is-picked", thread.key === picked);
    const sign = /** @type {HTMLElement} */ (one.querySelector("[data-earlier]"));
    sign.hidden = !isEarlier(thread, shown);
  }
  for (const [state, count] of Object.entries(counts(threads))) {
    const sign = panel.querySelector(`[data-count="${state}"]`);
    if (sign) sign.textContent = String(count);
    const empty = /** @type {HTMLElement | null} */ (list.querySelector(`[data-empty="${state}"]`));
    if (empty) empty.hidden = state !== filter || count > 0;
  }
  for (const one of panel.querySelectorAll("[data-filter]")) {
    one.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (one).dataset.filter === filter));
  }
  drawMarks(threads, shown);
  drawPin();
}

/** @param {Thread[]} threads @param {string} shown */
function drawMarks(threads, shown) {
  const video = player();
  const row = document.getElementById("marks");
  if (!video || !row) return;
  const found = marks(threads, filter, framesIn(video.duration), shown);
  row.replaceChildren(
    ...found.map(({ key, frame, at, isEarlier: is }) => {
      const mark = document.createElement("button");
      const words = card(key)?.querySelector(".talk-text")?.textContent ?? "";
      mark.type = "button";
      mark.className = `mark${is ? " is-earlier" : ""}${key === picked ? " is-picked" : ""}`;
      mark.dataset.mark = key;
      mark.title = `${timecode(frame)} ${words.slice(0, 120)}`;
      mark.setAttribute("aria-label", `Comment at ${timecode(frame)}`);
      mark.style.setProperty("--at", String(at));
      const face = card(key)?.querySelector(".face")?.cloneNode(true);
      if (face) mark.append(face);
      return mark;
    }),
  );
  row.parentElement?.classList.toggle("has-marks", found.length > 0);
}

function drawPin() {
  if (!form) return;
  const video = player();
  const now = video ? frameOf(video) : 0;
  const label = /** @type {HTMLElement} */ (document.getElementById("pin"));
  const here = /** @type {HTMLElement} */ (document.getElementById("pin-here"));
  label.hidden = !video;
  label.classList.toggle("is-whole", pin.isWhole);
  /** @type {HTMLElement} */ (document.getElementById("pin-at")).textContent = timecode(pin.frame ?? now);
  here.hidden = !video || pin.isWhole || pin.frame === null || pin.frame === now;
  /** @type {HTMLElement} */ (document.getElementById("pin-now")).textContent = timecode(now);
}

// --- what others say

async function refetch() {
  const mine = ++asked;
  const answer = await fetch(panel.dataset.threads ?? "", { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected || mine !== asked) return; // the next news asks again
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine !== asked) return;
  take(cards(fresh.body));
}

/** @param {HTMLElement[]} fresh */
function take(fresh) {
  const shown = new Map(cards().map((one) => [one.dataset.key ?? "", one]));
  const news = new Map(fresh.map((one) => [one.dataset.key ?? "", one]));
  const held = new Set([...shown].filter(([, one]) => reply(one)?.value.trim()).map(([key]) => key));
  const order = merge([...shown.values()].map(read), fresh.map(read), held).map(({ key, does }) => {
    const old = shown.get(key);
    const one = does === "take" ? news.get(key) : old;
    if (one && old && one !== old) carry(old, one);
    return /** @type {HTMLElement} */ (one);
  });
  const place = /** @type {HTMLElement} */ (list.querySelector(".threads"));
  const left = new Set(order);
  for (const one of cards()) if (!left.has(one)) one.remove();
  // what stands where it should is not moved: moving takes the focus away
  order.forEach((one, index) => {
    if (place.children[index] !== one) place.insertBefore(one, place.children[index] ?? null);
  });
  draw();
}

/** @param {HTMLElement} one */
const reply = (one) => /** @type {HTMLInputElement | null} */ (one.querySelector(".reply-form input"));

/** What somebody types stays, though the words around it change. @param {HTMLElement} old @param {HTMLElement} one */
function carry(old, one) {
  const [from, to] = [reply(old), reply(one)];
  const hadFocus = from !== null && from === document.activeElement;
  old.replaceWith(one);
  if (!from || !to) return;
  to.value = from.value;
  if (hadFocus) {
    to.focus();
    to.setSelectionRange(from.selectionStart, from.selectionEnd);
  }
}

document.body.addEventListener("news", (event) => {
  const lines = /** @type {CustomEvent<{ kind: string }[]>} */ (event).detail;
  if (!lines.length || lines.some((line) => OF_TALK.test(line.kind))) refetch();
});
document.body.addEventListener("refreshed", () => {
  bind();
  draw();
});

// --- jumps

/** @param {string} key */
function pick(key) {
  const one = card(key);
  if (!one) return;
  picked = key;
  filter = read(one).state;
  draw();
  one.scrollIntoView({ block: "nearest" });
}

/** Shows the picture that a thread is about. @param {string} key @param {number | null} [frame] */
function go(key, frame = null) {
  const one = card(key);
  const at = frame ?? (one ? read(one).frame : null);
  const video = player();
  if (one) pick(key);
  if (video && at !== null) {
    goTo(video, at);
    video.scrollIntoView({ block: "nearest" });
  }
}

list.addEventListener("click", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  const one = /** @type {HTMLElement | null} */ (target.closest(".talk"));
  if (!one || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = /** @type {HTMLAnchorElement | null} */ (target.closest("a.at"));
  if (link) {
    event.preventDefault();
    history.replaceState(null, "", link.href);
  } else if (target.closest("button, input, a") || getSelection()?.isCollapsed === false) return;
  go(one.dataset.key ?? "");
});
document.addEventListener("click", (event) => {
  const mark = /** @type {HTMLElement} */ (event.target).closest?.("[data-mark]");
  if (mark) go(/** @type {HTMLElement} */ (mark).dataset.mark ?? "");
});
panel.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement} */ (event.target).closest("[data-filter]");
  if (!button) return;
  filter = /** @type {HTMLElement} */ (button).dataset.filter === "resolved" ? "resolved" : "open";
  picked = "";
  draw();
});

/** `?frame=123#comment-5`: the frame, and the thread with that comment in it. */
function land() {
  const told = new URLSearchParams(location.search).get("frame") ?? "";
  const named = /^#comment-\d+$/.test(location.hash) ? document.querySelector(location.hash) : null;
  const one = /** @type {HTMLElement | null} */ (named?.closest("#review-list .talk") ?? null);
  const frame = /^\d{1,7}$/.test(told) ? Number(told) : null;
  if (one || frame !== null) go(one?.dataset.key ?? "", frame);
}
addEventListener("hashchange", land);

function bind() {
  const video = player();
  if (!video || video.dataset.review) return;
  video.dataset.review = "1";
  video.addEventListener("durationchange", draw);
}

// --- what this person says

/** @param {() => Promise<unknown>} work @returns {Promise<boolean>} whether the server took it */
async function act(work) {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    toast(error.message);
    return false;
  } finally {
    await refetch();
  }
}

/** @param {HTMLFormElement} sent @param {() => Promise<unknown>} work */
async function send(sent, work) {
  const button = /** @type {HTMLButtonElement} */ (sent.querySelector("button:not([type])"));
  if (button.disabled) return false;
  button.disabled = true;
  const taken = await act(work);
  button.disabled = false;
  return taken;
}

if (form) {
  const text = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("text"));
  text.addEventListener("input", () => {
    const video = player();
    const was = pin.frame;
    pin = pinned(pin, { type: "typed", text: text.value, now: video ? frameOf(video) : 0 });
    if (video && was === null && pin.frame !== null && !pin.isWhole) goTo(video, pin.frame);
    if (!text.value) form.classList.remove("changed");
    drawPin();
  });
  document.body.addEventListener("frame", drawPin);
  document.getElementById("pin-here")?.addEventListener("click", () => {
    const video = player();
    if (video) pin = pinned(pin, { type: "moved", now: frameOf(video) });
    drawPin();
    text.focus();
  });
  document.querySelector("#pin input")?.addEventListener("change", (event) => {
    pin = pinned(pin, { type: "whole", is: !(/** @type {HTMLInputElement} */ (event.target).checked) });
    drawPin();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
    if (event.key === "Escape") text.blur();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = text.value.trim();
    if (!said) return;
    const video = player();
    const place = video && !pin.isWhole ? { frame: pin.frame ?? frameOf(video) } : {};
    const of = cut() ? { cut: cut() } : {};
    let made = { id: 0 };
    const taken = await send(form, async () => {
      made = await api.post("comments/", { text: said, mentions: mentioned(said, members), ...place, ...of });
    });
    if (!taken) return form.classList.add("changed");
    form.reset();
    pin = pinned(pin, { type: "sent" });
    pick(String(made.id));
  });
}

list.addEventListener("submit", async (event) => {
  event.preventDefault();
  const sent = /** @type {HTMLFormElement} */ (event.target);
  const field = /** @type {HTMLInputElement} */ (sent.elements.namedItem("text"));
  const said = field.value.trim();
  if (!said) return;
  const thread = Number(sent.dataset.replies);
  const posted = () => api.post("comments/", { thread, text: said, mentions: mentioned(said, members) });
  await send(sent, async () => {
    await posted();
    field.value = ""; // before the thread is drawn anew, which carries over what is typed
  });
});

list.addEventListener("click", async (event) => {
  const button = /** @type {HTMLElement} */ (event.target).closest("[data-does]");
  if (!button) return;
  const { does, of = "", version } = /** @type {HTMLElement} */ (button).dataset;
  const key = /** @type {HTMLElement} */ (button.closest(".talk")).dataset.key ?? "";
  if (does === "delete") {
    if (of === key && !(await isSure())) return;
    await act(() => api.delete(`comments/${of}/`, Number(version)));
  } else await act(() => api.post(`comments/${key}/${does}/`));
});

/** @returns {Promise<boolean>} */
function isSure() {
  sure.returnValue = "";
  sure.showModal();
  return new Promise((told) => sure.addEventListener("close", () => told(sure.returnValue === "delete"), { once: true }));
}

bind();
draw();
land();
