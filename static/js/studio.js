// What every page has: news in the corner, the theme, the palette, dialogs, a sign when offline.

import { all, byId, csrf, one, within } from "./elements.js";

/** @param {string} text */
const reading = (text) => 3500 + 60 * text.length; // ms

/**
 * @typedef {{ text: string, tone?: string, undo?: string, fields?: Record<string, string> }} Told
 *   `undo` is the address that takes it back, `fields` what is sent there
 * @param {Told} told
 */
export function toast({ text, tone = "good", undo = "", fields = {} }) {
  const box = document.createElement("div");
  box.className = "toast";
  box.dataset.tone = tone;
  box.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (undo) box.append(undoButton(undo, fields));
  byId("toasts").append(box);
  fade(box, text, undo ? 8000 : 0);
}

/**
 * @param {string} address
 * @param {Record<string, string>} fields
 */
function undoButton(address, fields) {
  const button = document.createElement("button");
  button.className = "button small";
  button.textContent = "Undo";
  button.addEventListener("click", async () => {
    button.disabled = true;
    const body = new URLSearchParams(fields);
    const answer = await fetch(address, { method: "POST", body, headers: { "X-CSRFToken": csrf() } });
    if (answer.ok) location.reload();
    else toast({ text: "It could not be undone. Reload the page and look again.", tone: "bad" });
  });
  return button;
}

/**
 * @param {HTMLElement} box
 * @param {string} text
 * @param {number} more ms
 */
function fade(box, text, more) {
  const close = document.createElement("button");
  close.className = "button quiet small only";
  close.setAttribute("aria-label", "Close");
  close.textContent = "×";
  close.addEventListener("click", () => box.remove());
  box.append(close);
  // an error stays until it was read
  if (box.dataset.tone !== "bad") setTimeout(() => box.remove(), reading(text) + more);
}

for (const box of all(document, "#toasts > .toast")) {
  const { text = "", tone, more = "" } = box.dataset;
  box.remove();
  toast({ text, tone, ...(more.startsWith("{") ? JSON.parse(more) : {}) });
}
document.body.addEventListener("toast", (event) => event instanceof CustomEvent && toast(event.detail));

// --- the line to the server

/** @param {boolean} is */
function offline(is) {
  const banner = document.getElementById("offline");
  if (banner) banner.hidden = !is;
}
addEventListener("offline", () => offline(true));
addEventListener("online", () => offline(false));
if (!navigator.onLine) offline(true);
document.body.addEventListener("htmx:sendError", () => offline(true));
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (answered(event)?.status) offline(false);
});
/** @type {Record<number, string>} */
const REASONS = { 403: "You may not do that here.", 404: "That no longer exists.", 429: "Too fast: wait a moment." };
document.body.addEventListener("htmx:responseError", (event) => {
  const xhr = answered(event);
  if (!xhr || (xhr.getResponseHeader("HX-Trigger") || "").includes('"toast"')) return; // it told why
  toast({ text: REASONS[xhr.status] || "The server could not do that. Try again in a moment.", tone: "bad" });
});

/**
 * @param {Event} event of htmx
 * @returns {XMLHttpRequest | undefined}
 */
function answered(event) {
  return event instanceof CustomEvent ? event.detail.xhr : undefined;
}

// --- the theme

const themes = ["system", "light", "dark"];
function showTheme() {
  const now = document.documentElement.dataset.theme || "system";
  for (const name of document.querySelectorAll("[data-theme-name]")) name.textContent = now;
}
function nextTheme() {
  const root = document.documentElement;
  const next = themes[(themes.indexOf(root.dataset.theme || "system") + 1) % themes.length];
  if (next === "system") delete root.dataset.theme;
  else root.dataset.theme = next;
  try {
    if (next === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", next);
  } catch {
    // then it holds for this page alone
  }
  showTheme();
}
showTheme();

// --- dialogs, menus and the palette

document.addEventListener("click", (event) => {
  const target = within(event, "[data-opens], [data-closes], [data-theme-next], [data-copies]");
  if (!target) {
    if (event.target instanceof HTMLDialogElement) event.target.close(); // a click beside it
    return;
  }
  if (target.dataset.opens) byId(target.dataset.opens, HTMLDialogElement).showModal();
  if ("closes" in target.dataset) target.closest("dialog")?.close();
  if ("themeNext" in target.dataset) nextTheme();
  if (target.dataset.copies) copy(byId(target.dataset.copies));
});

/** @param {HTMLElement} source */
async function copy(source) {
  await navigator.clipboard.writeText(source.textContent.trim());
  toast({ text: "Copied." });
}

// a menu opens at its button and stays on the screen
document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!(menu instanceof HTMLElement) || !menu.matches(".menu[popover]") || event.newState !== "open") return;
  const button = one(document, `[popovertarget="${menu.id}"]`).getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = button.bottom + height + 8 < innerHeight;
  menu.style.left = `${Math.max(8, Math.min(button.left, innerWidth - width - 8))}px`;
  menu.style.top = `${below ? button.bottom + 4 : Math.max(8, button.top - height - 4)}px`;
}, true);

if (document.getElementById("palette")) setUp(byId("palette", HTMLDialogElement));

/** @param {HTMLDialogElement} palette */
function setUp(palette) {
  const field = one(palette, "input", HTMLInputElement);
  const choices = () => all(palette, "li:not([hidden]) > a");
  /** @param {number} step */
  const choose = (step) => {
    const found = choices();
    const at = found.findIndex((choice) => choice.getAttribute("aria-selected") === "true");
    for (const choice of found) choice.removeAttribute("aria-selected");
    const next = found[(at + step + found.length) % found.length];
    next?.setAttribute("aria-selected", "true");
    next?.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== "k") return;
    event.preventDefault();
    palette.showModal();
    field.select();
  });
  palette.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(1);
    else if (event.key === "ArrowUp") choose(-1);
    else if (event.key === "Enter") (all(palette, '[aria-selected="true"]')[0] ?? choices()[0])?.click();
    else return;
    event.preventDefault();
  });
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    for (const item of all(palette, "#palette-pages > li")) item.hidden = !item.textContent.toLowerCase().includes(wanted);
  });
}

// --- forms: nothing typed is lost by accident, nothing is sent twice

addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-keeps].changed")) event.preventDefault();
});
document.addEventListener("input", (event) => within(event, "form[data-keeps]")?.classList.add("changed"));
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  form.classList.remove("changed");
  if (form.method !== "post" || form.matches("[hx-post], [hx-patch], [hx-delete]")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
// the browser's way back shows the page as it was left: let it be sent again
addEventListener("pageshow", () => {
  for (const form of all(document, "form[data-sent]")) delete form.dataset.sent;
});
