// One document's line to the server: Yjs sync and awareness over /ws/rooms/<video>/, with the
// server's word on what is saved. Edits made without a line stay in the document and, for the
// time the page is closed, in a draft; both come back with the next handshake.

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as awarenessProtocol from "y-protocols/awareness";
import * as syncProtocol from "y-protocols/sync";
import * as Y from "yjs";

export const SYNC = 0;
export const AWARENESS = 1;
export const CONTROL = 64; // from the server, JSON
export const REPLY = 65; // to the server, JSON

/** Close codes after which a new try would be refused as well. */
const FINAL = new Map([
  [4401, "You have been signed out. Sign in again to go on; what you typed is kept here."],
  [4403, "You can no longer open this script."],
  [4404, "This video no longer exists."],
]);
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/** How long to wait before try number `tries`: exponential, jittered over its upper half. */
export function backOff(tries, random = Math.random) {
  const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries);
  return most / 2 + (most / 2) * random();
}

/**
 * @typedef {"connecting" | "saved" | "saving" | "offline" | "refused"} State
 * @typedef {{ epoch: number, role: "editor" | "commenter" | "viewer", you: object }} Joined
 */

/** Tells `state` ({state, why, unsaved}), `joined` (Joined), `told` (any other control message) and
 * `replaced` (the document's epoch changed: what was here is no longer the document). */
export class Room extends EventTarget {
  /**
   * @param {string} url of the socket
   * @param {Y.Doc} doc
   * @param {{ protocols?: string[], drafts?: import("./drafts.js").Drafts, WebSocket?: typeof WebSocket }} with_
   */
  constructor(url, doc, { protocols = ["sr.v1"], drafts, WebSocket: Socket = globalThis.WebSocket } = {}) {
    super();
    this.url = url;
    this.doc = doc;
    this.protocols = protocols;
    this.drafts = drafts;
    this.Socket = Socket;
    this.awareness = new awarenessProtocol.Awareness(doc);
    /** @type {Joined | null} */
    this.joined = null;
    this.state = "connecting";
    this.why = "";
    this.tries = 0;
    this.sent = 0; // frames with content on this socket
    this.acknowledged = 0;
    this.ahead = false; // edits that no socket has carried yet
    this.isSynced = false;
    this.socket = null;
    doc.on("update", this.#changed);
    this.awareness.on("update", this.#moved);
    this.connect();
  }

  get unsaved() {
    return this.ahead || this.sent > this.acknowledged;
  }

  connect() {
    clearTimeout(this.timer);
    const socket = new this.Socket(this.url, this.protocols);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#read(new Uint8Array(data));
    socket.onclose = ({ code }) => this.#closed(socket, code);
    this.socket = socket;
  }

  close() {
    clearTimeout(this.timer);
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

  #closed(socket, code) {
    if (socket !== this.socket) return;
    this.socket = null;
    if (this.sent > this.acknowledged) this.ahead = true; // the next handshake carries them again
    this.sent = this.acknowledged = 0;
    this.isSynced = false;
    const others = [...this.awareness.getStates().keys()].filter((id) => id !== this.doc.clientID);
    awarenessProtocol.removeAwarenessStates(this.awareness, others, this);
    const why = FINAL.get(code);
    if (why) return this.#say("refused", why);
    this.#say("offline", code === 4409 ? "The script was replaced." : "");
    const wait = code === 1012 ? FIRST_WAIT_MS * Math.random() : backOff(this.tries);
    this.tries += 1;
    this.timer = setTimeout(() => this.connect(), wait);
  }

  #read(bytes) {
    const decoder = decoding.createDecoder(bytes);
    const kind = decoding.readVarUint(decoder);
    if (kind === SYNC) this.#sync(decoder);
    else if (kind === AWARENESS) {
      awarenessProtocol.applyAwarenessUpdate(this.awareness, decoding.readVarUint8Array(decoder), this);
    } else if (kind === CONTROL) this.#told(JSON.parse(decoding.readVarString(decoder)));
  }

  #sync(decoder) {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, SYNC);
    const step = syncProtocol.readSyncMessage(decoder, encoder, this.doc, this);
    if (step === syncProtocol.messageYjsSyncStep1) {
      // what the server lacks is all that was typed without a line
      this.ahead = false;
      if (this.joined.role === "editor") this.#content(encoder);
    } else if (step === syncProtocol.messageYjsSyncStep2 && !this.isSynced) {
      this.isSynced = true;
      this.tries = 0;
      this.dispatchEvent(new Event("synced"));
    }
    this.#settle();
  }

  #told(message) {
    if (message.type === "joined") this.#welcome(message);
    else if (message.type === "saved") {
      this.acknowledged = message.frames;
      this.#settle();
    } else if (message.type === "role") {
      this.joined = { ...this.joined, role: message.role };
      this.dispatchEvent(new CustomEvent("joined", { detail: this.joined }));
    }
    if (message.acknowledge) this.#reply({ type: "ack", upto: message.acknowledge });
    this.dispatchEvent(new CustomEvent("told", { detail: message }));
  }

  #welcome(message) {
    const before = this.joined;
    this.joined = message;
    if (before && before.epoch !== message.epoch) {
      this.dispatchEvent(new CustomEvent("replaced", { detail: message }));
      return this.close();
    }
    if (!before && this.drafts) {
      const draft = this.drafts.take(message.epoch);
      if (draft && message.role === "editor") Y.applyUpdate(this.doc, draft, "draft");
    }
    this.dispatchEvent(new CustomEvent("joined", { detail: message }));
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, SYNC);
    syncProtocol.writeSyncStep1(encoder, this.doc);
    this.#send(encoder);
    if (this.awareness.getLocalState()) this.#tell([this.doc.clientID]);
  }

  #changed = (update, origin) => {
    if (origin === this) return;
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, SYNC);
    syncProtocol.writeUpdate(encoder, update);
    if (this.isSynced && this.#isOpen) this.#content(encoder);
    else this.ahead = true;
    this.#settle();
  };

  #moved = ({ added, updated, removed }, origin) => {
    if (origin === this || !this.joined) return;
    this.#tell([...added, ...updated, ...removed].filter((id) => id === this.doc.clientID));
  };

  #tell(clients) {
    if (!clients.length) return;
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, AWARENESS);
    encoding.writeVarUint8Array(encoder, awarenessProtocol.encodeAwarenessUpdate(this.awareness, clients));
    this.#send(encoder);
  }

  #reply(message) {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, REPLY);
    encoding.writeVarString(encoder, JSON.stringify(message));
    this.#send(encoder);
  }

  #content(encoder) {
    if (this.#send(encoder)) this.sent += 1;
    else this.ahead = true;
  }

  get #isOpen() {
    return this.socket !== null && this.socket.readyState === 1;
  }

  #send(encoder) {
    if (!this.#isOpen) return false;
    this.socket.send(encoding.toUint8Array(encoder));
    return true;
  }

  #settle() {
    if (this.drafts && this.joined) this.drafts.keep(this.joined.epoch, this.unsaved ? this.doc : null);
    if (this.state === "refused" || !this.socket) return this.#say(this.state, this.why);
    this.#say(!this.isSynced ? "connecting" : this.unsaved ? "saving" : "saved");
  }

  #say(state, why = "") {
    this.state = state;
    this.why = why;
    this.dispatchEvent(new CustomEvent("state", { detail: { state, why, unsaved: this.unsaved } }));
  }
}
