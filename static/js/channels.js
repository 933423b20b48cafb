// The page of a brand kit: what is typed shows at once as a sketch, then as the renderer draws it.

const form = document.getElementById("kit");
const preview = document.getElementById("preview");
const sketch = document.getElementById("look");
const drawn = document.getElementById("drawn");
const told = document.getElementById("told");
const COLOURS = ["ink", "paper", "accent", "second", "glow"];
const WAIT = 300; // ms without a key before the renderer is asked
const PATIENCE = 12; // times that a busy renderer is asked again

const wanted = { format: "landscape", card: "title" };
let timer = 0;
let asking = null;

const isColour = (text) => /^#[0-9a-f]{6}$/i.test(text);
const value = (name) => form.elements[name].value.trim();

function paint() {
  for (const name of COLOURS) {
    if (!isColour(value(name))) continue;
    sketch.style.setProperty(name === "accent" ? "--look-accent" : `--${name}`, value(name));
    form.querySelector(`[data-for="${form.elements[name].id}"]`).value = value(name).toLowerCase();
  }
  sketch.className = `look ${wanted.format}`;
  document.body.dispatchEvent(new CustomEvent("look-changed"));
}

function address() {
  const asked = new URLSearchParams(wanted);
  for (const name of COLOURS) asked.set(name, value(name));
  asked.set("font", value("font"));
  asked.set("name", value("name"));
  asked.set("logo", form.elements.drop_logo?.checked ? "" : value("logo_sha256"));
  return `${preview.dataset.address}?${asked}`;
}

function redraw(wait = WAIT) {
  paint();
  clearTimeout(timer);
  asking?.abort();
  if (!COLOURS.every((name) => isColour(value(name)))) {
    drawn.classList.add("is-old");
    told.textContent = "A colour is written as # and six digits or letters a to f.";
    return;
  }
  drawn.classList.add("is-old");
  told.textContent = "Drawing…";
  timer = setTimeout(draw, wait);
}

async function draw(tries = 0) {
  asking = new AbortController();
  const { signal } = asking;
  try {
    const answer = await fetch(address(), { signal });
    if (answer.status === 429 && tries < PATIENCE) {
      timer = setTimeout(draw, 250, tries + 1);
      return;
    }
    if (!answer.ok) {
      told.textContent = await answer.text();
      return;
    }
    show(await answer.blob());
  } catch (error) {
    if (error.name !== "AbortError") told.textContent = "The picture could not be fetched. The sketch shows your colours.";
  }
}

function show(blob) {
  const before = drawn.src;
  drawn.src = URL.createObjectURL(blob);
  drawn.onload = () => {
    drawn.classList.remove("is-old");
    told.textContent = "Drawn by the renderer that makes the videos.";
    if (before.startsWith("blob:")) URL.revokeObjectURL(before);
  };
}

function press(button) {
  const kind = button.dataset.shape ? "format" : "card";
  wanted[kind] = button.dataset.shape || button.dataset.card;
  for (const one of button.parentElement.children) one.setAttribute("aria-pressed", String(one === button));
  redraw(0);
}

function take(look) {
  for (const [name, chosen] of Object.entries(look)) form.elements[name].value = chosen;
  form.classList.add("changed");
  redraw(0);
}

form.addEventListener("input", (event) => {
  const { target } = event;
  if (target.dataset.for) document.getElementById(target.dataset.for).value = target.value;
  if (target.name !== "logo") redraw();
});
preview.addEventListener("click", (event) => {
  const button = event.target.closest("[data-shape], [data-card]");
  if (button) press(button);
});
form.addEventListener("click", (event) => {
  const sample = event.target.closest("[data-sample]");
  if (!sample) return;
  event.preventDefault();
  take(JSON.parse(sample.nextElementSibling.textContent));
});
drawn.addEventListener("error", () => drawn.classList.add("is-old"));
paint();
