import assert from "node:assert/strict";
import { test } from "node:test";

import { counts, FOLLOWS, isEarlier, marks, merge, pinned } from "../../static/src/review/list.js";

/** @param {string} key */
const row = (key, stamp = "1") => ({ key, stamp });
/**
 * @param {string} key
 * @param {number | null} frame
 * @param {Partial<import("../../static/src/review/list.js").Thread>} more
 * @returns {import("../../static/src/review/list.js").Thread}
 */
const thread = (key, frame, more = {}) => ({ key, stamp: "1", state: "open", frame, cut: "a", ...more });
const none = new Set();

test("what reads as before is kept, what is new or reads otherwise is taken, what is gone goes", () => {
  const steps = merge([row("1"), row("2"), row("3")], [row("1"), row("4"), row("3", "2")], none);
  assert.deepEqual(steps, [
    { key: "1", does: "keep" },
    { key: "4", does: "take" },
    { key: "3", does: "take" },
  ]);
});

test("the server's order holds", () => {
  assert.deepEqual(merge([row("2"), row("1")], [row("1"), row("2")], none).map((one) => one.key), ["1", "2"]);
});

test("a thread that is being answered stays where it stood, though it is gone", () => {
  const before = [row("1"), row("2"), row("3")];
  assert.deepEqual(merge(before, [row("1"), row("3")], new Set(["2"])).map((one) => one.key), ["1", "2", "3"]);
  assert.deepEqual(merge(before, [row("3")], new Set(["1", "2"])).map((one) => one.key), ["1", "2", "3"]);
});

test("a thread that is being answered and is still there is no other than the rest", () => {
  assert.deepEqual(merge([row("1")], [row("1", "2")], new Set(["1"])), [{ key: "1", does: "take" }]);
});

test("open and resolved are counted", () => {
  assert.deepEqual(counts([thread("1", 3), thread("2", 4, { state: "resolved" }), thread("3", null)]), { open: 2, resolved: 1 });
});

test("marks stand where the frames are, of those that are shown", () => {
  const threads = [thread("1", 0), thread("2", 494), thread("3", null), thread("4", 7, { state: "resolved" })];
  assert.deepEqual(marks(threads, "open", 495, "a").map(({ key, at }) => [key, at]), [["1", 0], ["2", 1]]);
  assert.deepEqual(marks(threads, "resolved", 495, "a").map(({ key }) => key), ["4"]);
  assert.deepEqual(marks(threads, "open", 0, "a"), []);
});

test("a moment behind the end of a shorter cut stands at the end", () => {
  assert.equal(marks([thread("1", 900, { cut: "b" })], "open", 495, "a")[0].at, 1);
});

test("only what is known to be of another cut is called so", () => {
  assert.equal(isEarlier({ cut: "a" }, "b"), true);
  assert.equal(isEarlier({ cut: "a" }, "a"), false);
  assert.equal(isEarlier({ cut: "" }, "a"), false); // from before cuts were kept
  assert.equal(isEarlier({ cut: "a" }, ""), false); // nothing is shown
});

test("a comment is about the frame where its first word was typed", () => {
  let pin = pinned(FOLLOWS, { type: "typed", text: "T", now: 12 });
  pin = pinned(pin, { type: "typed", text: "To", now: 99 });
  assert.equal(pin.frame, 12);
  assert.equal(pinned(pin, { type: "moved", now: 99 }).frame, 99);
  assert.equal(pinned(pin, { type: "sent" }).frame, null);
});

test("without words it goes along with the player", () => {
  const pin = pinned(FOLLOWS, { type: "typed", text: "T", now: 12 });
  assert.equal(pinned(pin, { type: "typed", text: " ", now: 99 }).frame, null);
});

test("about the whole video, and back", () => {
  const pin = pinned({ frame: 12, isWhole: false }, { type: "whole", is: true });
  assert.deepEqual(pin, { frame: 12, isWhole: true });
  assert.deepEqual(pinned(pin, { type: "whole", is: false }), { frame: 12, isWhole: false });
});
