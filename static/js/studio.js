// What every page has: news in the corner, the theme, the palette, dialogs, a sign when offline.

const $ = (id) => document.getElementById(id);
const reading = (text) => 3500 + 60 * text.length; // ms

function csrf() {
  return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}

export function toast({ text, tone = "good", undo = "", fields = {} }) {
  const box = document.createElement("div");
  box.className = "toast";
  box.dataset.tone = tone;
  box.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (undo) box.append(undoButton(undo, fields));
  $("toasts").append(box);
  fade(box, text, undo ? 8000 : 0);
}

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

for (const box of document.querySelectorAll("#toasts > .toast")) {
  const more = box.dataset.more.startsWith("{") ? JSON.parse(box.dataset.more) : {};
  box.remove();
  toast({ text: box.dataset.text, tone: box.dataset.tone, ...more });
}
document.body.addEventListener("toast", (event) => toast(event.detail));

// --- the line to the server

function offline(is) {
  const banner = $("offline");
  if (banner) banner.hidden = !is;
}
addEventListener("offline", () => offline(true));
addEventListener("online", () => offline(false));
if (!navigator.onLine) offline(true);
document.body.addEventListener("htmx:sendError", () => offline(true));
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.xhr && event.detail.xhr.status) offline(false);
});
document.body.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  if ((xhr.getResponseHeader("HX-Trigger") || "").includes('"toast"')) return; // it told why
  const told = { 403: "You may not do that here.", 404: "That no longer exists.", 429: "Too fast: wait a moment." };
  toast({ text: told[xhr.status] || "The server could not do that. Try again in a moment.", tone: "bad" });
});

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
  const target = event.target.closest("[data-opens], [data-closes], [data-theme-next], [data-copies]");
  if (!target) {
    if (event.target.matches("dialog")) event.target.close(); // a click beside it
    return;
  }
  if (target.dataset.opens) $(target.dataset.opens).showModal();
  if ("closes" in target.dataset) target.closest("dialog").close();
  if ("themeNext" in target.dataset) nextTheme();
  if (target.dataset.copies) copy(target);
});

async function copy(button) {
  await navigator.clipboard.writeText($(button.dataset.copies).textContent.trim());
  toast({ text: "Copied." });
}

// a menu opens at its button and stays on the screen
document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches?.(".menu[popover]") || event.newState !== "open") return;
  const button = document.querySelector(`[popovertarget="${menu.id}"]`).getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = button.bottom + height + 8 < innerHeight;
  menu.style.left = `${Math.max(8, Math.min(button.left, innerWidth - width - 8))}px`;
  menu.style.top = `${below ? button.bottom + 4 : Math.max(8, button.top - height - 4)}px`;
}, true);

const palette = $("palette");
function choices() {
  return [...palette.querySelectorAll("li:not([hidden]) > a")];
}
function choose(step) {
  const all = choices();
  const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  for (const one of all) one.removeAttribute("aria-selected");
  const next = all[(at + step + all.length) % all.length];
  next?.setAttribute("aria-selected", "true");
  next?.scrollIntoView({ block: "nearest" });
}
document.addEventListener("keydown", (event) => {
  if (palette && (event.ctrlKey || event.metaKey) && event.key === "k") {
    event.preventDefault();
    palette.showModal();
    palette.querySelector("input").select();
  }
});
palette?.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") choose(1);
  else if (event.key === "ArrowUp") choose(-1);
  else if (event.key === "Enter") (palette.querySelector('[aria-selected="true"]') || choices()[0])?.click();
  else return;
  event.preventDefault();
});
palette?.querySelector("input").addEventListener("input", (event) => {
  const wanted = event.target.value.trim().toLowerCase();
  for (const item of palette.querySelectorAll("#palette-pages > li")) item.hidden = !item.textContent.toLowerCase().includes(wanted);
});

// --- forms: nothing typed is lost by accident, nothing is sent twice

addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-keeps].changed")) event.preventDefault();
});
document.addEventListener("input", (event) => event.target.closest("form[data-keeps]")?.classList.add("changed"));
document.addEventListener("submit", (event) => {
  const form = event.target;
  form.classList.remove("changed");
  if (form.method !== "post" || form.matches("[hx-post], [hx-patch], [hx-delete]")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
// the browser's way back shows the page as it was left: let it be sent again
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
