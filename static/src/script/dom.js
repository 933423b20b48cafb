// Elements without markup: what people wrote never becomes HTML.

import { byId } from "../../js/elements.js";

/**
 * @typedef {string | number | boolean | null | undefined | ((event: Event) => unknown)} Attribute
 * @typedef {Node | string | false | null | undefined} Child
 */

/**
 * `h("p", { class: "muted" }, "words", child)`; an attribute that is false or null is left out.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} name
 * @param {Record<string, Attribute>} attributes
 * @param {Child[]} children
 */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...present(children));
  return element;
}

/**
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
export const present = (children) => children.flatMap((child) => (child === null || child === undefined || child === false ? [] : [child]));

/** @param {string} name */
export function icon(name) {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawn.setAttribute("class", "icon");
  drawn.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${byId("script").dataset.icons}#${name}`);
  drawn.append(use);
  return drawn;
}

/**
 * @param {string} label
 * @param {() => unknown} act
 * @param {Record<string, Attribute> & { icon?: string }} [more]
 */
export function button(label, act, { icon: name, ...attributes } = {}) {
  const only = attributes["aria-label"] !== undefined;
  const made = h("button", { type: "button", class: "button small", ...attributes });
  if (name) made.append(icon(name));
  if (!only) made.append(label);
  made.addEventListener("click", () => act());
  return made;
}

/** @type {[Intl.RelativeTimeFormatUnit, number][]} seconds */
const units = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

/** @param {string} iso */
export function when(iso) {
  const at = new Date(iso);
  const ago = (at.getTime() - Date.now()) / 1000;
  const unit = units.find(([, length]) => Math.abs(ago) >= length);
  const told = unit ? relative.format(Math.round(ago / unit[1]), unit[0]) : "just now";
  return h("time", { datetime: iso, title: at.toLocaleString(), class: "muted small" }, told);
}

/** @param {{ id?: number | string, name?: string, colour?: number, guest?: boolean }} person */
export function face(person) {
  const { name = "Guest", guest = false } = person;
  const letters = name.split(/\s+/).map((word) => word[0] ?? "").join("").slice(0, 2).toUpperCase();
  const colour = person.colour ?? (Number(person.id) || 0) % 8;
  return h("span", { class: `avatar face peer-${colour}${guest ? " is-guest" : ""}`, title: name, role: "img", "aria-label": guest ? `${name} (guest)` : name }, letters);
}
