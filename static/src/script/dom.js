// Elements without markup: what people wrote never becomes HTML.

/** `h("p", { class: "muted" }, "words", child)`; an attribute that is false or null is left out. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(name) {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawn.setAttribute("class", "icon");
  drawn.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.getElementById("script").dataset.icons}#${name}`);
  drawn.append(use);
  return drawn;
}

export function button(label, act, { icon: name, ...attributes } = {}) {
  const only = attributes["aria-label"] !== undefined;
  const made = h("button", { type: "button", class: "button small", ...attributes });
  if (name) made.append(icon(name));
  if (!only) made.append(label);
  made.addEventListener("click", act);
  return made;
}

const units = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

export function when(iso) {
  const at = new Date(iso);
  const ago = (at - Date.now()) / 1000;
  const unit = units.find(([, length]) => Math.abs(ago) >= length);
  const told = unit ? relative.format(Math.round(ago / unit[1]), unit[0]) : "just now";
  return h("time", { datetime: iso, title: at.toLocaleString(), class: "muted small" }, told);
}

export function face(person, size = "") {
  const { name = "Guest", guest = false } = person ?? {};
  const letters = name.split(/\s+/).map((word) => word[0] ?? "").join("").slice(0, 2).toUpperCase();
  const colour = person?.colour ?? (person?.id ?? 0) % 8;
  return h("span", { class: `avatar face peer-${colour}${guest ? " is-guest" : ""} ${size}`, title: name, role: "img", "aria-label": guest ? `${name} (guest)` : name }, letters);
}
