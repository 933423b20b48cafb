// Parts of a page, fetched anew when something has changed elsewhere.
//
// [data-refresh] parts come from the whole page, by their ids. The children of [data-refresh="rows"]
// are compared one by one, by id and data-seen, so that what plays or is chosen stays as it is. A
// [data-refresh="frame"] holds rows and other parts: it is replaced where rows begin or end to be there.

export const TOGETHER_MS = 1000; // what comes within so long is one request

/**
 * One at a time, so that the last answer is the newest.
 * @param {() => unknown} act at once, and again at most once in TOGETHER_MS
 */
export function together(act) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  let last = -Infinity, isBusy = false, isDue = false;
  const run = async () => {
    [timer, isBusy, isDue, last] = [undefined, true, false, performance.now()];
    try {
      await act();
    } finally {
      isBusy = false;
      if (isDue) ask();
    }
  };
  const ask = () => {
    isDue = true;
    if (!isBusy) timer ??= setTimeout(run, Math.max(0, last + TOGETHER_MS - performance.now()));
  };
  return ask;
}

let isBehind = false; // a part was left as it is, since somebody is at it

async function fetchParts() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  isBehind = false;
  for (const part of document.querySelectorAll("[data-refresh]")) {
    const other = fresh.getElementById(part.id);
    if (part instanceof HTMLElement && part.isConnected && other) renew(part, other);
  }
  document.body.dispatchEvent(new CustomEvent("refreshed"));
}

export const refreshParts = together(fetchParts);

document.addEventListener("focusout", () => isBehind && refreshParts());

/**
 * @param {HTMLElement} part
 * @param {HTMLElement} other
 */
function renew(part, other) {
  const { refresh, sha } = part.dataset;
  if (refresh === "rows") return renewRows(part, other);
  if (refresh === "frame" && hasRows(part) === hasRows(other)) return;
  if (sha !== undefined && sha === other.dataset.sha && part.querySelector("video")) return;
  if (isInUse(part)) {
    isBehind = true;
    return;
  }
  part.replaceWith(other);
  htmx.process(other);
}

/**
 * Never over somebody's typing, nor under an open menu or dialog.
 * @param {HTMLElement} part
 */
function isInUse(part) {
  if (part.querySelector(".is-open, dialog[open], :popover-open")) return true;
  return part.contains(document.activeElement) && part.id !== "player";
}

/** @param {HTMLElement} part */
const hasRows = (part) => part.querySelector('[data-refresh="rows"]') !== null;

/** @param {Element} list */
const rowsOf = (list) => /** @type {HTMLElement[]} */ ([...list.children]);

/**
 * @param {HTMLElement} list
 * @param {HTMLElement} other
 */
function renewRows(list, other) {
  const wanted = new Set(rowsOf(other).map((row) => row.id));
  for (const row of rowsOf(list)) if (!wanted.has(row.id)) row.remove();
  let at = list.firstElementChild;
  for (const row of rowsOf(other)) {
    const old = document.getElementById(row.id);
    if (!(old instanceof HTMLElement) || old.parentElement !== list) {
      list.insertBefore(row, at);
      htmx.process(row);
      continue;
    }
    if (old !== at) list.insertBefore(old, at);
    else at = at.nextElementSibling;
    if (old.dataset.seen !== row.dataset.seen) renewRow(old, row);
  }
}

/**
 * @param {HTMLElement} old
 * @param {HTMLElement} row
 */
function renewRow(old, row) {
  const box = old.querySelector('input[type="checkbox"]'), other = row.querySelector('input[type="checkbox"]');
  if (box instanceof HTMLInputElement && other instanceof HTMLInputElement) other.checked = box.checked;
  const isHere = old.contains(document.activeElement);
  old.replaceWith(row);
  htmx.process(row);
  if (isHere) row.querySelector("a")?.focus();
}
