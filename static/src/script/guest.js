// The page of who came by a share link (templates/collab/shared.html): reads, and comments if the
// link says so. The room's socket is all that is live here; the feed is for the team.

import * as Y from "yjs";
import { Api, Refused } from "./api.js";
import { counts, people, sum, tabs } from "./around.js";
import { button, h, icon } from "./dom.js";
import { editorOf } from "./editor.js";
import { Room } from "./room.js";
import { scenes, seconds } from "./scenes.js";
import { ownVoice, settingsOf } from "./settings.js";
import { Talk } from "./talk.js";

const ENDED = "This link opens nothing any more. Reload the page.";
const TOGETHER_MS = 300; // what is said within so long is asked for once, and not by all at once
const RELOADS_AFTER_MS = 10_000;
const $ = (id) => document.getElementById(id);
const page = $("script");
const api = new Api(location.pathname);
const visuals = JSON.parse($("visuals").textContent);
const doc = new Y.Doc();
const protocolsOf = (pass) => ["sr.v1", `guest.${pass}`];
const room = new Room(location.origin.replace("http", "ws") + page.dataset.room, doc, {
  protocols: protocolsOf(page.dataset.pass),
  final: new Map([4401, 4403, 4404].map((code) => [code, ENDED])),
});
const settings = settingsOf(doc);
const toast = (told) => document.body.dispatchEvent(new CustomEvent("toast", { detail: { tone: "good", ...told } }));
const stored = (storage, key, value) => {
  try {
    return value === undefined ? storage().getItem(key) : storage().setItem(key, value);
  } catch {
    return null; // a browser that keeps nothing
  }
};
let role = page.dataset.role;
let you = { id: "", guest: true };

const { view, ytext } = editorOf({
  parent: $("editor"),
  room,
  nonce: page.dataset.nonce,
  label: "Script",
  head: sceneHead,
  changed: () => ($("figures").textContent = sum(view.state.field(scenes)).told),
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
  lists: { comments: $("comments"), suggestions: $("suggestions") },
  counts,
});
const show = tabs();
people(room, view, toast);

// --- the head of a scene

function sceneHead(scene) {
  const head = h("div", { class: "scene-head", "data-uid": scene.uid });
  fill(head, scene);
  return head;
}

function fill(head, { uid, number, length }) {
  const notes = settings.get(uid, "notes");
  const voice = settings.get(uid, "voice");
  const own = ownVoice(voice, page.dataset.voice);
  const about = () => {
    const scene = view.state.field(scenes).find((one) => one.uid === uid);
    if (scene) view.dispatch({ selection: { anchor: scene.markTo } });
    show("comments");
    talk.begin("comment");
  };
  head.replaceChildren(
    ...[
      h("span", { class: "scene-number" }, String(number)),
      h("span", { class: "muted small figure" }, `${length} s`),
      h("span", { class: "muted small" }, visuals[settings.visual(uid).template] ?? ""),
      own && h("span", { class: "scene-voice muted small", title: `Spoken by ${voice}` }, icon("volume"), own),
      h("span", { class: "grow" }),
      role === "commenter" && button("", about, { icon: "comment", class: "button quiet small only", "aria-label": `Comment on scene ${number}`, title: "Comment on this scene" }),
      notes && h("p", { class: "scene-notes muted small" }, notes),
    ].filter(Boolean),
  );
}

let redraws = 0;
function redrawHeads() {
  cancelAnimationFrame(redraws);
  redraws = requestAnimationFrame(() => {
    for (const old of document.querySelectorAll(".scene-head")) {
      const scene = view.state.field(scenes).find((one) => one.uid === old.dataset.uid);
      if (!scene || old.contains(document.activeElement)) continue;
      fill(old, { uid: scene.uid, number: scene.number, length: Math.round(seconds(scene.narration)) });
    }
  });
}
settings.map.observe(redrawHeads);

// --- the line

const STATES = { connecting: "Connecting…", saving: "Live", saved: "Live", offline: "Offline: trying again…" };
room.addEventListener("state", ({ detail: { state, why } }) => {
  const sign = $("saved");
  sign.dataset.state = state;
  sign.lastElementChild.textContent = why || STATES[state];
  if (state === "refused") ended();
});
room.addEventListener("joined", ({ detail }) => {
  role = detail.role;
  you = detail.you;
  page.dataset.role = role;
  room.awareness.setLocalStateField("user", you);
  redrawHeads();
  talk.draw();
});
room.addEventListener("replaced", () => location.reload());
room.addEventListener("synced", load);
room.addEventListener("told", ({ detail }) => {
  if (detail.type === "said" || detail.type === "behind") soon();
  if (detail.type === "refused") toast({ text: detail.why, tone: "bad" });
});
addEventListener("online", () => room.hurry());

/** The server's page says what the link opens now, if anything. */
function ended() {
  const key = `${location.pathname}left`;
  if (Date.now() - Number(stored(() => sessionStorage, key)) < RELOADS_AFTER_MS) return;
  stored(() => sessionStorage, key, String(Date.now()));
  if (stored(() => sessionStorage, key)) location.reload();
}

let waits = 0;
function soon() {
  waits ||= setTimeout(() => {
    waits = 0;
    load();
  }, TOGETHER_MS * (0.5 + Math.random()));
}

function load() {
  talk.load().catch((error) => {
    if (!(error instanceof Refused)) throw error;
    toast({ text: error.message, tone: "bad" });
  });
}

$("add-comment").addEventListener("click", () => (show("comments"), talk.begin("comment")));
$("add-suggestion").addEventListener("click", () => (show("suggestions"), talk.begin("suggestion")));

// --- the name

const naming = $("naming");
const field = naming.querySelector("input");

function ask() {
  field.value = page.dataset.name || stored(() => localStorage, "guest-name") || "";
  $("name-fault").hidden = true;
  naming.showModal();
  field.select();
}

naming.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  let answer;
  try {
    answer = await fetch("name/", {
      method: "POST",
      headers: { "X-CSRFToken": JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"] },
      body: new URLSearchParams({ name: field.value }),
    });
  } catch {
    $("name-fault").hidden = false;
    return;
  }
  if (!answer.ok) return location.reload();
  const told = await answer.json();
  page.dataset.name = told.name;
  $("my-name").textContent = told.name || "Guest";
  stored(() => localStorage, "guest-name", told.name);
  room.renew(protocolsOf(told.pass));
  naming.close();
});
$("rename").addEventListener("click", ask);
if (role === "commenter" && !page.dataset.name) ask();
