// Places in the text that people speak of: comments and suggestions, marked where they stand now.

import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView } from "@codemirror/view";
import * as Y from "yjs";
import { placeOf as indexOf } from "./peers.js";

/**
 * @typedef {{ key: string, kind: "comment" | "suggestion", from: number, to: number }} Place
 * @typedef {import("./api.js").Anchor} Anchor
 */

/** @type {import("@codemirror/state").StateEffectType<Place[]>} */
const setPlaces = StateEffect.define();
/** @type {import("@codemirror/state").StateEffectType<string>} */
const setPicked = StateEffect.define();

/**
 * A range of the text as it is kept: relative positions, which edits around them do not move.
 * @param {Y.Text} ytext
 * @param {number} from
 * @param {number} to
 * @returns {Anchor}
 */
export function anchorOf(ytext, from, to) {
  /** @param {number} index @param {number} side */
  const at = (index, side) => Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(ytext, index, side));
  return { start: at(from, 0), end: at(to, -1) };
}

/**
 * Where such a range stands now, or null once all of it is gone.
 * @param {Y.Text} ytext
 * @param {Partial<Anchor> | null} anchor
 */
export function placeOf(ytext, anchor) {
  if (!anchor?.start || !anchor.end) return null;
  const [from, to] = [indexOf(anchor.start, ytext), indexOf(anchor.end, ytext)];
  return from === null || to === null || from >= to ? null : { from, to };
}

/** @typedef {{ places: Place[], picked: string, drawn: import("@codemirror/view").DecorationSet }} Marked */

const field = StateField.define({
  /** @returns {Marked} */
  create: () => ({ places: [], picked: "", drawn: Decoration.none }),
  update(value, transaction) {
    let { places, picked } = value;
    if (transaction.docChanged) {
      places = places
        .map((one) => ({ ...one, from: transaction.changes.mapPos(one.from, 1), to: transaction.changes.mapPos(one.to, -1) }))
        .filter((one) => one.from < one.to);
    }
    for (const effect of transaction.effects) {
      if (effect.is(setPlaces)) places = effect.value;
      if (effect.is(setPicked)) picked = effect.value;
    }
    if (places === value.places && picked === value.picked) return value;
    const length = transaction.newDoc.length;
    const marks = places
      .filter((one) => one.to <= length)
      .map((one) =>
        Decoration.mark({
          class: `place-${one.kind}${one.key === picked ? " is-picked" : ""}`,
          attributes: { "data-place": one.key },
        }).range(one.from, one.to),
      );
    return { places, picked, drawn: Decoration.set(marks, true) };
  },
  provide: (own) => EditorView.decorations.from(own, (value) => value.drawn),
});

/** @param {(keys: string[]) => void} picked  told which places the cursor was set into */
export const threads = (picked) => [
  field,
  EditorView.domEventHandlers({
    click(event, view) {
      const at = view.posAtCoords({ x: event.clientX, y: event.clientY });
      if (at === null) return;
      const here = view.state.field(field).places.filter((one) => one.from <= at && at <= one.to);
      if (here.length) picked(here.map((one) => one.key));
    },
  }),
];

/**
 * @param {EditorView} view
 * @param {Place[]} places
 */
export function showPlaces(view, places) {
  view.dispatch({ effects: setPlaces.of(places) });
}

/**
 * @param {EditorView} view
 * @param {string} key
 */
export function pick(view, key) {
  const place = view.state.field(field).places.find((one) => one.key === key);
  view.dispatch({
    effects: [setPicked.of(key), ...(place ? [EditorView.scrollIntoView(place.from, { y: "center" })] : [])],
  });
}
