// What stands around the editor, for who writes and for guests: tabs, who is here, how long it is.

import * as Y from "yjs";
import { all, byId } from "../../js/elements.js";
import { face, h } from "./dom.js";
import { called, peopleIn } from "./peers.js";
import { seconds } from "./scenes.js";

const MOST_FACES = 6;

/**
 * @param {(name: string) => unknown} opened
 * @returns {(name: string) => void} shows one of the panels
 */
export function tabs(opened = () => {}) {
  const found = all(document, "[data-shows]");
  /** @param {string} name */
  const show = (name) => {
    for (const tab of found) {
      const is = tab.dataset.shows === name;
      tab.setAttribute("aria-selected", String(is));
      byId(tab.dataset.shows ?? "").hidden = !is;
    }
    opened(name);
  };
  for (const tab of found) tab.addEventListener("click", () => show(tab.dataset.shows ?? ""));
  return show;
}

/** @param {{ comments: number, suggestions: number }} told */
export function counts(told) {
  for (const [name, count] of Object.entries(told)) {
    const sign = byId(`count-${name}`);
    sign.textContent = count ? String(count) : "";
    sign.hidden = !count;
  }
}

/**
 * Keeps the faces of the others; a click goes to their cursor.
 * @param {import("./room.js").Room} room
 * @param {import("@codemirror/view").EditorView} view
 * @param {(told: import("../../js/studio.js").Told) => void} toast
 */
export function people(room, view, toast) {
  /** @param {number} client */
  const follow = (client) => {
    const cursor = room.awareness.getStates().get(client)?.cursor;
    if (!cursor) return toast({ text: "They are reading: there is no cursor to go to." });
    const place = Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(cursor.head), room.doc);
    if (place) view.dispatch({ selection: { anchor: place.index }, scrollIntoView: true });
  };
  room.awareness.on("change", () => {
    const here = [...peopleIn(room.awareness).values()];
    byId("people").replaceChildren(
      ...here.slice(0, MOST_FACES).map(({ client, person }) =>
        h("button", { type: "button", class: "person", title: `Go to ${called(person)}`, onclick: () => follow(client) }, face(person)),
      ),
      ...(here.length > MOST_FACES ? [h("span", { class: "muted small" }, `+${here.length - MOST_FACES}`)] : []),
    );
  });
}

/**
 * Of all scenes: how many, and how many seconds they take.
 * @param {import("./scenes.js").Scene[]} found
 */
export function sum(found) {
  const length = found.reduce((so_far, scene) => so_far + seconds(scene.narration), 0);
  return { length, told: `${found.length} ${found.length === 1 ? "scene" : "scenes"} · about ${Math.round(length)} s` };
}
