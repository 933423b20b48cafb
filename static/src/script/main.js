// The page of a script that several people write (templates/collab/script.html).

import * as Y from "yjs";
import { Feed } from "../../js/feed.js";
import { hearing, silence } from "../../js/hear.js";
import { Api, Refused } from "./api.js";
import { counts, people, sum, tabs } from "./around.js";
import { button, h, icon, when } from "./dom.js";
import { Drafts } from "./drafts.js";
import { editorOf } from "./editor.js";
import { introduce } from "./peers.js";
import { Room } from "./room.js";
import { append, merge, move, remove, scenes, seconds, split } from "./scenes.js";
import { ownVoice, settingsOf } from "./settings.js";
import { sharing } from "./sharing.js";
import { Talk } from "./talk.js";

const $ = (id) => document.getElementById(id);
const page = $("script");
const api = new Api(page.dataset.api);
const members = JSON.parse($("members").textContent);
introduce(members);
const visuals = JSON.parse($("visuals").textContent);
const doc = new Y.Doc();
const drafts = new Drafts(`script-${page.dataset.video}`);
const room = new Room(location.origin.replace("http", "ws") + page.dataset.room, doc, { drafts });
const settings = settingsOf(doc);
const toast = (told) => document.body.dispatchEvent(new CustomEvent("toast", { detail: { tone: "good", ...told } }));
let role = "viewer";
let you = { id: 0 };
let remade = { scenes: [], parts: {}, fault: "" };

const { view, ytext } = editorOf({
  parent: $("editor"),
  room,
  nonce: page.dataset.nonce,
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
  lists: { comments: $("comments"), suggestions: $("suggestions") },
  counts,
});

// --- the head of a scene

function sceneHead(scene) {
  const head = h("div", { class: "scene-head", "data-uid": scene.uid });
  fill(head, scene);
  return head;
}

function fill(head, { uid, number, length }) {
  const may = role === "editor";
  const visual = settings.visual(uid).template;
  const notes = settings.get(uid, "notes");
  const voice = settings.get(uid, "voice");
  const act = (what) => () => {
    what(view, uid);
    view.focus();
  };
  const tool = (label, name, work) => button("", work, { icon: name, class: "button quiet small only", "aria-label": `${label} scene ${number}`, title: label, "data-tool": name });
  const at = view?.state.field(scenes).length ?? 0;
  head.classList.toggle("is-stale", remade.scenes.includes(uid));
  head.replaceChildren(
    ...[
      h("span", { class: "scene-number" }, String(number)),
      h("span", { class: "muted small figure" }, `${length} s`),
      h("span", { class: "badge plain stale-sign", "data-tone": "warn", title: "Made again with the next version" }, "Changed"),
      h("span", { class: "grow" }),
      voiceTool(uid, number, voice, may),
      h("a", { class: "button quiet small", href: page.dataset.picker.replace("00000000", uid), title: "Picture or clip", "data-tool": "picture" }, icon("picture"), visuals[visual] ?? "Not chosen"),
      tool("Notes on", "note", () => noted(uid, number)),
      notes && h("span", { class: "note-dot", title: notes }),
      may && number > 1 && tool("Move up", "up", act((v, id) => move(v, id, -1))),
      may && number < at && tool("Move down", "down", act((v, id) => move(v, id, 1))),
      may && number > 1 && tool("Merge with the one before", "merge", act(merge)),
      may && at > 1 && tool("Remove", "trash", act(remove)),
    ].filter(Boolean),
  );
}

function noted(uid, number) {
  const dialog = $("notes");
  const text = dialog.querySelector("textarea");
  dialog.querySelector("h2").textContent = `Notes on scene ${number}`;
  text.value = settings.get(uid, "notes");
  text.readOnly = role !== "editor";
  dialog.onclose = () => {
    if (dialog.returnValue === "keep") settings.set(uid, "notes", text.value.trim());
  };
  dialog.returnValue = "";
  dialog.showModal();
}

// --- who speaks it

const spoken = $("voice"); // for those who may choose
if (spoken) hearing(spoken);

/** The name is shown where it is not the voice of the video. */
function voiceTool(uid, number, voice, may) {
  const own = ownVoice(voice, page.dataset.voice);
  const title = own ? `Spoken by ${voice}` : "Voice";
  const sign = [icon("volume"), own].filter(Boolean);
  if (!may || !spoken) return own && h("span", { class: "scene-voice small", title }, ...sign);
  const label = own ? `Voice of scene ${number}: ${own}` : `Voice of scene ${number}`;
  return h(
    "button",
    { type: "button", class: `button quiet small ${own ? "" : "only"}`, title, "aria-label": label, "data-tool": "volume", onclick: () => choose(uid, number) },
    ...sign,
  );
}

function choose(uid, number) {
  const now = settings.get(uid, "voice");
  const rows = [...spoken.querySelectorAll('[name="voice"]')];
  const gone = $("voice-gone");
  gone.hidden = rows.some((row) => row.value === now);
  gone.querySelector("label span span").textContent = now;
  spoken.querySelector("h2").textContent = `Voice of scene ${number}`;
  spoken.querySelector("[data-heard]").textContent = "";
  const chosen = rows.find((row) => row.value === now) ?? gone.querySelector("input");
  chosen.checked = true;
  spoken.onclose = () => {
    silence();
    const { value } = spoken.querySelector(":checked");
    if (spoken.returnValue !== "keep" || value === "-") return;
    settings.set(uid, "voice", value);
    view.focus(); // where one undo takes it back
  };
  spoken.returnValue = "";
  spoken.showModal();
  chosen.focus();
}

/** Heads are drawn by what stands around the text, too: the map, the role, what is made again. */
let redraws = 0;
function redrawHeads() {
  cancelAnimationFrame(redraws);
  redraws = requestAnimationFrame(() => {
    for (const old of document.querySelectorAll(".scene-head")) {
      const scene = view.state.field(scenes).find((one) => one.uid === old.dataset.uid);
      if (!scene || old.querySelector(":active")) continue; // one that is being pressed stays
      const held = old.contains(document.activeElement) && document.activeElement.dataset.tool;
      // its inside alone: the editor takes what stands beside a widget for typed text
      fill(old, { uid: scene.uid, number: scene.number, length: Math.round(seconds(scene.narration)) });
      if (held) old.querySelector(`[data-tool="${held}"]`)?.focus();
    }
  });
}
settings.map.observe(redrawHeads);

// --- what is saved, who is here

const STATES = {
  connecting: "Connecting…",
  saving: "Saving…",
  saved: "Saved",
  offline: "Offline: your edits are kept here",
};
room.addEventListener("state", ({ detail: { state, why, unsaved } }) => {
  const sign = $("saved");
  sign.dataset.state = state;
  sign.lastElementChild.textContent =
    why || (state === "offline" && !unsaved ? "Offline" : role !== "editor" && state === "saved" ? "Up to date" : STATES[state]);
});
room.addEventListener("joined", ({ detail }) => {
  role = detail.role;
  you = detail.you;
  const left = drafts.left(detail.epoch);
  if (left) keepText(left.getText("script"));
  page.dataset.role = role;
  room.awareness.setLocalStateField("user", you);
  redrawHeads();
  talk.draw();
});
room.addEventListener("synced", () => talk.load().catch(refused));
room.addEventListener("replaced", () => keepText(ytext));
function keepText(left) {
  $("kept-text").value = left.toString().replace(/\ue000[0-9a-f]{8}\ue001/g, "\n");
  if (!$("replaced").open) $("replaced").showModal();
}
room.addEventListener("told", ({ detail }) => {
  if (detail.type === "remade") told(detail);
  if (detail.type === "late") toast({ text: "The server is slow to save. Your words are kept here until it has.", tone: "warn" });
  if (detail.type === "refused") toast({ text: detail.why, tone: "bad" });
});
addEventListener("online", () => room.hurry());
addEventListener("beforeunload", (event) => {
  if (!room.unsaved) return;
  drafts.flush(room.joined?.epoch, doc);
  event.preventDefault();
});

people(room, view, toast);

// --- what the edit makes again

const STAGES = { narration: "voice", visuals: "pictures", captions: "captions", render: "drawing", thumbnail: "thumbnail", quality: "checks" };

function told(detail) {
  remade = detail;
  const parts = Object.entries(detail.parts);
  const sign = $("remade");
  sign.hidden = !parts.length && !detail.fault;
  sign.dataset.tone = detail.fault ? "bad" : "warn";
  if (detail.fault) sign.replaceChildren(icon("warn"), h("span", { class: "grow" }, detail.fault));
  else if (parts.length) {
    const count = parts.reduce((sum, [, one]) => sum + one, 0);
    const total = count + detail.kept;
    const list = parts.map(([stage, one]) => `${STAGES[stage] ?? stage} ${one > 1 ? `×${one}` : ""}`.trim()).join(" · ");
    const where = detail.scenes.length ? `in ${detail.scenes.length} ${detail.scenes.length === 1 ? "scene" : "scenes"}` : "";
    sign.replaceChildren(
      icon("retry"),
      h("span", { class: "grow" }, h("span", { class: "strong" }, `${count} of ${total} parts would be made again ${where}`), h("span", { class: "small muted" }, ` ${list}`)),
    );
  }
  const produce = $("produce");
  if (produce) produce.disabled = Boolean(detail.fault);
  redrawHeads();
}

// --- around the editor

function figures() {
  const { told, length } = sum(view.state.field(scenes));
  const wanted = Number(page.dataset.seconds);
  $("figures").textContent = `${told} of ${wanted} s`;
  $("figures").dataset.tone = wanted && length > wanted * 1.25 ? "warn" : "";
}

const show = tabs((name) => name === "versions" && versions().catch(refused));
$("add-comment").addEventListener("click", () => (show("comments"), talk.begin("comment")));
$("add-suggestion").addEventListener("click", () => (show("suggestions"), talk.begin("suggestion")));
$("add-scene").addEventListener("click", () => append(view));
$("split-scene").addEventListener("click", () => (split(view), view.focus()));

function refused(error) {
  if (!(error instanceof Refused)) throw error;
  toast({ text: error.message, tone: "bad" });
}

if ($("share")) sharing({ api, members, toast });

const produce = $("produce");
produce?.addEventListener("click", async () => {
  produce.disabled = true;
  try {
    await settled();
    await api.post("produce/");
    location.assign(page.dataset.studio);
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
  const rows = await api.all("script-versions/", {}, 200);
  const name = h("input", { type: "text", maxlength: 100, placeholder: "Name this version", "aria-label": "Name of this version" });
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
  $("versions").replaceChildren(
    role === "editor" ? h("form", { class: "cluster reply-form", onsubmit: keep }, name, h("button", { class: "button small" }, "Keep")) : "",
    h(
      "ol",
      { class: "versions", role: "list" },
      ...rows.map((row) =>
        h(
          "li",
          { class: "cluster" },
          h("span", { class: "avatar" }, String(row.number)),
          h("a", { class: "grow", href: page.dataset.version.replace("/0/", `/${row.number}/`) }, h("span", { class: "strong" }, row.name || `Version ${row.number}`), " ", when(row.created_at)),
          row.is_current ? h("span", { class: "badge plain", "data-tone": "accent" }, "Now") : role === "editor" ? button("Restore", restore(row)) : "",
        ),
      ),
    ),
  );
}

const OF_TALK = /^collab\.(comment|thread|suggestion)/;
const feed = new Feed(location.origin.replace("http", "ws") + "/ws/feed/");
feed.follow("video", Number(page.dataset.video), {
  snapshot: () => room.isSynced && talk.load().catch(refused),
  events: (lines) => lines.some((line) => OF_TALK.test(line.kind)) && talk.load().catch(refused),
});
feed.open();
view.dom.addEventListener("focusin", () => talk.place());
