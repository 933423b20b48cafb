// The list of videos: how many are chosen, and what can be done with them.

function show(form) {
  const boxes = [...form.querySelectorAll('input[name="ids"]')];
  const chosen = boxes.filter((box) => box.checked).length;
  const all = form.querySelector("[data-all]");
  if (!all) return;
  all.checked = chosen > 0 && chosen === boxes.length;
  all.indeterminate = chosen > 0 && chosen < boxes.length;
  form.querySelector("[data-actions]").hidden = !chosen;
  form.querySelector("[data-count]").textContent = chosen ? `${chosen} chosen` : "Choose videos to change several at once";
  form.querySelector(".bulk").classList.toggle("is-on", chosen > 0);
}

let last = null; // with Shift a click chooses all up to here
document.addEventListener("click", (event) => {
  const box = event.target.closest('#chosen input[name="ids"]');
  if (!box) return;
  const boxes = [...box.form.querySelectorAll('input[name="ids"]')];
  if (event.shiftKey && last && boxes.includes(last)) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const one of boxes.slice(from, to + 1)) one.checked = box.checked;
  }
  last = box;
  show(box.form);
});
document.addEventListener("change", (event) => {
  const form = event.target.closest("#chosen");
  if (!form) return;
  if ("all" in event.target.dataset) for (const box of form.querySelectorAll('input[name="ids"]')) box.checked = event.target.checked;
  show(form);
});
// a page that is gone back to keeps its checks
addEventListener("pageshow", () => {
  const form = document.getElementById("chosen");
  if (form) show(form);
});
