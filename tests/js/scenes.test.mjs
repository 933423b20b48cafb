import assert from "node:assert/strict";
import { test } from "node:test";
import { EditorState } from "@codemirror/state";

import { halves, mark, sceneBlocks, scenes, scenesIn, seconds, withoutMarks } from "../../static/src/script/scenes.js";

const TEXT = `${mark("aaaa0001")}Growth\nKelp grows.\n${mark("aaaa0002")}\nOtters guard it.\n`;

test("a scene begins with its mark", () => {
  const [one, other] = scenesIn(TEXT);
  assert.deepEqual([one.uid, one.headline, one.narration], ["aaaa0001", "Growth", "Kelp grows."]);
  assert.deepEqual([other.uid, other.headline, other.narration, other.number], ["aaaa0002", "", "Otters guard it.", 2]);
  assert.equal(TEXT.slice(other.from, other.markTo), mark("aaaa0002"));
  assert.equal(other.to, TEXT.length);
});

test("a text without marks has no scenes", () => {
  assert.deepEqual(scenesIn("Kelp"), []);
});

test("what is pasted brings no marks along, not even broken ones", () => {
  assert.equal(withoutMarks(`${mark("aaaa0001")}Kelp\ue000aa\nOtters aaaa0002\ue001`), "Kelp\nOtters ");
});

test("places in the editor are those in the shared text, whatever ends a line there", () => {
  const typed = `${TEXT}Urchins\r\nfear\rthem.\n`;
  const { doc } = EditorState.create({ doc: typed, extensions: sceneBlocks(() => assert.fail("no head is drawn without a page")) });
  assert.equal(doc.length, typed.length);
  assert.equal(doc.toString(), typed);
  assert.equal(withoutMarks("Urchins\r\nfear\rthem."), "Urchins\nfear\nthem.");
});

test("a half that was split off follows the scene that it was", () => {
  /** @param {string} text */
  const state = (text) => EditorState.create({ doc: text, extensions: [scenes] });
  const now = TEXT.replace("Kelp grows.", `Kelp\n${mark("bbbb0001")}\ngrows.`);
  assert.deepEqual(halves(state(TEXT), state(now)), [["aaaa0001", "bbbb0001"]]);
  assert.deepEqual(halves(state(TEXT), state(TEXT)), []);
});

test("words of every script take time", () => {
  assert.equal(seconds("Kelp grows half a metre."), 2);
  assert.equal(seconds("Это море"), 0.8);
});
