// The page of one video: the player, jumps, and what is fetched anew as the video is made.

import { framesIn, timecode, within } from "./frames.js";
import { frameOf, goTo, player as video } from "./player.js";
import { hearing } from "./hear.js";

// --- jumps
document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-seek]");
  const player = video();
  if (!target || !player) return;
  player.currentTime = Number(target.dataset.seek) + 0.01;
  player.play().catch(() => {});
  player.scrollIntoView({ block: "nearest", behavior: "smooth" });
});
document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-steps]");
  const player = video();
  if (target && player) goTo(player, frameOf(player) + Number(target.dataset.steps));
});

let shown = -1; // the frame that the page tells of
function bind() {
  const player = video();
  if (!player || player.dataset.bound) return;
  player.dataset.bound = "1";
  const range = document.querySelector("#scrub input");
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
  document.getElementById("speed").addEventListener("change", (event) => {
    player.playbackRate = Number(event.target.value);
  });
  now();
}
bind();
for (const told of ["htmx:load", "refreshed"]) document.body.addEventListener(told, bind);

function mark(player, range) {
  const frames = framesIn(player.duration);
  const frame = within(frameOf(player), frames);
  range.max = String(Math.max(0, frames - 1));
  if (frame === shown && Number(range.value) === frame) return;
  shown = frame;
  range.value = String(frame);
  range.setAttribute("aria-valuetext", timecode(frame));
  document.getElementById("timecode").textContent = timecode(frame);
  document.body.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  let scene = null;
  for (const one of document.querySelectorAll(".scene[data-start]")) {
    one.classList.remove("is-now");
    if (Number(one.dataset.start) <= player.currentTime) scene = one;
  }
  scene?.classList.add("is-now");
}

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
  if (!player || event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TYPES)) return;
  // space is the browser's own on the player and on what can be pressed
  if (event.key === " " && event.target.closest("video, button, a, summary, input")) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act(player);
});

// --- the form of a scene
hearing(document.body);
function show(form) {
  const chosen = form.elements.template?.value;
  for (const field of form.querySelectorAll("[data-card]")) {
    const wanted = field.dataset.card === "json" ? chosen === "json" : chosen !== "json" && chosen !== "keep";
    field.hidden = !wanted;
  }
}
document.body.addEventListener("htmx:load", (event) => {
  const form = event.target.querySelector?.(".is-open form") || (event.target.matches?.(".is-open") && event.target.querySelector("form"));
  if (!form) return;
  show(form);
  form.addEventListener("change", () => show(form));
  form.elements.narration.focus();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-split]");
  if (!button) return;
  const { narration } = button.form.elements;
  if (narration.value !== narration.defaultValue) {
    narration.setCustomValidity("Save your words first, then split.");
    narration.reportValidity();
    narration.setCustomValidity("");
    return;
  }
  htmx.ajax("POST", button.dataset.split, { values: { at: narration.selectionStart }, swap: "none" });
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-drops]")) event.target.closest("form").classList.remove("changed");
});
