// The page of who came by a share link (templates/collab/shared.html): reads, and comments if the
// link says so. The room's socket is all that is live here; the feed is for the team.

import * as Y from "yjs";
import { all, byId, csrf, one } from "../../js/elements.js";
import { Api, Refused } from "./api.js";
import { counts, people, sum, tabs } from "./around.js";
import { button, h, icon, present } from "./dom.js";
import { editorOf } from "./editor.js";
import { Room } from "./room.js";
import { scenes, seconds } from "./scenes.js";
import { ownVoice, settingsOf } from "./settings.js";
import { Talk } from "./talk.js";

const ENDED = "This link opens nothing any more. Reload the page.";
const TOGETHER_MS = 300; // what is said within so long is asked for once, and not by all at once
const RELOADS_AFTER_MS = 10_000;

/**
 * @typedef {import("./scenes.js").Scene} Scene
 * @typedef {Pick<Scene, "uid" | "number"> & { length: number }} Head
 */

const page = byId("script");
/** What the template says of this page. @param {string} name */
const told = (name) => page.dataset[name] ?? "";
const api = new Api(location.pathname);
/** @type {Record<string, string>} */ const visuals = JSON.parse(byId("visuals").textContent);
const doc = new Y.Doc();
/** @param {string} pass */
const protocolsOf = (pass) => ["sr.v1", `guest.${pass}`];
const room = new Room(location.origin.replace("http", "ws") + told("room"), doc, {
  protocols: protocolsOf(told("pass")),
  final: new Map([4401, 4403, 4404].map((code) => [code, ENDED])),
});
const settings = settingsOf(doc);
/** @param {import("../../js/studio.js").Told} told */
const toast = (told) => document.body.dispatchEvent(new CustomEvent("toast", { detail: { tone: "good", ...told } }));
/**
 * Null from a browser that keeps nothing.
 * @param {() => Storage} storage
 * @param {string} key
 */
const stored = (storage, key) => {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
};
/**
 * @param {() => Storage} storage
 * @param {string} key
 * @param {string} value
 */
const store = (storage, key, value) => {
  try {
    storage().setItem(key, value);
  } catch {
    // then it is asked for again
  }
};
let role = told("role");
/** @type {{ id: number | string }} */ let you = { id: "" };

const { view, ytext } = editorOf({
  parent: byId("editor"),
  room,
  nonce: told("nonce"),
  label: "Script",
  head: sceneHead,
  changed: () => {
    byId("figures").textContent = sum(view.state.field(scenes)).told;
  },
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
  members: [],
  me: () => ({ id: you.id, role, guest: true }),
  lists: { comments: byId("comments"), suggestions: byId("suggestions") },
  counts,
});
const show = tabs();
people(room, view, toast);

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
  const notes = settings.get(uid, "notes");
  const voice = settings.get(uid, "voice");
  const own = ownVoice(voice, told("voice"));
  const about = () => {
    const scene = view.state.field(scenes).find((found) => found.uid === uid);
    if (scene) view.dispatch({ selection: { anchor: scene.markTo } });
    show("comments");
    talk.begin("comment");
  };
  const { template = "" } = settings.visual(uid);
  head.replaceChildren(
    ...present([
      h("span", { class: "scene-number" }, String(number)),
      h("span", { class: "muted small figure" }, `${length} s`),
      h("span", { class: "muted small" }, visuals[template] ?? ""),
      own !== "" && h("span", { class: "scene-voice muted small", title: `Spoken by ${voice}` }, icon("volume"), own),
      h("span", { class: "grow" }),
      role === "commenter" && button("", about, { icon: "comment", class: "button quiet small only", "aria-label": `Comment on scene ${number}`, title: "Comment on this scene" }),
      notes !== "" && h("p", { class: "scene-notes muted small" }, notes),
    ]),
  );
}

let redraws = 0;
function redrawHeads() {
  cancelAnimationFrame(redraws);
  redraws = requestAnimationFrame(() => {
    for (const old of all(document, ".scene-head")) {
      const scene = view.state.field(scenes).find((found) => found.uid === old.dataset.uid);
      if (!scene || old.contains(document.activeElement)) continue;
      fill(old, { uid: scene.uid, number: scene.number, length: Math.round(seconds(scene.narration)) });
    }
  });
}
settings.map.observe(redrawHeads);

// --- the line

/** @type {Partial<Record<import("./room.js").State, string>>} */
const STATES = { connecting: "Connecting…", saving: "Live", saved: "Live", offline: "Offline: trying again…" };
room.hear("state", ({ state, why }) => {
  const sign = byId("saved");
  sign.dataset.state = state;
  one(sign, "span:last-child").textContent = why || STATES[state] || "";
  if (state === "refused") ended();
});
room.hear("joined", (joined) => {
  role = joined.role;
  you = joined.you;
  page.dataset.role = role;
  room.awareness.setLocalStateField("user", you);
  redrawHeads();
  talk.draw();
});
room.hear("replaced", () => location.reload());
room.hear("synced", load);
room.hear("told", (message) => {
  if (message.type === "said" || message.type === "behind") soon();
  if (message.type === "refused") toast({ text: message.why, tone: "bad" });
});
addEventListener("online", () => room.hurry());

/** The server's page says what the link opens now, if anything. */
function ended() {
  const key = `${location.pathname}left`;
  if (Date.now() - Number(stored(() => sessionStorage, key)) < RELOADS_AFTER_MS) return;
  store(() => sessionStorage, key, String(Date.now()));
  if (stored(() => sessionStorage, key)) location.reload();
}

/** @type {ReturnType<typeof setTimeout> | undefined} */ let waits;
function soon() {
  waits ??= setTimeout(() => {
    waits = undefined;
    load();
  }, TOGETHER_MS * (0.5 + Math.random()));
}

function load() {
  talk.load().catch((error) => {
    if (!(error instanceof Refused)) throw error;
    toast({ text: error.message, tone: "bad" });
  });
}

byId("add-comment").addEventListener("click", () => (show("comments"), talk.begin("comment")));
byId("add-suggestion").addEventListener("click", () => (show("suggestions"), talk.begin("suggestion")));

// --- the name

const naming = byId("naming", HTMLDialogElement);
const field = one(naming, "input", HTMLInputElement);

function ask() {
  field.value = told("name") || stored(() => localStorage, "guest-name") || "";
  byId("name-fault").hidden = true;
  naming.showModal();
  field.select();
}

one(naming, "form").addEventListener("submit", async (event) => {
  event.preventDefault();
  /** @type {Response} */ let answer;
  try {
    answer = await fetch("name/", {
      method: "POST",
      headers: { "X-CSRFToken": csrf() },
      body: new URLSearchParams({ name: field.value }),
    });
  } catch {
    byId("name-fault").hidden = false;
    return;
  }
  if (!answer.ok) return location.reload();
  /** @type {{ name: string, pass: string }} */ const named = await answer.json();
  page.dataset.name = named.name;
  byId("my-name").textContent = named.name || "Guest";
  store(() => localStorage, "guest-name", named.name);
  room.renew(protocolsOf(named.pass));
  naming.close();
});
byId("rename").addEventListener("click", ask);
if (role === "commenter" && !told("name")) ask();
