// The list of videos: how many are chosen, and what can be done with them.

import { all, one, within } from "./elements.js";

/** @param {HTMLElement} form */
const boxesOf = (form) => all(form, 'input[name="ids"]', HTMLInputElement);

/** @param {HTMLElement} form */
function show(form) {
  const boxes = boxesOf(form);
  const chosen = boxes.filter((box) => box.checked).length;
  const [whole] = all(form, "[data-all]", HTMLInputElement);
  if (!whole) return;
  whole.checked = chosen > 0 && chosen === boxes.length;
  whole.indeterminate = chosen > 0 && chosen < boxes.length;
  one(form, "[data-actions]").hidden = !chosen;
  one(form, "[data-count]").textContent = chosen ? `${chosen} chosen` : "Choose videos to change several at once";
  one(form, ".bulk").classList.toggle("is-on", chosen > 0);
}

/** @type {HTMLInputElement | null} */ let last = null; // with Shift a click chooses all up to here
document.addEventListener("click", (event) => {
  const box = within(event, '#chosen input[name="ids"]');
  if (!(box instanceof HTMLInputElement) || !box.form) return;
  const boxes = boxesOf(box.form);
  if (event.shiftKey && last && boxes.includes(last)) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const other of boxes.slice(from, to + 1)) other.checked = box.checked;
  }
  last = box;
  show(box.form);
});
document.addEventListener("change", (event) => {
  const form = within(event, "#chosen"), { target } = event;
  if (!form || !(target instanceof HTMLInputElement)) return;
  if ("all" in target.dataset) for (const box of boxesOf(form)) box.checked = target.checked;
  show(form);
});
function showAgain() {
  const form = document.getElementById("chosen");
  if (form) show(form);
}
// a page that is gone back to keeps its checks
addEventListener("pageshow", showAgain);
document.body.addEventListener("refreshed", showAgain); // rows may have come or gone
