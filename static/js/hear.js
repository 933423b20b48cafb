// A sentence in a voice, to hear before it is chosen: [data-hear] is its address, [data-heard] says why it takes a while.

import { all, one, within } from "./elements.js";

const player = new Audio();
let turn = 0;

/**
 * Within `root`: buttons with an address, and buttons that play what is chosen in the select beside them.
 * @param {HTMLElement} root
 */
export function hearing(root) {
  root.addEventListener("click", (event) => {
    const button = within(event, "[data-hear], [data-hear-chosen]");
    if (!button?.parentElement) return;
    const told = one(button.closest(".field, form") ?? root, "[data-heard]");
    const [select] = all(button.parentElement, "select", HTMLSelectElement);
    const address = button.dataset.hear ?? select?.selectedOptions[0]?.dataset.sample;
    if (address) hear(button, address, told);
    else told.textContent = "This voice can’t be heard here.";
  });
}

export function silence() {
  turn += 1;
  player.pause();
}

/**
 * @param {HTMLElement} button
 * @param {string} address
 * @param {HTMLElement} told
 */
async function hear(button, address, told) {
  const mine = (turn += 1);
  player.pause();
  button.classList.add("is-busy");
  told.textContent = "A moment: the voice is getting ready.";
  try {
    for (let tries = 0; tries < 60 && mine === turn; tries += 1) {
      const answer = await fetch(address);
      if (answer.status === 202) {
        await new Promise((done) => setTimeout(done, 1000));
        continue;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      told.textContent = "";
      player.src = URL.createObjectURL(await answer.blob());
      await player.play();
      return;
    }
    if (mine === turn) told.textContent = "No worker has spoken it yet. See that workers run, then try again.";
  } catch {
    if (mine === turn) told.textContent = "This voice can’t be heard right now. Try again in a moment.";
  } finally {
    button.classList.remove("is-busy");
  }
}
