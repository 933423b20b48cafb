// One document's line to the server: Yjs sync and awareness over /ws/rooms/<video>/, with the
// server's word on what is saved. Edits made without a line stay in the document and, for the
// time the page is closed, in a draft; both come back with the next handshake.

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as awarenessProtocol from "y-protocols/awareness";
import * as syncProtocol from "y-protocols/sync";
import * as Y from "yjs";
import { pause } from "../../js/feed.js";

export const SYNC = 0;
export const AWARENESS = 1;
export const CONTROL = 64; // from the server, JSON
export const REPLY = 65; // to the server, JSON
export const PART = 66; // a piece of a frame that is too large for one

const OTHER_EPOCH = 4409;
const TOO_MANY = 4429;
/** Close codes after which a new try would be refused as well, and what a member is told. */
const FINAL = new Map([
  [4401, "You have been signed out. Sign in again to go on; what you typed is kept here."],
  [4403, "You can no longer open this script."],
  [4404, "This video no longer exists."],
]);
const TOGETHER_MS = 40; // what is typed within so long is one frame
const MOVES_MS = 120; // between two words about our cursor
const ACK_EVERY = 16; // frames
const ACK_MS = 1000;

/**
 * @typedef {"connecting" | "saved" | "saving" | "offline" | "refused"} State
 * @typedef {"editor" | "commenter" | "viewer"} Role
 * @typedef {{ epoch: number, role: Role, you: import("./peers.js").Person }} Joined
 * @typedef {{ type: "remade", scenes: string[], parts: Record<string, number>, kept: number, fault: string, price?: { expected: number, told: string } | null }} Remade
 *
 * What the server says, beside the document.
 * @typedef {({ type: "joined" } & Joined) | { type: "behind" } | { type: "saved", frames: number }
 *   | { type: "role", role: Role } | { type: "late", seconds: number } | { type: "refused", why: string }
 *   | { type: "said" } | Remade} Message
 *
 * What a room tells: `replaced`, that the document was begun anew and what is here is no longer it.
 * @typedef {object} Events
 * @property {{ state: State, why: string, unsaved: boolean }} state
 * @property {Joined} joined
 * @property {null} synced
 * @property {Message} told
 * @property {null} replaced
 */

export class Room extends EventTarget {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ timer;
  /** @type {ReturnType<typeof setInterval> | undefined} */ acks;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ flushes;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ moves;
  /** @type {Uint8Array[]} updates that wait to be one frame */ pending = [];
  /** @type {Uint8Array[]} of a frame that is not whole yet */ pieces = [];
  /** @type {WebSocket | null} */ socket = null;
  /** @type {Joined | null} */ joined = null;
  /** @type {State} */ state = "connecting";

  /**
   * @param {string} url of the socket
   * @param {Y.Doc} doc
   * @param {{ protocols?: string[], final?: Map<number, string>, drafts?: import("./drafts.js").Drafts, WebSocket?: typeof WebSocket }} with_
   */
  constructor(url, doc, { protocols = ["sr.v1"], final = FINAL, drafts, WebSocket: Socket = globalThis.WebSocket } = {}) {
    super();
    this.url = url;
    this.doc = doc;
    this.protocols = protocols;
    this.final = final;
    this.drafts = drafts;
    this.Socket = Socket;
    this.awareness = new awarenessProtocol.Awareness(doc);
    this.why = "";
    this.tries = 0;
    this.sent = 0; // frames with content on this socket
    this.acknowledged = 0;
    this.ahead = false; // edits that no socket has carried yet
    this.isSynced = false;
    this.hasAnswered = false;
    this.read = this.acked = 0; // frames
    doc.on("update", this.#changed);
    this.awareness.on("update", this.#moved);
    this.connect();
  }

  /**
   * @template {keyof Events} K
   * @param {K} name
   * @param {(detail: Events[K]) => void} act
   */
  hear(name, act) {
    this.addEventListener(name, (event) => event instanceof CustomEvent && act(event.detail));
  }

  /**
   * @template {keyof Events} K
   * @param {K} name
   * @param {Events[K]} detail
   */
  #say(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  get unsaved() {
    return this.ahead || this.pending.length > 0 || this.sent > this.acknowledged;
  }

  connect() {
    clearTimeout(this.timer);
    this.read = this.acked = 0;
    this.pieces = [];
    const before = this.socket; // one that still tries, where we hurry
    const socket = new this.Socket(this.url, this.protocols);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => socket === this.socket && this.#read(new Uint8Array(data));
    socket.onclose = ({ code }) => this.#closed(socket, code);
    this.socket = socket;
    before?.close();
  }

  close() {
    clearTimeout(this.timer);
    clearInterval(this.acks);
    this.#flush();
    this.doc.off("update", this.#changed);
    this.awareness.destroy();
    const { socket } = this;
    this.socket = null;
    if (socket) socket.close(1000);
  }

  /** Tries now, for instance when the browser says that the network is back. */
  hurry() {
    if (this.state !== "offline") return;
    this.tries = 0;
    this.connect();
  }

  /** What is told of us next has another number, and so is news. */
  #count() {
    this.awareness.setLocalState(this.awareness.getLocalState());
  }

  /**
   * Comes in anew, with what says who this is by now.
   * @param {string[]} protocols
   */
  renew(protocols) {
    this.protocols = protocols;
    const { socket } = this;
    if (!socket) return; // the next try takes them
    this.#left();
    socket.close(1000);
    this.connect();
  }

  /**
   * @param {WebSocket} socket
   * @param {number} code
   */
  #closed(socket, code) {
    if (socket !== this.socket) return;
    this.#left();
    const why = this.final.get(code);
    if (why !== undefined) return this.#become("refused", why);
    if (code === OTHER_EPOCH && this.joined) return this.#replaced();
    this.#become("offline", code === TOO_MANY ? "Too many people are here: trying again…" : "");
    this.timer = setTimeout(() => this.connect(), pause(this.tries, code));
    this.tries += 1;
  }

  #left() {
    this.socket = null;
    clearInterval(this.acks);
    if (this.unsaved) this.ahead = true; // the next handshake carries it again
    this.pending = [];
    this.sent = this.acknowledged = 0;
    this.isSynced = this.hasAnswered = false;
    const others = [...this.awareness.getStates().keys()].filter((id) => id !== this.doc.clientID);
    awarenessProtocol.removeAwarenessStates(this.awareness, others, this);
    // the others hear under our next number that we have left
    if (this.awareness.getLocalState()) this.#count();
    // what we knew of them is no reason to doubt what the server says when we are back
    for (const id of [...this.awareness.meta.keys()]) if (id !== this.doc.clientID) this.awareness.meta.delete(id);
  }

  #replaced() {
    this.#become("refused", "The script was begun anew: reload the page.");
    this.#say("replaced", null);
    this.close();
  }

  /** @param {Uint8Array} bytes */
  #read(bytes) {
    this.read += 1;
    if (bytes[0] === PART) this.#piece(bytes);
    else this.#take(bytes);
    if (this.read - this.acked >= ACK_EVERY) this.#ack();
  }

  /** @param {Uint8Array} bytes */
  #piece(bytes) {
    this.pieces.push(bytes.subarray(2));
    if (!bytes[1]) return;
    const whole = new Uint8Array(this.pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of this.pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    this.pieces = [];
    this.#take(whole);
  }

  /** @param {Uint8Array} bytes */
  #take(bytes) {
    const decoder = decoding.createDecoder(bytes);
    const kind = decoding.readVarUint(decoder);
    if (kind === SYNC) this.#sync(decoder);
    else if (kind === AWARENESS) {
      awarenessProtocol.applyAwarenessUpdate(this.awareness, decoding.readVarUint8Array(decoder), this);
    } else if (kind === CONTROL) this.#told(JSON.parse(decoding.readVarString(decoder)));
  }

  #ack = () => {
    if (this.read === this.acked) return;
    this.acked = this.read;
    this.#reply({ type: "ack", n: this.read });
  };

  /** @param {decoding.Decoder} decoder */
  #sync(decoder) {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, SYNC);
    const step = syncProtocol.readSyncMessage(decoder, encoder, this.doc, this);
    if (step === syncProtocol.messageYjsSyncStep1) {
      // what the server lacks is all that was written without a line
      this.pending = [];
      this.ahead = false;
      this.hasAnswered = true; // what is written from now on is in no answer
      if (this.joined?.role === "editor") this.#content(encoder);
      this.#ask();
    } else if (step === syncProtocol.messageYjsSyncStep2 && !this.isSynced) {
      this.isSynced = true;
      this.tries = 0;
      this.#say("synced", null);
    }
    this.#settle();
  }

  #ask() {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, SYNC);
    syncProtocol.writeSyncStep1(encoder, this.doc);
    this.#send(encoder);
  }

  /** @param {Message} message */
  #told(message) {
    if (message.type === "joined") this.#welcome(message);
    else if (message.type === "behind") this.#ask();
    else if (message.type === "saved") {
      this.acknowledged = message.frames;
      this.#settle();
    } else if (message.type === "role" && this.joined) {
      this.joined = { ...this.joined, role: message.role };
      this.#say("joined", this.joined);
    }
    this.#say("told", message);
  }

  /** @param {Joined} message */
  #welcome(message) {
    const before = this.joined;
    if (before && before.epoch !== message.epoch) return this.#replaced();
    if (!before && this.drafts && message.role === "editor") {
      const draft = this.drafts.takeOver(message.epoch);
      if (draft) Y.applyUpdate(this.doc, draft, "draft");
    }
    this.joined = message;
    this.#say("joined", message);
    this.#reply({ type: "enter", epoch: message.epoch });
    clearInterval(this.acks);
    this.acks = setInterval(this.#ack, ACK_MS);
    if (!this.awareness.getLocalState()) return;
    this.#count();
    this.#tell([this.doc.clientID]);
  }

  /** @param {Uint8Array} update @param {unknown} origin */
  #changed = (update, origin) => {
    if (origin === this) return;
    if (!this.hasAnswered || !this.#isOpen) this.ahead = true;
    else {
      this.pending.push(update);
      this.flushes ??= setTimeout(this.#flush, TOGETHER_MS);
    }
    this.#settle();
  };

  #flush = () => {
    clearTimeout(this.flushes);
    this.flushes = undefined;
    if (!this.pending.length) return;
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, SYNC);
    syncProtocol.writeUpdate(encoder, Y.mergeUpdates(this.pending));
    this.pending = [];
    this.#content(encoder);
    this.#settle();
  };

  /** @param {unknown} _ @param {unknown} origin */
  #moved = (_, origin) => {
    if (origin === this || !this.joined) return;
    this.moves ??= setTimeout(() => {
      this.moves = undefined;
      this.#tell([this.doc.clientID]);
    }, MOVES_MS);
  };

  /** @param {number[]} clients */
  #tell(clients) {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, AWARENESS);
    encoding.writeVarUint8Array(encoder, awarenessProtocol.encodeAwarenessUpdate(this.awareness, clients));
    this.#send(encoder);
  }

  /** @param {object} message */
  #reply(message) {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, REPLY);
    encoding.writeVarString(encoder, JSON.stringify(message));
    this.#send(encoder);
  }

  /** @param {encoding.Encoder} encoder */
  #content(encoder) {
    if (this.#send(encoder)) this.sent += 1;
    else this.ahead = true;
  }

  get #isOpen() {
    return this.socket?.readyState === 1;
  }

  /** @param {encoding.Encoder} encoder */
  #send(encoder) {
    if (this.socket?.readyState !== 1) return false;
    this.socket.send(encoding.toUint8Array(encoder));
    return true;
  }

  #settle() {
    if (this.drafts && this.joined) this.drafts.keep(this.joined.epoch, this.unsaved ? this.doc : null);
    if (this.state === "refused" || !this.socket) return this.#become(this.state, this.why);
    this.#become(!this.isSynced ? "connecting" : this.unsaved ? "saving" : "saved");
  }

  /** @param {State} state */
  #become(state, why = "") {
    this.state = state;
    this.why = why;
    this.#say("state", { state, why, unsaved: this.unsaved });
  }
}
