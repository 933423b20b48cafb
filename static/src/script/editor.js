// The editor of one script: CodeMirror over the shared text, its scenes as blocks, the others in it.

import { defaultKeymap } from "@codemirror/commands";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { yCollab, yUndoManagerKeymap } from "y-codemirror.next";
import * as Y from "yjs";
import { presence } from "./peers.js";
import { halves, sceneBlocks, sceneKeys } from "./scenes.js";
import { threads } from "./threads.js";

/**
 * @param {{ parent: HTMLElement, room: import("./room.js").Room, nonce: string,
 *   head: (head: { uid: string, number: number, length: number }) => HTMLElement,
 *   label: string, changed: (view: EditorView) => void, picked: (keys: string[]) => void,
 *   halved?: (uid: string, half: string) => void }} given
 */
export function editorOf({ parent, room, nonce, head, label, changed, picked, halved = () => {} }) {
  const ytext = room.doc.getText("script");
  const undo = new Y.UndoManager([ytext, room.doc.getMap("scenes")]);
  const access = new Compartment();
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: ytext.toString(),
      extensions: [
        EditorView.cspNonce.of(nonce),
        look,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "true", autocapitalize: "sentences" }),
        placeholder("Write what is said. Ctrl or ⌘ + Enter begins a scene."),
        access.of(mayEdit(false)),
        yCollab(ytext, null, { undoManager: undo }), // the others are drawn by presence: see there
        keymap.of([...sceneKeys, ...yUndoManagerKeymap, ...defaultKeymap]),
        sceneBlocks(head),
        presence(room.awareness),
        threads(picked),
        EditorView.updateListener.of((update) => {
          if (update.docChanged || update.selectionSet) changed(view);
          if (update.transactions.some((one) => one.isUserEvent("input.split"))) {
            for (const [uid, half] of halves(update.startState, update.state)) halved(uid, half);
          }
        }),
      ],
    }),
  });
  room.hear("joined", ({ role }) => {
    view.dispatch({ effects: access.reconfigure(mayEdit(role === "editor")) });
  });
  return { view, ytext, undo };
}

/** Here and not in a sheet: the editor's own styles stand in no layer, and so win over those that do. */
const look = EditorView.theme({
  "&": { background: "none" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font)", fontSize: "var(--size-l)", lineHeight: "1.7", overflow: "visible" },
  ".cm-content": { padding: "0 0 var(--space-6)", caretColor: "var(--text)", maxWidth: "52rem", width: "100%" },
  ".cm-line": { padding: "0 var(--space-5)" },
  ".cm-placeholder": { color: "var(--quiet)" },
});

/** @param {boolean} may */
const mayEdit = (may) => [EditorState.readOnly.of(!may), EditorView.editable.of(may)];
