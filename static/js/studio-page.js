// The page of one video: the player, jumps, and what is fetched anew as the video is made.

import { all, byId, field, one, within } from "./elements.js";
import { framesIn, timecode, within as inside } from "./frames.js";
import { hearing } from "./hear.js";
import { frameOf, goTo, player as video } from "./player.js";

// --- jumps
document.addEventListener("click", (event) => {
  const target = within(event, "[data-seek]");
  const player = video();
  if (!target || !player) return;
  player.currentTime = Number(target.dataset.seek) + 0.01;
  player.play().catch(() => {});
  player.scrollIntoView({ block: "nearest", behavior: "smooth" });
});

document.addEventListener("click", (event) => {
  const target = within(event, "[data-steps]");
  const player = video();
  if (target && player) goTo(player, frameOf(player) + Number(target.dataset.steps));
});

let shown = -1; // the frame that the page tells of
function bind() {
  const player = video();
  if (!player || player.dataset.bound) return;
  player.dataset.bound = "1";
  const range = one(document, "#scrub input", HTMLInputElement);
  const now = () => mark(player, range);
  for (const told of ["timeupdate", "seeking", "seeked", "loadedmetadata", "durationchange"]) player.addEventListener(told, now);
  // timeupdate comes four times a second: too few to read frames by
  const follow = () => {
    now();
    if (!player.paused && player.isConnected) requestAnimationFrame(follow);
  };
  player.addEventListener("play", follow);
  for (const told of ["pointermove", "pointerdown", "focus", "play"]) {
    player.addEventListener(told, () => { player.controls = true; });
  }
  range.addEventListener("input", () => goTo(player, Number(range.value)));
  const speed = byId("speed", HTMLSelectElement);
  speed.addEventListener("change", () => {
    player.playbackRate = Number(speed.value);
  });
  now();
}
bind();
for (const told of ["htmx:load", "refreshed"]) document.body.addEventListener(told, bind);

/**
 * @param {HTMLVideoElement} player
 * @param {HTMLInputElement} range
 */
function mark(player, range) {
  const frames = framesIn(player.duration);
  const frame = inside(frameOf(player), frames);
  range.max = String(Math.max(0, frames - 1));
  if (frame === shown && Number(range.value) === frame) return;
  shown = frame;
  range.value = String(frame);
  range.setAttribute("aria-valuetext", timecode(frame));
  byId("timecode").textContent = timecode(frame);
  document.body.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  /** @type {HTMLElement | undefined} */ let now;
  for (const scene of all(document, ".scene[data-start]")) {
    scene.classList.remove("is-now");
    if (Number(scene.dataset.start) <= player.currentTime) now = scene;
  }
  now?.classList.add("is-now");
}

/** @type {Record<string, (player: HTMLVideoElement) => unknown>} */
const KEYS = {
  " ": (player) => (player.paused ? player.play().catch(() => {}) : player.pause()),
  k: (player) => (player.paused ? player.play().catch(() => {}) : player.pause()),
  j: (player) => { player.currentTime -= 5; },
  l: (player) => { player.currentTime += 5; },
  ",": (player) => goTo(player, frameOf(player) - 1),
  ".": (player) => goTo(player, frameOf(player) + 1),
};
const TYPES = "input:not([type=range], [type=checkbox]), textarea, select, dialog, [popover]";
document.addEventListener("keydown", (event) => {
  const player = video();
  if (!player || event.ctrlKey || event.metaKey || event.altKey || within(event, TYPES)) return;
  // space is the browser's own on the player and on what can be pressed
  if (event.key === " " && within(event, "video, button, a, summary, input")) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act(player);
});

// --- the form of a scene
hearing(document.body);
/** @param {HTMLFormElement} form */
function show(form) {
  const [template] = all(form, '[name="template"]', HTMLSelectElement);
  const chosen = template?.value;
  for (const part of all(form, "[data-card]")) {
    const wanted = part.dataset.card === "json" ? chosen === "json" : chosen !== "json" && chosen !== "keep";
    part.hidden = !wanted;
  }
}
document.body.addEventListener("htmx:load", ({ target }) => {
  if (!(target instanceof Element)) return;
  const form = target.querySelector(target.matches(".is-open") ? "form" : ".is-open form");
  if (!(form instanceof HTMLFormElement)) return;
  show(form);
  form.addEventListener("change", () => show(form));
  field(form, "narration", HTMLTextAreaElement).focus();
});
document.addEventListener("click", (event) => {
  const button = within(event, "[data-split]");
  if (!(button instanceof HTMLButtonElement) || !button.form) return;
  const narration = field(button.form, "narration", HTMLTextAreaElement);
  if (narration.value !== narration.defaultValue) {
    narration.setCustomValidity("Save your words first, then split.");
    narration.reportValidity();
    narration.setCustomValidity("");
    return;
  }
  htmx.ajax("POST", button.dataset.split ?? "", { values: { at: narration.selectionStart }, swap: "none" });
});
document.addEventListener("click", (event) => {
  if (within(event, "[data-drops]")) within(event, "form")?.classList.remove("changed");
});
