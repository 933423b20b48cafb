// Uploads into the library: dropped or chosen, in pieces that go on after a break.

import { byId, csrf } from "./elements.js";
import { toast } from "./studio.js";

const drop = byId("drop");
const chooser = byId("files", HTMLInputElement);
const sending = byId("sending");
const AT_ONCE = 2;
const PIECE = 5 * 1024 * 1024;
const PAUSES = [0, 1000, 3000, 10000, 30000]; // ms between tries
/** @type {Record<string, string>} */
const KINDS = { image: "picture", video: "clip", audio: "music" };
/** @type {Record<string, string>} */
const ENDINGS = { mkv: "clip", mov: "clip", m4a: "music", flac: "music", opus: "music" }; // where the browser knows no type

/** @type {Sending[]} */ const waiting = [];
let active = 0;

/** @param {File} file */
function kindOf(file) {
  const ending = file.name.split(".").at(-1) ?? "";
  return KINDS[file.type.split("/")[0]] || ENDINGS[ending.toLowerCase()] || "";
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} className
 */
function element(tag, className, text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

/**
 * @param {string} text
 * @param {() => void} act
 */
function button(text, act) {
  const made = element("button", "button small", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

class Sending {
  /**
   * @param {File} file
   * @param {string} kind
   */
  constructor(file, kind) {
    this.row = element("li", "");
    this.told = element("span", "small muted", "Waiting");
    this.bar = element("progress", "progress");
    this.bar.max = 1;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", `Uploading ${file.name}`);
    const about = element("div", "sending");
    about.append(element("span", "strong cut", file.name), this.bar, this.told);
    this.buttons = element("span", "cluster");
    this.row.append(about, this.buttons);
    this.upload = new tus.Upload(file, {
      endpoint: drop.dataset.endpoint ?? null,
      chunkSize: PIECE,
      retryDelays: PAUSES,
      removeFingerprintOnSuccess: true,
      headers: { "X-CSRFToken": csrf() },
      metadata: { filename: file.name, kind },
      onProgress: (sent, total) => this.moved(sent, total),
      onError: (error) => this.failed(error),
      onSuccess: () => this.done(),
    });
    this.offer("Cancel", () => this.cancel());
  }

  /**
   * @param {string} text
   * @param {() => void} act
   */
  offer(text, act) {
    this.buttons.replaceChildren(button(text, act));
  }

  async start() {
    this.offer("Pause", () => this.pause());
    this.told.textContent = "Starting";
    const [before] = await this.upload.findPreviousUploads().catch(() => []);
    if (before) this.upload.resumeFromPreviousUpload(before);
    this.upload.start();
  }

  /**
   * @param {number} sent bytes
   * @param {number | null} total
   */
  moved(sent, total) {
    this.bar.value = total ? sent / total : 0;
    this.told.textContent = `${Math.round(100 * this.bar.value)} % of ${size(total ?? sent)}`;
  }

  pause() {
    this.upload.abort();
    this.told.textContent = "Paused";
    this.buttons.replaceChildren(
      button("Go on", () => this.start()),
      button("Cancel", () => this.cancel()),
    );
  }

  cancel() {
    const at = waiting.indexOf(this);
    if (at >= 0) waiting.splice(at, 1);
    else ended();
    this.upload.abort(true).catch(() => {});
    this.leave();
  }

  /** @param {Error} error */
  failed(error) {
    ended();
    this.told.textContent = reason(error);
    this.row.dataset.tone = "bad";
    this.buttons.replaceChildren(
      button("Try again", () => {
        active += 1;
        delete this.row.dataset.tone;
        this.start();
      }),
      button("Dismiss", () => this.leave()),
    );
  }

  done() {
    ended();
    this.leave();
    document.body.dispatchEvent(new CustomEvent("uploaded"));
  }

  leave() {
    this.row.remove();
    sending.hidden = !sending.children.length;
  }
}

/** @param {Error} error */
function reason(error) {
  const answer = error instanceof tus.DetailedError ? error.originalResponse : null;
  try {
    return String(JSON.parse(answer?.getBody() || "").detail || "The server refused this file.");
  } catch {
    return answer ? "The server could not take this file. Try again in a moment." : "The connection broke. What was sent is kept.";
  }
}

/** @param {number} bytes */
function size(bytes) {
  const mb = bytes / 1e6;
  return mb < 1 ? `${Math.ceil(bytes / 1000)} KB` : `${mb.toFixed(mb < 10 ? 1 : 0)} MB`;
}

function ended() {
  active = Math.max(0, active - 1);
  next();
}

function next() {
  while (active < AT_ONCE && waiting.length) {
    active += 1;
    waiting.shift()?.start();
  }
}

/** @param {Iterable<File>} files */
function take(files) {
  for (const file of files) {
    const kind = kindOf(file);
    if (!kind) {
      toast({ text: `${file.name} is no picture, clip or music.`, tone: "bad" });
      continue;
    }
    const one = new Sending(file, kind);
    sending.append(one.row);
    waiting.push(one);
  }
  sending.hidden = !sending.children.length;
  next();
}

chooser.addEventListener("change", () => {
  take(chooser.files ?? []);
  chooser.value = "";
});

// the whole page takes files: nobody aims
let depth = 0;
/** @param {DragEvent} event */
const holdsFiles = (event) => event.dataTransfer?.types.includes("Files") ?? false;
addEventListener("dragenter", (event) => {
  if (holdsFiles(event)) drop.classList.toggle("is-over", ++depth > 0);
});
addEventListener("dragleave", (event) => {
  if (holdsFiles(event)) drop.classList.toggle("is-over", --depth > 0);
});
addEventListener("dragover", (event) => {
  if (holdsFiles(event)) event.preventDefault();
});
addEventListener("drop", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  depth = 0;
  drop.classList.remove("is-over");
  take(event.dataTransfer?.files ?? []);
});
addEventListener("beforeunload", (event) => {
  if (active || waiting.length) event.preventDefault();
});
