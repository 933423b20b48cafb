// The page of one video: the player, jumps, and what is fetched anew as the video is made.

const video = () => document.getElementById("video");
const FRAME_S = 1 / 30;

// --- jumps
document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-seek]");
  const player = video();
  if (!target || !player) return;
  player.currentTime = Number(target.dataset.seek) + 0.01;
  player.play().catch(() => {});
  player.scrollIntoView({ block: "nearest", behavior: "smooth" });
});

function bind() {
  const player = video();
  if (!player || player.dataset.bound) return;
  player.dataset.bound = "1";
  player.addEventListener("timeupdate", () => mark(player.currentTime));
  document.getElementById("speed").addEventListener("change", (event) => {
    player.playbackRate = Number(event.target.value);
  });
}
bind();
document.body.addEventListener("htmx:load", bind);

function mark(at) {
  let now = null;
  for (const scene of document.querySelectorAll(".scene[data-start]")) {
    scene.classList.remove("is-now");
    if (Number(scene.dataset.start) <= at) now = scene;
  }
  now?.classList.add("is-now");
}

const KEYS = {
  " ": (player) => (player.paused ? player.play().catch(() => {}) : player.pause()),
  k: (player) => (player.paused ? player.play().catch(() => {}) : player.pause()),
  j: (player) => { player.currentTime -= 5; },
  l: (player) => { player.currentTime += 5; },
  ",": (player) => { player.pause(); player.currentTime -= FRAME_S; },
  ".": (player) => { player.pause(); player.currentTime += FRAME_S; },
};
document.addEventListener("keydown", (event) => {
  const player = video();
  const typing = event.target.closest("input, textarea, select, button, a, dialog, [popover]");
  if (!player || (typing && event.target !== player) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === player && event.key === " ") return; // the browser's own
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act(player);
});

// --- the form of a scene
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
