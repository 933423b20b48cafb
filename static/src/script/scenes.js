// Scenes in the text: a scene begins with its mark, U+E000 <8 hex digits> U+E001, behind which
// stands its headline and under it its narration (collab/documents.py has the other half).

import { EditorSelection, EditorState, StateField, Transaction } from "@codemirror/state";
import { Decoration, EditorView, WidgetType } from "@codemirror/view";

export const MARK = /\ue000([0-9a-f]{8})\ue001/g;
const LEFT_OVER = /\ue000[0-9a-f]{0,8}\ue001?|[0-9a-f]{0,8}\ue001/g;
/** @param {string} uid */
export const mark = (uid) => `\ue000${uid}\ue001`;
/** @param {string} text */
export const withoutMarks = (text) => text.replace(LEFT_OVER, "").replace(/\r\n?/g, "\n");

export function newId(random = crypto) {
  return [...random.getRandomValues(new Uint8Array(4))].map((one) => one.toString(16).padStart(2, "0")).join("");
}

/**
 * @typedef {{ uid: string, from: number, markTo: number, headTo: number, to: number,
 *   headline: string, narration: string, number: number }} Scene  positions in the text
 * @param {string} text
 * @returns {Scene[]}
 */
export function scenesIn(text) {
  const found = [...text.matchAll(MARK)];
  return found.map((match, place) => {
    const from = match.index;
    const markTo = from + match[0].length;
    const to = place + 1 < found.length ? found[place + 1].index : text.length;
    const line = text.indexOf("\n", markTo);
    const headTo = line === -1 || line > to ? to : line;
    return {
      uid: match[1],
      from,
      markTo,
      headTo,
      to,
      headline: text.slice(markTo, headTo).trim(),
      narration: text.slice(headTo, to).trim(),
      number: place + 1,
    };
  });
}

const WORDS_A_SECOND = 2.5;
/** @param {string} narration */
export function seconds(narration) {
  const words = narration.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
  return words / WORDS_A_SECOND;
}

/** @typedef {(head: { uid: string, number: number, length: number }) => HTMLElement} Render */

class SceneHead extends WidgetType {
  /**
   * @param {Scene} scene
   * @param {Render} render
   */
  constructor(scene, render) {
    super();
    this.uid = scene.uid;
    this.number = scene.number;
    this.length = Math.round(seconds(scene.narration));
    this.hasHeadline = scene.headline !== "";
    this.render = render;
  }

  /** @param {SceneHead} other */
  eq(other) {
    return other.uid === this.uid && other.number === this.number && other.length === this.length;
  }

  toDOM() {
    return this.render(this);
  }

  ignoreEvent() {
    return true;
  }
}

class Nothing extends WidgetType {
  toDOM() {
    const span = document.createElement("span");
    span.className = "scene-mark";
    return span;
  }

  eq() {
    return true;
  }
}

const nothing = new Nothing();

/** The scenes of the current text, `state.field(scenes)`. */
export const scenes = StateField.define({
  create: (state) => scenesIn(state.doc.toString()),
  update: (found, transaction) => (transaction.docChanged ? scenesIn(transaction.newDoc.toString()) : found),
});

/**
 * Draws marks as heads of scenes, and keeps cursors and clipboards out of them.
 * @param {Render} head
 */
export function sceneBlocks(head) {
  /** @param {EditorState} state */
  const drawn = (state) => {
    const all = [];
    for (const scene of state.field(scenes)) {
      const line = state.doc.lineAt(scene.from);
      all.push(Decoration.widget({ widget: new SceneHead(scene, head), block: true, side: -1 }).range(line.from));
      all.push(Decoration.line({ class: scene.headline ? "scene-headline" : "scene-headline is-empty" }).range(line.from));
      all.push(Decoration.replace({ widget: nothing }).range(scene.from, scene.markTo));
    }
    return Decoration.set(all, true);
  };
  const shown = StateField.define({
    create: drawn,
    update: (before, transaction) => (transaction.docChanged ? drawn(transaction.state) : before),
    provide: (field) => [
      EditorView.decorations.from(field),
      EditorView.atomicRanges.of((view) => marksOf(view.state)),
    ],
  });
  return [
    EditorState.lineSeparator.of("\n"), // a carriage return is a letter of the shared text: places would differ
    scenes,
    shown,
    EditorView.clipboardInputFilter.of(withoutMarks),
    EditorView.clipboardOutputFilter.of((text) => text.replace(MARK, "")),
    EditorState.transactionFilter.of(behindTheMark),
  ];
}

/** @param {EditorState} state */
function marksOf(state) {
  const marks = state.field(scenes).map((scene) => Decoration.mark({}).range(scene.from, scene.markTo));
  return Decoration.set(marks);
}

/**
 * What is typed before a first mark belongs to the first scene.
 * @param {Transaction} transaction
 */
function behindTheMark(transaction) {
  if (!transaction.isUserEvent("input") || !transaction.docChanged) return transaction;
  const first = transaction.startState.field(scenes)[0];
  if (!first || first.from !== 0) return transaction;
  let before = false;
  transaction.changes.iterChanges((from, to) => {
    if (from < first.markTo && to < first.markTo) before = true;
  });
  if (!before) return transaction;
  /** @type {string[]} */ const text = [];
  transaction.changes.iterChanges((_from, _to, _newFrom, _newTo, inserted) => text.push(inserted.toString()));
  return {
    changes: { from: first.markTo, insert: text.join("") },
    selection: EditorSelection.cursor(first.markTo + text.join("").length),
    annotations: Transaction.userEvent.of("input"),
  };
}

/**
 * @param {EditorState} state
 * @param {number} position
 */
export const sceneAt = (state, position) =>
  state.field(scenes).findLast((scene) => scene.from <= position) ?? state.field(scenes)[0] ?? null;

/** Begins a scene at the cursor: what stands behind it becomes the new scene's narration. @param {EditorView} view */
export function split(view) {
  const { from, to } = view.state.selection.main;
  if (view.state.readOnly) return false;
  const insert = `${from > 0 ? "\n" : ""}${mark(newId())}\n`;
  const tail = view.state.doc.sliceString(to, to + 1);
  const eaten = tail === "\n" || tail === " " ? 1 : 0;
  view.dispatch({
    changes: { from, to: to + eaten, insert },
    selection: EditorSelection.cursor(from + insert.length - 1),
    scrollIntoView: true,
    userEvent: "input.split",
  });
  return true;
}

/**
 * Pairs of a scene and the new one behind it.
 * @param {EditorState} before
 * @param {EditorState} now
 * @returns {[string, string][]}
 */
export function halves(before, now) {
  const known = new Set(before.field(scenes).map((one) => one.uid));
  return now.field(scenes).flatMap((one, place, all) => (known.has(one.uid) || !place ? [] : [[all[place - 1].uid, one.uid]]));
}

/** Takes the mark before the cursor out, which merges the scene into the one before it. @param {EditorView} view */
export function mergeBack(view) {
  const { main } = view.state.selection;
  if (!main.empty || view.state.readOnly) return false;
  const scene = sceneAt(view.state, main.head);
  if (!scene || scene.number === 1 || main.head !== scene.markTo) return false;
  merge(view, scene.uid);
  return true;
}

/**
 * @param {EditorView} view
 * @param {string} uid
 */
export function merge(view, uid) {
  const scene = view.state.field(scenes).find((one) => one.uid === uid);
  if (!scene || scene.number === 1) return;
  // an empty headline leaves no empty line behind
  const to = scene.headTo === scene.markTo && scene.headTo < scene.to ? scene.headTo + 1 : scene.markTo;
  view.dispatch({ changes: { from: scene.from, to }, userEvent: "delete.merge" });
}

/**
 * @param {EditorView} view
 * @param {string} uid
 */
export function remove(view, uid) {
  const scene = view.state.field(scenes).find((one) => one.uid === uid);
  if (scene) view.dispatch({ changes: { from: scene.from, to: scene.to }, userEvent: "delete.scene" });
}

/**
 * Moves a scene by one place. One transaction, so that one undo takes it back.
 * @param {EditorView} view
 * @param {string} uid
 * @param {-1 | 1} step
 */
export function move(view, uid, step) {
  const all = view.state.field(scenes);
  const place = all.findIndex((one) => one.uid === uid);
  const [first, second] = step < 0 ? [all[place - 1], all[place]] : [all[place], all[place + 1]];
  if (place === -1 || !first || !second) return;
  // the shorter one travels, so that cursors and comments in the other stay
  const moved = second.to - second.from <= first.to - first.from ? second : first;
  const text = view.state.doc.sliceString(moved.from, moved.to);
  const ended = text.endsWith("\n") ? text : `${text}\n`;
  const at = moved === second ? first.from : second.to;
  const lead = at > 0 && view.state.doc.sliceString(at - 1, at) !== "\n" ? "\n" : "";
  view.dispatch({
    changes: [{ from: moved.from, to: moved.to }, { from: at, insert: lead + ended }],
    userEvent: "move.scene",
    scrollIntoView: true,
  });
}

/** @param {EditorView} view */
export function append(view) {
  const end = view.state.doc.length;
  const lead = end && view.state.doc.sliceString(end - 1) !== "\n" ? "\n" : "";
  const insert = `${lead}${mark(newId())}\n`;
  view.dispatch({
    changes: { from: end, insert },
    selection: EditorSelection.cursor(end + insert.length - 1),
    scrollIntoView: true,
    userEvent: "input.scene",
  });
  view.focus();
}

export const sceneKeys = [
  { key: "Mod-Enter", run: split },
  { key: "Backspace", run: mergeBack },
];
