import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { CLOSE, Feed, pause } from "../../static/js/feed.js";

/** @typedef {Partial<Record<"type" | "topic", string> & Record<"id" | "since" | "n", number>>} Said */

/** A server's side of a socket, as a browser shows it. */
class Line {
  /** @type {Line[]} */ static all = [];
  readyState = 0;
  n = 0;
  /** @type {Said[]} */ said = [];
  /** @type {(event: { data: string }) => void} */ onmessage = () => {};
  /** @type {(event: { code: number }) => void} */ onclose = () => {};
  /** @param {string} address */
  constructor(address) {
    this.address = address;
    Line.all.push(this);
  }
  static get last() {
    const last = Line.all.at(-1);
    assert.ok(last, "no socket was opened");
    return last;
  }
  /** @param {string} text */
  send(text) {
    this.said.push(JSON.parse(text));
  }
  close() {
    this.ends(1000);
  }
  /** @param {object[]} frames */
  tells(...frames) {
    for (const frame of frames) this.onmessage({ data: JSON.stringify({ n: (this.n += 1), ...frame }) });
  }
  opens() {
    this.readyState = 1;
    this.tells({ type: "hello", team: 5, window: 64 });
  }
  /** @param {number} code */
  ends(code) {
    this.readyState = 3;
    this.onclose({ code });
  }
}

/** @param {number} seq */
const line = (seq, kind = "videos.video_moved") => ({ seq, kind, at: "", payload: {} });
/** @param {number[]} seqs */
const events = (...seqs) => ({ type: "events", topic: "team", id: 5, events: seqs.map((seq) => line(seq)) });
const Socket = /** @type {typeof WebSocket} */ (/** @type {unknown} */ (Line));
/** @type {Feed} */ let feed;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  Line.all = [];
  feed = new Feed("ws://studio/ws/feed/", () => {}, { Socket, random: () => 0.5 });
});
afterEach(() => mock.timers.reset());

test("it subscribes when the server says hello", () => {
  feed.follow("team", undefined, {});
  feed.follow("video", 7, {});
  feed.open();
  assert.deepEqual(Line.last.said, []);
  Line.last.opens();
  assert.deepEqual(Line.last.said, [{ type: "subscribe", topic: "team" }, { type: "subscribe", topic: "video", id: 7 }]);
  assert.equal(feed.state, "open");
});

test("it comes back with where it was, and tells each event once", () => {
  /** @type {number[]} */ const seen = [];
  feed.follow("team", undefined, { events: (lines) => seen.push(...lines.map((one) => one.seq)) });
  feed.open();
  Line.last.opens();
  Line.last.tells({ type: "snapshot", topic: "team", id: 5, seq: 10, state: {} }, events(11, 12));
  Line.last.ends(1006);
  assert.equal(feed.state, "waiting");
  mock.timers.tick(1000);
  Line.last.opens();
  assert.deepEqual(Line.last.said, [{ type: "subscribe", topic: "team", since: 12 }]);
  Line.last.tells(events(12, 13), events(13, 14));
  assert.deepEqual(seen, [11, 12, 13, 14]);
});

test("a snapshot is told, and moves the place", () => {
  /** @type {object[]} */ const states = [];
  feed.follow("video", 7, { snapshot: (state) => states.push(state) });
  feed.open();
  Line.last.opens();
  Line.last.tells({ type: "snapshot", topic: "video", id: 7, seq: 900, state: { state: "review" } });
  Line.last.ends(CLOSE.restart);
  mock.timers.tick(1000);
  Line.last.opens();
  assert.deepEqual(states, [{ state: "review" }]);
  assert.equal(Line.last.said[0].since, 900);
});

test("progress goes to who follows the team, and to who follows that video", () => {
  /** @type {unknown[][]} */ const [team, seven, eight] = [[], [], []];
  feed.follow("team", undefined, { progress: (one) => team.push(one.id) });
  feed.follow("video", 7, { progress: (one) => seven.push(one.fraction) });
  feed.follow("video", 8, { progress: (one) => eight.push(one.fraction) });
  feed.open();
  Line.last.opens();
  Line.last.tells({ type: "progress", of: [{ topic: "video", id: 7, fraction: 0.5 }, { topic: "video", id: 9, fraction: 0.1 }] });
  assert.deepEqual([team, seven, eight], [[7, 9], [0.5], []]);
});

test("the bell is told to who follows it, and to nobody else", () => {
  /** @type {unknown[][]} */ const [bell, team] = [[], []];
  feed.follow("team", undefined, { progress: (one) => team.push(one.unread) });
  feed.follow("bell", undefined, { progress: (one) => bell.push(one.unread) });
  feed.open();
  Line.last.opens();
  Line.last.tells({ type: "subscribed", topic: "bell", id: 5 }, { type: "progress", of: [{ topic: "bell", id: 5, unread: 3 }] });
  assert.deepEqual([bell, team], [[3], []]);
  Line.last.ends(1006);
  mock.timers.tick(1000);
  Line.last.opens();
  assert.deepEqual(Line.last.said, [{ type: "subscribe", topic: "team" }, { type: "subscribe", topic: "bell" }]);
});

test("it acks long before the server waits", () => {
  feed.open();
  Line.last.opens();
  for (let seq = 1; seq < 20; seq += 1) Line.last.tells(events(seq));
  const acks = Line.last.said.filter((one) => one.type === "ack").map((one) => one.n);
  assert.deepEqual(acks, [8, 16]);
});

test("it acks long frames at once", () => {
  feed.open();
  Line.last.opens();
  const long = { ...events(1), more: "x".repeat(50_000) };
  Line.last.tells(long, events(2));
  assert.deepEqual(Line.last.said.map((one) => one.n), [2]);
});

for (const code of [CLOSE.signedOut, CLOSE.forbidden, CLOSE.notFound])
  test(`it does not come back after ${code}`, () => {
    feed.open();
    Line.last.ends(code);
    mock.timers.tick(100_000);
    assert.equal(Line.all.length, 1);
    assert.equal(feed.state, "ended");
  });

test("where no socket comes through it says so, and goes on trying", () => {
  feed.open();
  for (let tries = 0; tries < 3; tries += 1) {
    Line.last.ends(1006);
    mock.timers.tick(11_000);
  }
  assert.equal(feed.state, "blocked");
  assert.equal(Line.all.length, 4);
  Line.last.opens();
  assert.equal(feed.state, "open");
});

test("a socket that opens and says nothing is given up", () => {
  feed.open();
  Line.last.readyState = 1;
  mock.timers.tick(8_000);
  assert.equal(feed.state, "waiting");
});

test("what is refused is asked for no more", () => {
  /** @type {number[]} */ const codes = [];
  feed.follow("video", 7, { refused: (code) => codes.push(code) });
  feed.open();
  Line.last.opens();
  Line.last.tells({ type: "refused", topic: "video", id: 7, code: 4404 });
  Line.last.ends(1006);
  mock.timers.tick(1000);
  Line.last.opens();
  assert.deepEqual([codes, Line.last.said], [[4404], []]);
});

test("who closes it hears nothing more of it", () => {
  feed.open();
  const first = Line.last;
  first.opens();
  feed.close();
  mock.timers.tick(100_000);
  assert.deepEqual([feed.state, Line.all.length], ["ended", 1]);
  feed.open();
  assert.equal(Line.all.length, 2);
});

test("pauses grow to ten seconds, with jitter, and are longer where it is crowded", () => {
  const half = () => 0.5;
  assert.deepEqual([0, 1, 2, 3].map((tries) => pause(tries, 1006, half)), [375, 750, 1500, 3000]);
  for (const random of [() => 0, () => 0.999, Math.random]) {
    const wait = pause(30, 1006, random);
    assert.ok(wait >= 5000 && wait <= 10_000, String(wait));
  }
  assert.ok(pause(0, CLOSE.tooMany) > 15_000);
  assert.ok(pause(5, CLOSE.restart) <= 1000);
});
