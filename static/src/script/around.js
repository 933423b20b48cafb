// What stands around the editor, for who writes and for guests: tabs, who is here, how long it is.

import * as Y from "yjs";
import { face, h } from "./dom.js";
import { called, peopleIn } from "./peers.js";
import { seconds } from "./scenes.js";

const MOST_FACES = 6;
const $ = (id) => document.getElementById(id);

/** @returns {(name: string) => void} shows one of the panels */
export function tabs(opened = () => {}) {
  const all = [...document.querySelectorAll("[data-shows]")];
  const show = (name) => {
    for (const tab of all) {
      const is = tab.dataset.shows === name;
      tab.setAttribute("aria-selected", String(is));
      $(tab.dataset.shows).hidden = !is;
    }
    opened(name);
  };
  for (const tab of all) tab.addEventListener("click", () => show(tab.dataset.shows));
  return show;
}

export function counts(told) {
  for (const [name, count] of Object.entries(told)) {
    const sign = $(`count-${name}`);
    sign.textContent = count || "";
    sign.hidden = !count;
  }
}

/** Keeps the faces of the others; a click goes to their cursor. */
export function people(room, view, toast) {
  const follow = (client) => {
    const cursor = room.awareness.getStates().get(client)?.cursor;
    if (!cursor) return toast({ text: "They are reading: there is no cursor to go to." });
    const place = Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(cursor.head), room.doc);
    if (place) view.dispatch({ selection: { anchor: place.index }, scrollIntoView: true });
  };
  room.awareness.on("change", () => {
    const here = [...peopleIn(room.awareness).values()];
    $("people").replaceChildren(
      ...here.slice(0, MOST_FACES).map(({ client, person }) =>
        h("button", { type: "button", class: "person", title: `Go to ${called(person)}`, onclick: () => follow(client) }, face(person)),
      ),
      ...(here.length > MOST_FACES ? [h("span", { class: "muted small" }, `+${here.length - MOST_FACES}`)] : []),
    );
  });
}

/** Of all scenes: how many, and how many seconds they take. */
export function sum(all) {
  const length = all.reduce((so_far, scene) => so_far + seconds(scene.narration), 0);
  return { length, told: `${all.length} ${all.length === 1 ? "scene" : "scenes"} · about ${Math.round(length)} s` };
}
