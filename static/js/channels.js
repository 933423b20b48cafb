// The page of a brand kit: what is typed shows at once as a sketch, then as the renderer draws it.

import { all, byId, field, one, within } from "./elements.js";

const form = byId("kit", HTMLFormElement);
const preview = byId("preview");
const sketch = byId("look");
const drawn = byId("drawn", HTMLImageElement);
const told = byId("told");
const COLOURS = ["ink", "paper", "accent", "second", "glow"];
const WAIT = 300; // ms without a key before the renderer is asked
const PATIENCE = 12; // times that a busy renderer is asked
const BUSY = 429;

const wanted = { format: "landscape", card: "title" };
/** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
let isAsking = false;
let asksAgain = false; // something changed while a picture was on its way

/** @param {string} text */
const isColour = (text) => /^#[0-9a-f]{6}$/i.test(text);
/** @param {string} name */
const fieldOf = (name) => /** @type {HTMLInputElement | HTMLSelectElement} */ (field(form, name, HTMLElement));
/** @param {string} name */
const value = (name) => fieldOf(name).value.trim();

function paint() {
  for (const name of COLOURS) {
    if (!isColour(value(name))) continue;
    sketch.style.setProperty(name === "accent" ? "--look-accent" : `--${name}`, value(name));
    one(form, `[data-for="${fieldOf(name).id}"]`, HTMLInputElement).value = value(name).toLowerCase();
  }
  sketch.className = `look ${wanted.format}`;
  document.body.dispatchEvent(new CustomEvent("look-changed"));
}

function address() {
  const asked = new URLSearchParams(wanted);
  for (const name of COLOURS) asked.set(name, value(name));
  asked.set("font", value("font"));
  asked.set("name", value("name"));
  asked.set("logo", all(form, '[name="drop_logo"]', HTMLInputElement)[0]?.checked ? "" : value("logo_sha256"));
  return `${preview.dataset.address}?${asked}`;
}

function redraw(wait = WAIT) {
  paint();
  clearTimeout(timer);
  if (!COLOURS.every((name) => isColour(value(name)))) {
    drawn.classList.add("is-old");
    told.textContent = "A colour is written as # and six digits or letters a to f.";
    return;
  }
  drawn.classList.add("is-old");
  told.textContent = "Drawing…";
  timer = setTimeout(draw, wait);
}

async function draw() {
  if (isAsking) {
    asksAgain = true;
    return;
  }
  isAsking = true;
  try {
    await ask();
  } catch {
    told.textContent = "The picture could not be fetched. The sketch shows your colours.";
  }
  isAsking = false;
  if (asksAgain) {
    asksAgain = false;
    redraw(0);
  }
}

async function ask() {
  for (let tries = 0; tries < PATIENCE; tries += 1) {
    const answer = await fetch(address());
    if (answer.ok) {
      const picture = await answer.blob();
      if (!asksAgain) show(picture);
      return;
    }
    told.textContent = await answer.text();
    if (answer.status !== BUSY) return;
    await new Promise((go) => setTimeout(go, WAIT)); // another tab of this person draws
  }
}

/** @param {Blob} blob */
function show(blob) {
  const before = drawn.src;
  drawn.src = URL.createObjectURL(blob);
  drawn.onload = () => {
    drawn.classList.remove("is-old");
    told.textContent = "Drawn by the renderer that makes the videos.";
    if (before.startsWith("blob:")) URL.revokeObjectURL(before);
  };
}

/** @param {HTMLElement} button */
function press(button) {
  const { shape, card } = button.dataset;
  if (shape) wanted.format = shape;
  else if (card) wanted.card = card;
  for (const other of button.parentElement?.children ?? []) other.setAttribute("aria-pressed", String(other === button));
  redraw(0);
}

/** @param {Record<string, string>} look */
function take(look) {
  for (const [name, chosen] of Object.entries(look)) fieldOf(name).value = chosen;
  form.classList.add("changed");
  redraw(0);
}

form.addEventListener("input", (event) => {
  const { target } = event;
  if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return;
  if (target.dataset.for) byId(target.dataset.for, HTMLInputElement).value = target.value;
  if (target.name !== "logo") redraw();
});
preview.addEventListener("click", (event) => {
  const button = within(event, "[data-shape], [data-card]");
  if (button) press(button);
});
form.addEventListener("click", (event) => {
  const sample = within(event, "[data-sample]");
  if (!sample) return;
  event.preventDefault();
  take(JSON.parse(sample.nextElementSibling?.textContent ?? "{}"));
});
drawn.addEventListener("error", () => drawn.classList.add("is-old"));
paint();
