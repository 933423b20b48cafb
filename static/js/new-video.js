// The order of a video: nothing typed is lost, lengths are estimated, voices can be heard.

import { all, byId, field, one } from "./elements.js";
import { hearing } from "./hear.js";

if (document.getElementById("order")) setUp(byId("order", HTMLFormElement));

/** @param {HTMLFormElement} form */
function setUp(form) {
  const source = field(form, "source", HTMLTextAreaElement);
  const seconds = field(form, "seconds");
  const once = field(form, "once");
  /** @param {string} name */
  const tell = (name) => one(form, `[data-${name}]`);
  const KEPT = `draft:${location.pathname}`;
  const LETTERS_A_SECOND = 15; // of narration, as the narration stage counts

  if (!once.value) once.value = crypto.randomUUID?.() || String(Math.random());

  // --- the draft stays on this machine until it was sent
  /** @param {string} text */
  const remember = (text) => {
    try {
      if (text) localStorage.setItem(KEPT, text);
      else localStorage.removeItem(KEPT);
    } catch {
      // private windows may forbid it
    }
  };
  const kept = (() => { try { return localStorage.getItem(KEPT); } catch { return ""; } })();
  if (kept && !source.value) {
    source.value = kept;
    tell("kept").hidden = false;
  }
  tell("forget").addEventListener("click", () => {
    source.value = "";
    remember("");
    tell("kept").hidden = true;
    count();
    source.focus();
  });
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let pause;
  source.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => remember(source.value.slice(0, 1_000_000)), 400);
    count();
  });
  // once it is sent the server has it; a refused order comes back with the text in the page
  form.addEventListener("submit", () => {
    byId("make").setAttribute("aria-disabled", "true");
    clearTimeout(pause);
    remember("");
  });

  // --- how long it will be
  function count() {
    const text = source.value.trim();
    const isAddress = /^https?:\/\/\S+$/i.test(text);
    const words = text && !isAddress ? text.split(/\s+/).length : 0;
    tell("reads").hidden = !isAddress;
    if (!isAddress) byId("page").replaceChildren();
    tell("size").textContent = words ? `${words.toLocaleString()} words` : "";
    const whole = Math.round(text.length / LETTERS_A_SECOND);
    const wanted = Number(seconds.value) || 60;
    /** @param {number} s */
    const clock = (s) => (s < 90 ? `${s} s` : `${Math.round(s / 6) / 10} min`);
    tell("estimate").textContent = !words ? "" : whole <= wanted * 1.15
      ? `Read in full, this text takes about ${clock(whole)}.`
      : `Read in full, this text takes about ${clock(whole)}; its best sentences are chosen for ${clock(wanted)}.`;
    for (const chip of all(form, 'input[name="length"]', HTMLInputElement)) chip.checked = chip.value === seconds.value;
  }
  seconds.addEventListener("input", count);
  form.addEventListener("change", (event) => {
    const { target } = event;
    if (!(target instanceof HTMLInputElement) || target.name !== "length") return;
    seconds.value = target.value;
    count();
  });
  count();

  // --- a file, chosen or dropped
  const file = field(form, "file");
  const zone = byId("drop");
  file.addEventListener("change", () => {
    const chosen = file.files?.[0];
    tell("told").textContent = chosen ? `${chosen.name} is taken instead of the text.` : "Text, Markdown, HTML, a PDF or a ready script.json.";
  });
  for (const name of /** @type {const} */ (["dragover", "dragleave", "drop"])) {
    zone.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      zone.classList.toggle("is-over", name === "dragover");
      if (name !== "drop") return;
      file.files = event.dataTransfer.files;
      file.dispatchEvent(new Event("change"));
    });
  }

  hearing(form);
}
