// Elements of a page, as what they are: a template that lacks one is found at once, not at a click.

/**
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @param {new () => T} [kind]
 * @returns {T}
 */
export function byId(id, kind) {
  return checked(document.getElementById(id), `#${id}`, kind);
}

/**
 * The first one inside `root`.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} [kind]
 * @returns {T}
 */
export function one(root, selector, kind) {
  return checked(root.querySelector(selector), selector, kind);
}

/**
 * All of that kind inside `root`.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} [kind]
 * @returns {T[]}
 */
export function all(root, selector, kind) {
  return [...root.querySelectorAll(selector)].map((found) => checked(found, selector, kind));
}

/**
 * What an event happened in, from its target upwards; null where it is no such element.
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function within(event, selector) {
  return event.target instanceof Element ? event.target.closest(selector) : null;
}

/**
 * A field of a form, by its name.
 * @template {HTMLElement} [T=HTMLInputElement]
 * @param {HTMLFormElement} form
 * @param {string} name
 * @param {new () => T} [kind]
 * @returns {T}
 */
export function field(form, name, kind) {
  const found = form.elements.namedItem(name);
  return checked(found instanceof Element ? found : null, name, kind);
}

/** What a request that changes something has to show. */
export function csrf() {
  return String(JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "");
}

/**
 * @template {HTMLElement} T
 * @param {Element | null} found
 * @param {string} name
 * @param {new () => T} [kind]
 * @returns {T}
 */
function checked(found, name, kind) {
  if (!(found instanceof (kind ?? HTMLElement))) throw new TypeError(`${name} is not on this page`);
  return /** @type {T} */ (found);
}
