// The page of a script that several people write (templates/collab/script.html).

import * as Y from "yjs";
import { all, byId, one } from "../../js/elements.js";
import { hearing, silence } from "../../js/hear.js";
import { line } from "../../js/line.js";
import { Api, Refused } from "./api.js";
import { counts, people, sum, tabs } from "./around.js";
import { button, h, icon, present, when } from "./dom.js";
import { Drafts } from "./drafts.js";
import { editorOf } from "./editor.js";
import { otherwise } from "./otherwise.js";
import { introduce } from "./peers.js";
import { Room } from "./room.js";
import { append, merge, move, remove, scenes, seconds, split } from "./scenes.js";
import { ownVoice, settingsOf } from "./settings.js";
import { sharing } from "./sharing.js";
import { Talk } from "./talk.js";

/**
 * @typedef {import("./scenes.js").Scene} Scene
 * @typedef {Pick<Scene, "uid" | "number"> & { length: number }} Head
 */

const page = byId("script");
/** What the template says of this page. @param {string} name */
const told = (name) => page.dataset[name] ?? "";
const api = new Api(told("api"));
/** @type {import("./api.js").Person[]} */ const members = JSON.parse(byId("members").textContent);
introduce(members);
/** @type {Record<string, string>} */ const visuals = JSON.parse(byId("visuals").textContent);
const doc = new Y.Doc();
const drafts = new Drafts(`script-${told("video")}`);
const room = new Room(location.origin.replace("http", "ws") + told("room"), doc, { drafts });
const settings = settingsOf(doc);
/** @param {import("../../js/studio.js").Told} told */
const toast = (told) => document.body.dispatchEvent(new CustomEvent("toast", { detail: { tone: "good", ...told } }));
/** @type {import("./room.js").Role} */ let role = "viewer";
/** @type {{ id: number | string }} */ let you = { id: 0 };
/** @type {string[]} */ let stale = []; // scenes that are made again

const [produce] = all(document, "#produce", HTMLButtonElement); // editors have it

const { view, ytext } = editorOf({
  parent: byId("editor"),
  room,
  nonce: told("nonce"),
  label: "Script",
  head: sceneHead,
  changed: () => figures(),
  halved: (uid, half) => settings.copy(uid, half, "voice"),
  picked: (keys) => {
    talk.pick(keys[0]);
    show(keys[0].startsWith("suggestion") ? "suggestions" : "comments");
  },
});
const talk = new Talk({
  api,
  view,
  ytext,
  toast,
  members,
  me: () => ({ id: you.id, role }),
  lists: { comments: byId("comments"), suggestions: byId("suggestions") },
  counts,
});

// --- the head of a scene

/** @param {Head} scene */
function sceneHead(scene) {
  const head = h("div", { class: "scene-head", "data-uid": scene.uid });
  fill(head, scene);
  return head;
}

/**
 * @param {HTMLElement} head
 * @param {Head} scene
 */
function fill(head, { uid, number, length }) {
  const may = role === "editor";
  const visual = settings.visual(uid).template;
  const notes = settings.get(uid, "notes");
  const voice = settings.get(uid, "voice");
  /** @param {(view: import("@codemirror/view").EditorView, uid: string) => void} what */
  const act = (what) => () => {
    what(view, uid);
    view.focus();
  };
  /**
   * @param {string} label
   * @param {string} name of the icon
   * @param {() => void} work
   */
  const tool = (label, name, work) => button("", work, { icon: name, class: "button quiet small only", "aria-label": `${label} scene ${number}`, title: label, "data-tool": name });
  const at = view?.state.field(scenes).length ?? 0;
  head.classList.toggle("is-stale", stale.includes(uid));
  head.replaceChildren(
    ...present([
      h("span", { class: "scene-number" }, String(number)),
      h("span", { class: "muted small figure" }, `${length} s`),
      h("span", { class: "badge plain stale-sign", "data-tone": "warn", title: "Made again with the next version" }, "Changed"),
      h("span", { class: "grow" }),
      voiceTool(uid, number, voice, may),
      h("a", { class: "button quiet small", "data-tool": "picture", href: told("picker").replace("00000000", uid), title: "Picture or clip" }, icon("picture"), (visual && visuals[visual]) ?? "Not chosen"),
      tool("Notes on", "note", () => noted(uid, number)),
      notes !== "" && h("span", { class: "note-dot", title: notes }),
      may && number > 1 && tool("Move up", "up", act((v, id) => move(v, id, -1))),
      may && number < at && tool("Move down", "down", act((v, id) => move(v, id, 1))),
      may && number > 1 && tool("Merge with the one before", "merge", act(merge)),
      may && at > 1 && tool("Remove", "trash", act(remove)),
    ]),
  );
}

/**
 * @param {string} uid
 * @param {number} number
 */
function noted(uid, number) {
  const dialog = byId("notes", HTMLDialogElement);
  const text = one(dialog, "textarea", HTMLTextAreaElement);
  one(dialog, "h2").textContent = `Notes on scene ${number}`;
  text.value = settings.get(uid, "notes");
  text.readOnly = role !== "editor";
  dialog.onclose = () => {
    if (dialog.returnValue === "keep") settings.set(uid, "notes", text.value.trim());
  };
  dialog.returnValue = "";
  dialog.showModal();
}

// --- who speaks it

const [spoken] = all(document, "#voice", HTMLDialogElement); // for those who may choose
if (spoken) hearing(spoken);

/**
 * The name is shown where it is not the voice of the video.
 * @param {string} uid
 * @param {number} number
 * @param {string} voice
 * @param {boolean} may
 */
function voiceTool(uid, number, voice, may) {
  const own = ownVoice(voice, told("voice"));
  const title = own ? `Spoken by ${voice}` : "Voice";
  if (!may || !spoken) return own !== "" && h("span", { class: "scene-voice small", title }, icon("volume"), own);
  const label = own ? `Voice of scene ${number}: ${own}` : `Voice of scene ${number}`;
  return h(
    "button",
    { type: "button", class: `button quiet small ${own ? "" : "only"}`, title, "aria-label": label, "data-tool": "volume", onclick: () => choose(spoken, uid, number) },
    icon("volume"),
    own,
  );
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {string} uid
 * @param {number} number
 */
function choose(dialog, uid, number) {
  const now = settings.get(uid, "voice");
  const rows = all(dialog, '[name="voice"]', HTMLInputElement);
  const gone = byId("voice-gone");
  gone.hidden = rows.some((row) => row.value === now);
  one(gone, "label span span").textContent = now;
  one(dialog, "h2").textContent = `Voice of scene ${number}`;
  one(dialog, "[data-heard]").textContent = "";
  const chosen = rows.find((row) => row.value === now) ?? one(gone, "input", HTMLInputElement);
  chosen.checked = true;
  dialog.onclose = () => {
    silence();
    const { value } = one(dialog, ":checked", HTMLInputElement);
    if (dialog.returnValue !== "keep" || value === "-") return;
    settings.set(uid, "voice", value);
    view.focus(); // where one undo takes it back
  };
  dialog.returnValue = "";
  dialog.showModal();
  chosen.focus();
}

/** Heads are drawn by what stands around the text, too: the map, the role, what is made again. */
let redraws = 0;
function redrawHeads() {
  cancelAnimationFrame(redraws);
  redraws = requestAnimationFrame(() => {
    for (const old of all(document, ".scene-head")) {
      const scene = view.state.field(scenes).find((found) => found.uid === old.dataset.uid);
      if (!scene || old.querySelector(":active")) continue; // one that is being pressed stays
      const { activeElement } = document;
      const held = activeElement instanceof HTMLElement && old.contains(activeElement) && activeElement.dataset.tool;
      // its inside alone: the editor takes what stands beside a widget for typed text
      fill(old, { uid: scene.uid, number: scene.number, length: Math.round(seconds(scene.narration)) });
      if (held) all(old, `[data-tool="${held}"]`)[0]?.focus();
    }
  });
}
settings.map.observe(redrawHeads);

// --- what is saved, who is here

/** @type {Partial<Record<import("./room.js").State, string>>} */
const STATES = {
  connecting: "Connecting…",
  saving: "Saving…",
  saved: "Saved",
  offline: "Offline: your edits are kept here",
};
room.hear("state", ({ state, why, unsaved }) => {
  const sign = byId("saved");
  sign.dataset.state = state;
  one(sign, "span:last-child").textContent =
    why || (state === "offline" && !unsaved ? "Offline" : role !== "editor" && state === "saved" ? "Up to date" : (STATES[state] ?? ""));
});
room.hear("joined", (joined) => {
  role = joined.role;
  you = joined.you;
  const left = drafts.left(joined.epoch);
  if (left) keepText(left.getText("script"));
  page.dataset.role = role;
  room.awareness.setLocalStateField("user", you);
  redrawHeads();
  talk.draw();
});
room.hear("synced", () => talk.load().catch(refused));
room.hear("replaced", () => keepText(ytext));
/** @param {Y.Text} left */
function keepText(left) {
  byId("kept-text", HTMLTextAreaElement).value = left.toString().replace(/\ue000[0-9a-f]{8}\ue001/g, "\n");
  const dialog = byId("replaced", HTMLDialogElement);
  if (!dialog.open) dialog.showModal();
}
room.hear("told", (message) => {
  if (message.type === "remade") showRemade(message);
  if (message.type === "late") toast({ text: "The server is slow to save. Your words are kept here until it has.", tone: "warn" });
  if (message.type === "refused") toast({ text: message.why, tone: "bad" });
});
addEventListener("online", () => room.hurry());
addEventListener("beforeunload", (event) => {
  if (!room.unsaved) return;
  if (room.joined) drafts.flush(room.joined.epoch, doc);
  event.preventDefault();
});

people(room, view, toast);

// --- what the edit makes again

/** @type {Record<string, string>} */
const STAGES = { narration: "voice", visuals: "pictures", captions: "captions", render: "drawing", thumbnail: "thumbnail", quality: "checks" };

/**
 * Only those who see costs are told; null: some of it has no price.
 * @param {import("./room.js").Remade} remade
 */
function priceOf({ price }) {
  if (price === undefined) return "";
  const text = price === null ? "Some of it has no price yet" : price.told ? `about ${price.told}` : "costs nothing";
  return h("span", { class: "remade-price figure", "aria-label": `Making it again: ${text}` }, text);
}

/** @param {import("./room.js").Remade} remade */
function showRemade(remade) {
  stale = remade.scenes;
  const parts = Object.entries(remade.parts);
  const sign = byId("remade");
  sign.hidden = !parts.length && !remade.fault;
  sign.dataset.tone = remade.fault ? "bad" : "warn";
  if (remade.fault) sign.replaceChildren(icon("warn"), h("span", { class: "grow" }, remade.fault));
  else if (parts.length) {
    const count = parts.reduce((sum, [, of]) => sum + of, 0);
    const total = count + remade.kept;
    const list = parts.map(([stage, of]) => `${STAGES[stage] ?? stage} ${of > 1 ? `×${of}` : ""}`.trim()).join(" · ");
    const where = stale.length ? `in ${stale.length} ${stale.length === 1 ? "scene" : "scenes"}` : "";
    sign.replaceChildren(
      icon("retry"),
      h("span", { class: "grow" }, h("span", { class: "strong" }, `${count} of ${total} parts would be made again ${where}`), h("span", { class: "small muted" }, ` ${list}`)),
      priceOf(remade),
    );
  }
  if (produce) {
    produce.disabled = Boolean(remade.fault);
    const price = remade.price?.expected ? ` (about ${remade.price.told.replace(/ \(.*/, "")})` : "";
    produce.replaceChildren(icon("play"), `Make the video${price}`);
  }
  redrawHeads();
}

// --- around the editor

function figures() {
  const { told: length_told, length } = sum(view.state.field(scenes));
  const wanted = Number(told("seconds"));
  const sign = byId("figures");
  sign.textContent = `${length_told} of ${wanted} s`;
  sign.dataset.tone = wanted && length > wanted * 1.25 ? "warn" : "";
}

const show = tabs((name) => name === "versions" && versions().catch(refused));
byId("add-comment").addEventListener("click", () => (show("comments"), talk.begin("comment")));
byId("add-suggestion").addEventListener("click", () => (show("suggestions"), talk.begin("suggestion")));
const other = document.getElementById("say-otherwise");
other?.addEventListener("click", () => {
  const address = otherwise(view, other.dataset.address ?? "");
  if (address) location.assign(address);
  else toast({ text: "Select the words of a scene that you would have put otherwise.", tone: "warn" });
});
byId("add-scene").addEventListener("click", () => append(view));
byId("split-scene").addEventListener("click", () => (split(view), view.focus()));

/** @param {unknown} error */
function refused(error) {
  if (!(error instanceof Refused)) throw error;
  toast({ text: error.message, tone: "bad" });
}

if (document.getElementById("share")) sharing({ api, members, toast });

produce?.addEventListener("click", async () => {
  produce.disabled = true;
  try {
    await settled();
    await api.post("produce/");
    location.assign(told("studio"));
  } catch (error) {
    produce.disabled = false;
    refused(error);
  }
});

/** Until the server has all that was typed here. */
async function settled() {
  for (let tries = 0; room.unsaved; tries += 1) {
    if (tries > 100 || room.state === "refused") throw new Refused("Your last words are not saved yet: wait until they are, then try again.");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function versions() {
  /** @type {import("./api.js").Version[]} */
  const rows = await api.all("script-versions/", {}, 200);
  const name = h("input", { type: "text", maxlength: 100, placeholder: "Name this version", "aria-label": "Name of this version" });
  /** @param {Event} event */
  const keep = async (event) => {
    event.preventDefault();
    if (!name.value.trim()) return name.focus();
    try {
      await settled();
      await api.post("script-versions/current/name/", { name: name.value.trim() });
      toast({ text: "Named. You find it here whatever is written next." });
      await versions();
    } catch (error) {
      refused(error);
    }
  };
  /** @param {import("./api.js").Version} row */
  const restore = (row) => async () => {
    try {
      await settled();
      await api.post(`script-versions/${row.number}/restore/`);
      toast({ text: `Version ${row.number} is back, as a new version.` });
      await versions();
    } catch (error) {
      refused(error);
    }
  };
  byId("versions").replaceChildren(
    role === "editor" ? h("form", { class: "cluster reply-form", onsubmit: keep }, name, h("button", { class: "button small" }, "Keep")) : "",
    h(
      "ol",
      { class: "versions", role: "list" },
      ...rows.map((row) =>
        h(
          "li",
          { class: "cluster" },
          h("span", { class: "avatar" }, String(row.number)),
          h("a", { class: "grow", href: told("version").replace("/0/", `/${row.number}/`) }, h("span", { class: "strong" }, row.name || `Version ${row.number}`), " ", when(row.created_at)),
          row.is_current ? h("span", { class: "badge plain", "data-tone": "accent" }, "Now") : role === "editor" ? button("Restore", restore(row)) : "",
        ),
      ),
    ),
  );
}

const OF_TALK = /^collab\.(comment|thread|suggestion)/;
const reload = () => talk.load().catch(refused);
line.feed.follow("video", Number(told("video")), {
  snapshot: () => room.isSynced && reload(),
  events: (lines) => lines.some(({ kind }) => OF_TALK.test(kind)) && reload(),
});
line.open();
view.dom.addEventListener("focusin", () => talk.place());
