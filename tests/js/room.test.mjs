import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as awarenessProtocol from "y-protocols/awareness";
import * as syncProtocol from "y-protocols/sync";
import * as Y from "yjs";

import { Drafts } from "../../static/src/script/drafts.js";
import { AWARENESS, CONTROL, PART, REPLY, Room, SYNC } from "../../static/src/script/room.js";

/** A server's side of a room's socket, with a document of its own. */
class Line {
  /** @type {Line[]} */ static all = [];
  static doc = new Y.Doc();
  readyState = 1;
  /** @type {{ type: string, n?: number }[]} */ replies = [];
  frames = 0;
  told = 0;
  isSlow = false;
  isClosed = false;
  /** @type {Uint8Array[]} */ said = [];
  /** @type {(() => void)[]} */ held = [];
  /** @type {(event: { data: Uint8Array }) => void} */ onmessage = () => {};
  /** @type {(event: { code: number }) => void} */ onclose = () => {};
  constructor() {
    Line.all.push(this);
  }
  static get last() {
    const last = Line.all.at(-1);
    assert.ok(last, "no socket was opened");
    return last;
  }
  /** @param {Uint8Array} bytes */
  send(bytes) {
    this.said.push(bytes);
    const decoder = decoding.createDecoder(bytes);
    const kind = decoding.readVarUint(decoder);
    if (kind === REPLY) this.replied(JSON.parse(decoding.readVarString(decoder)));
    if (kind !== SYNC) return;
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, SYNC);
    const step = syncProtocol.readSyncMessage(decoder, encoder, Line.doc, this);
    const answer = () => this.tells(encoding.toUint8Array(encoder));
    if (step === syncProtocol.messageYjsSyncStep1) this.isSlow ? this.held.push(answer) : answer();
    else this.frames += 1;
  }
  /** @param {{ type: string }} told */
  replied(told) {
    this.replies.push(told);
    if (told.type !== "enter") return;
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, SYNC);
    syncProtocol.writeSyncStep1(encoder, Line.doc);
    this.tells(encoding.toUint8Array(encoder));
  }
  /** @param {Uint8Array} bytes */
  tells(bytes) {
    this.told += 1;
    this.onmessage({ data: bytes });
  }
  /** @param {object} message */
  says(message) {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, CONTROL);
    encoding.writeVarString(encoder, JSON.stringify(message));
    this.tells(encoding.toUint8Array(encoder));
  }
  joins(more = {}) {
    this.says({ type: "joined", epoch: 1, role: "editor", you: { id: 1, name: "Ana" }, ...more });
  }
  close() {
    this.isClosed = true;
  }
  /** @param {number} code */
  ends(code) {
    this.readyState = 3;
    this.onclose({ code });
  }
}

/** @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} Kept */

/** @returns {Kept} */
const memory = () => {
  /** @type {Map<string, string>} */ const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
};
const Socket = /** @type {typeof WebSocket} */ (/** @type {unknown} */ (Line));
/** @type {Room} */ let room;
/** @type {Y.Doc} */ let doc;
/** @type {Y.Text} */ let text;
/** @type {Drafts} */ let drafts;
/** @type {Kept} */ let storage;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  Line.all = [];
  Line.doc = new Y.Doc();
  Line.doc.getText("script").insert(0, "Kelp.");
  storage = memory();
  drafts = new Drafts("script-7", storage);
  [doc, room] = opened();
  text = doc.getText("script");
});
afterEach(() => {
  room.close();
  mock.timers.reset();
});

/** @returns {[Y.Doc, Room]} */
function opened() {
  const fresh = new Y.Doc();
  return [fresh, new Room("ws://x/ws/rooms/7/", fresh, { drafts, WebSocket: Socket })];
}

const stored = () => Line.doc.getText("script").toString();

test("what the server has is there once it is synced", () => {
  Line.last.joins();
  assert.equal(text.toString(), "Kelp.");
  Line.last.says({ type: "saved", frames: Line.last.frames });
  assert.equal(room.state, "saved");
});

test("saved is said only when the server has acknowledged", () => {
  Line.last.joins();
  text.insert(5, " Grows.");
  assert.equal(room.state, "saving");
  mock.timers.tick(50);
  assert.equal(stored(), "Kelp. Grows.");
  assert.equal(room.state, "saving");
  Line.last.says({ type: "saved", frames: Line.last.frames });
  assert.equal(room.state, "saved");
});

test("what is typed quickly is one frame", () => {
  Line.last.joins();
  const before = Line.last.frames;
  for (const letter of "hello") text.insert(0, letter);
  mock.timers.tick(50);
  assert.equal(Line.last.frames, before + 1);
  assert.equal(stored(), "ollehKelp.");
});

test("what was typed without a line comes back with the next", () => {
  Line.last.joins();
  Line.last.ends(1006);
  text.insert(5, " Offline.");
  assert.equal(room.state, "offline");
  assert.equal(room.unsaved, true);
  mock.timers.tick(1000);
  Line.last.joins();
  assert.equal(stored(), "Kelp. Offline.");
  Line.last.says({ type: "saved", frames: 1 });
  assert.equal(room.state, "saved");
});

test("what is typed while the server still answers is sent", () => {
  Line.last.isSlow = true;
  Line.last.joins();
  text.insert(0, "Meanwhile. ");
  Line.last.held.forEach((answer) => answer());
  mock.timers.tick(50);
  assert.match(stored(), /Meanwhile\. /);
  Line.last.says({ type: "saved", frames: Line.last.frames });
  assert.equal(room.state, "saved");
});

test("what was sent and not acknowledged comes back, too", () => {
  Line.last.joins();
  text.insert(5, " Sent.");
  mock.timers.tick(50);
  Line.doc = new Y.Doc(); // a server that died before it stored anything
  Line.last.ends(1006);
  assert.equal(room.unsaved, true);
  mock.timers.tick(1000);
  Line.last.joins();
  assert.equal(stored(), "Kelp. Sent.");
});

test("what was typed offline outlives the page", () => {
  Line.last.joins();
  Line.last.ends(1006);
  text.insert(5, " Kept.");
  mock.timers.tick(500);
  room.close();
  [doc, room] = opened();
  Line.last.joins();
  assert.equal(stored(), "Kelp. Kept.");
});

test("what another tab keeps is neither forgotten nor written over", () => {
  Line.last.joins();
  Line.last.ends(1006);
  text.insert(5, " Kept.");
  mock.timers.tick(500);
  room.close();
  const other = new Drafts("script-7", storage);
  other.keep(1, null);
  const theirs = new Y.Doc();
  theirs.getText("script").insert(0, "Theirs. ");
  other.flush(1, theirs);
  other.keep(1, null);
  drafts = new Drafts("script-7", storage);
  [doc, room] = opened();
  Line.last.joins();
  assert.match(stored(), /Kelp\. Kept\./);
  assert.match(stored(), /Theirs\. /);
  mock.timers.tick(500);
  Line.last.says({ type: "saved", frames: Line.last.frames });
  assert.equal(storage.getItem("script-7"), null);
});

test("what was kept for a document that was begun anew is there to be copied", () => {
  drafts.flush(1, Line.doc);
  drafts = new Drafts("script-7", storage);
  assert.equal(drafts.takeOver(2), null);
  drafts.keep(2, null);
  assert.equal(drafts.left(2)?.getText("script").toString(), "Kelp.");
  assert.equal(drafts.left(2), null);
});

test("a draft is forgotten once it is saved", () => {
  Line.last.joins();
  text.insert(5, " Kept.");
  mock.timers.tick(50);
  mock.timers.tick(500);
  assert.notEqual(storage.getItem("script-7"), null);
  Line.last.says({ type: "saved", frames: Line.last.frames });
  assert.equal(storage.getItem("script-7"), null);
});

test("a document that was begun anew is not merged with the old", () => {
  let replaced = 0;
  room.addEventListener("replaced", () => (replaced += 1));
  Line.last.joins();
  Line.last.ends(1006);
  mock.timers.tick(1000);
  Line.last.joins({ epoch: 2 });
  assert.equal(replaced, 1);
  assert.deepEqual(Line.last.replies, []);
});

test("who may no longer come in is told why and does not try again", () => {
  Line.last.joins();
  Line.last.ends(4403);
  assert.equal(room.state, "refused");
  mock.timers.tick(60_000);
  assert.equal(Line.all.length, 1);
});

test("a viewer sends nothing of what is in their document", () => {
  Line.last.joins({ role: "viewer" });
  assert.equal(Line.last.frames, 0);
  assert.equal(text.toString(), "Kelp.");
});

test("who hurries has one line, not two", () => {
  Line.last.joins();
  Line.last.ends(1006);
  mock.timers.tick(1000);
  const slow = Line.last;
  room.hurry();
  slow.joins();
  assert.equal(slow.isClosed, true);
  assert.equal(room.read, 0);
  Line.last.joins();
  assert.equal(stored(), "Kelp.");
  assert.equal(room.read, Line.last.told);
});

test("frames are acknowledged, so that the server goes on", () => {
  Line.last.joins();
  for (let n = 0; n < 20; n += 1) Line.last.says({ type: "late", seconds: 0 });
  mock.timers.tick(1000);
  const acks = Line.last.replies.filter((one) => one.type === "ack");
  assert.equal(acks.at(-1)?.n, room.read);
});

test("a frame that comes in pieces is put together", () => {
  Line.last.joins();
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, CONTROL);
  encoding.writeVarString(encoder, JSON.stringify({ type: "role", role: "viewer" }));
  const whole = encoding.toUint8Array(encoder);
  Line.last.tells(new Uint8Array([PART, 0, ...whole.subarray(0, 5)]));
  assert.equal(room.joined?.role, "editor");
  Line.last.tells(new Uint8Array([PART, 1, ...whole.subarray(5)]));
  assert.equal(room.joined?.role, "viewer");
});

/** @param {Uint8Array} bytes */
const heardBy = (bytes) => {
  const decoder = decoding.createDecoder(bytes);
  return decoding.readVarUint(decoder) === AWARENESS ? decoding.readVarUint8Array(decoder) : null;
};
/**
 * @param {number} clientID
 * @param {number} clock
 * @param {object} state
 */
const said = (clientID, clock, state) => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarUint(encoder, clientID);
  encoding.writeVarUint(encoder, clock);
  encoding.writeVarString(encoder, JSON.stringify(state));
  const frame = encoding.createEncoder();
  encoding.writeVarUint(frame, AWARENESS);
  encoding.writeVarUint8Array(frame, encoding.toUint8Array(encoder));
  return encoding.toUint8Array(frame);
};

test("after a break everybody sees everybody again at once", () => {
  const others = new awarenessProtocol.Awareness(new Y.Doc());
  /** @param {Line} line */
  const hear = (line) => {
    for (const update of line.said.map(heardBy).filter((one) => one !== null)) awarenessProtocol.applyAwarenessUpdate(others, update, "test");
  };
  room.awareness.setLocalStateField("user", { name: "Ana" });
  Line.last.joins();
  Line.last.tells(said(77, 5, { user: { name: "Ben" } }));
  hear(Line.last);
  assert.ok(others.getStates().has(doc.clientID));
  assert.ok(room.awareness.getStates().has(77));
  Line.last.ends(1006);
  awarenessProtocol.removeAwarenessStates(others, [doc.clientID], "test");
  const meta = others.meta.get(doc.clientID);
  assert.ok(meta);
  meta.clock += 1; // as the server tells that somebody has left
  mock.timers.tick(20_000);
  Line.last.joins();
  Line.last.tells(said(77, 5, { user: { name: "Ben" } }));
  hear(Line.last);
  assert.ok(room.awareness.getStates().has(77));
  assert.ok(others.getStates().has(doc.clientID));
});

test("who is somebody else now comes in anew, and is told nothing of a break", () => {
  /** @type {string[]} */ const states = [];
  Line.last.joins();
  room.hear("state", ({ state }) => states.push(state));
  const before = Line.last;
  room.renew(["sr.v1", "guest.other"]);
  assert.notEqual(Line.last, before);
  assert.deepEqual(room.protocols, ["sr.v1", "guest.other"]);
  before.ends(1000);
  assert.ok(!states.includes("offline"));
});

test("a full room is told of, and tried again", () => {
  Line.last.joins();
  Line.last.ends(4429);
  assert.equal(room.state, "offline");
  assert.match(room.why, /Too many people/);
  const tries = Line.all.length;
  mock.timers.tick(60_000);
  assert.ok(Line.all.length > tries);
});
