// Where the others are: carets and selections in the text, faces above it. Colours are classes
// (peer-0 .. peer-7) of the page's own sheet, since its policy lets no script write styles.

import { Decoration, ViewPlugin, WidgetType } from "@codemirror/view";
import { ySyncFacet } from "y-codemirror.next";
import * as Y from "yjs";

export const COLOURS = 8;
const IDLE_MS = 60_000;

/**
 * @typedef {import("y-protocols/awareness").Awareness} Awareness
 * @typedef {{ id: number | string, name: string, colour: number, guest?: boolean }} Person
 * @typedef {{ client: number, person: Person, anchor: number, head: number }} Peer
 * @typedef {{ added: number[], updated: number[], removed: number[] }} Moved  clients
 */

/** @type {Map<number | string, string>} */
const members = new Map();
/**
 * Of people without a name the room tells the team's page none either, for guests hear it too.
 * @param {{ id: number, name: string }[]} people
 */
export function introduce(people) {
  for (const one of people) members.set(one.id, one.name);
}
/**
 * @param {Person} user
 * @returns {Person}
 */
const personOf = (user) => ({ ...user, name: members.get(user.id) ?? user.name });
/**
 * Nobody takes a guest for somebody of the team, whatever they call themselves.
 * @param {Person} person
 */
export const called = (person) => (person.guest ? `${person.name} (guest)` : person.name);

/**
 * @param {Awareness} awareness
 * @returns {Map<number | string, { client: number, person: Person }>} one entry a person, this page's own left out
 */
export function peopleIn(awareness) {
  const people = new Map();
  for (const [client, state] of awareness.getStates()) {
    if (client === awareness.clientID || !state.user) continue;
    people.set(state.user.id ?? client, { client, person: personOf(state.user) });
  }
  return people;
}

/**
 * @param {Awareness} awareness
 * @param {Y.Text} ytext
 */
function peersIn(awareness, ytext) {
  /** @type {Peer[]} */ const peers = [];
  for (const [client, { user, cursor }] of awareness.getStates()) {
    if (client === awareness.clientID || !user || !cursor) continue;
    const [anchor, head] = [cursor.anchor, cursor.head].map((one) => placeOf(one, ytext));
    if (anchor !== null && head !== null) peers.push({ client, person: personOf(user), anchor, head });
  }
  return peers;
}

/**
 * @param {unknown} relative as JSON
 * @param {Y.Text} ytext
 */
export function placeOf(relative, ytext) {
  try {
    const place = ytext.doc && Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(relative), ytext.doc);
    return place && place.type === ytext ? place.index : null;
  } catch {
    return null; // what others send is theirs to get wrong
  }
}

class Caret extends WidgetType {
  /** @param {Person} person */
  constructor(person) {
    super();
    this.person = person;
  }

  /** @param {Caret} other */
  eq(other) {
    return called(other.person) === called(this.person) && other.person.colour === this.person.colour;
  }

  toDOM() {
    const caret = document.createElement("span");
    caret.className = `peer-caret peer-${this.person.colour % COLOURS}`;
    const flag = document.createElement("span");
    flag.className = "peer-flag";
    flag.textContent = called(this.person);
    caret.append("\u2060", flag, "\u2060");
    return caret;
  }

  ignoreEvent() {
    return true;
  }
}

/**
 * Draws the others, and tells them where we are.
 * @param {Awareness} awareness
 */
export const presence = (awareness) =>
  ViewPlugin.fromClass(
    class {
      /** @type {ReturnType<typeof setTimeout> | undefined} */ idle;

      /** @param {import("@codemirror/view").EditorView} view */
      constructor(view) {
        /** @type {Y.Text} */ this.ytext = view.state.facet(ySyncFacet).ytext;
        this.decorations = Decoration.none;
        /** @param {Moved} moved */
        this.heard = ({ added, updated, removed }) => {
          if ([...added, ...updated, ...removed].some((id) => id !== awareness.clientID)) view.dispatch({});
        };
        awareness.on("change", this.heard);
      }

      destroy() {
        awareness.off("change", this.heard);
        clearTimeout(this.idle);
      }

      /** @param {import("@codemirror/view").ViewUpdate} update */
      update(update) {
        if (update.selectionSet || update.docChanged || update.focusChanged) this.#tell(update);
        const peers = peersIn(awareness, this.ytext);
        const length = update.state.doc.length;
        const drawn = [];
        for (const { person, anchor, head } of peers) {
          const [from, to] = [Math.min(anchor, head), Math.min(length, Math.max(anchor, head))];
          if (from < to) drawn.push(Decoration.mark({ class: `peer-range peer-${person.colour % COLOURS}` }).range(from, to));
          drawn.push(Decoration.widget({ widget: new Caret(person), side: head > anchor ? -1 : 1 }).range(Math.min(head, length)));
        }
        this.decorations = Decoration.set(drawn, true);
      }

      /** @param {import("@codemirror/view").ViewUpdate} update */
      #tell(update) {
        clearTimeout(this.idle);
        if (!update.view.hasFocus) return;
        const { anchor, head } = update.state.selection.main;
        /** @param {number} index */
        const at = (index) => Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(this.ytext, index));
        const cursor = { anchor: at(anchor), head: at(head) };
        const before = awareness.getLocalState()?.cursor;
        if (JSON.stringify(before) !== JSON.stringify(cursor)) awareness.setLocalStateField("cursor", cursor);
        this.idle = setTimeout(() => awareness.setLocalStateField("cursor", null), IDLE_MS);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
