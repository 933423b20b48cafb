// Words of a scene that a paid writer is to put otherwise: a page of their own tells the price first.

import { sceneAt } from "./scenes.js";

/**
 * Where that page is; empty where no words of one scene are selected.
 * @param {import("@codemirror/view").EditorView} view
 * @param {string} address with UID where the scene's stands
 */
export function otherwise(view, address) {
  const { main } = view.state.selection;
  const scene = sceneAt(view.state, main.from);
  if (!scene || !address) return "";
  const text = view.state.doc.sliceString(Math.max(main.from, scene.markTo), Math.min(main.to, scene.to));
  return text.trim() ? `${address.replace("UID", scene.uid)}?text=${encodeURIComponent(text.trim())}` : "";
}
