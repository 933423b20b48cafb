import assert from "node:assert/strict";
import { test } from "node:test";

import { frameAt, framesIn, middleOf, timecode, within } from "../../static/js/frames.js";

test("a time code has minutes, seconds and frames", () => {
  /** @type {[number, string][]} */
  const told = [[0, "00:00:00"], [29, "00:00:29"], [30, "00:01:00"], [203, "00:06:23"], [107_999, "59:59:29"], [108_000, "60:00:00"]];
  for (const [frame, words] of told) assert.equal(timecode(frame), words);
});

test("the middle of a frame lies in that frame, up to two hours", () => {
  for (let frame = 0; frame <= 216_000; frame += 1) assert.equal(frameAt(middleOf(frame)), frame);
});

test("a frame begins where it begins, whatever floats make of it", () => {
  for (let frame = 0; frame <= 216_000; frame += 1) assert.equal(frameAt(frame / 30), frame);
});

test("a length in seconds has whole frames", () => {
  assert.equal(framesIn(16.5), 495);
  assert.equal(framesIn(32.3676), 971); // a sound track that is a little longer
  assert.equal(framesIn(Number.NaN), 0);
});

test("no jump leads out of the video", () => {
  assert.equal(within(-1, 495), 0);
  assert.equal(within(495, 495), 494);
  assert.equal(within(9_000, 0), 9_000); // its length is not known yet
});
