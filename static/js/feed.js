// The way to the server's news: one socket, whatever happens to it (docs/live.md).

export const CLOSE = { restart: 1012, signedOut: 4401, forbidden: 4403, notFound: 4404, tooMany: 4429 };
const FINAL = [CLOSE.signedOut, CLOSE.forbidden, CLOSE.notFound];
const FIRST_MS = 500, LONGEST_MS = 10_000, CROWDED_MS = 15_000;
const ACK_EVERY = 8, ACK_LENGTH = 48_000; // frames, characters; the server waits at 64, and at 256 KB
const HOPELESS = 3; // openings in a row that came to nothing: something between here and there blocks sockets
const HELLO_MS = 8_000;

/**
 * @typedef {{ seq: number, kind: string, at: string, payload: Record<string, unknown> }} Line
 * @typedef {{ topic: string, id: number, [more: string]: unknown }} Progress
 * @typedef {object} Listener
 * @property {(lines: Line[]) => unknown} [events] in order, each once
 * @property {(state: Record<string, unknown>) => unknown} [snapshot] what was missed can't be told one by one
 * @property {(progress: Progress) => void} [progress]
 * @property {(code: number) => void} [refused]
 * @typedef {{ topic: string, id?: number, since?: number, listener: Listener }} Followed
 * @typedef {{ n: number, type: string, topic: string, id: number }
 *   & ({ type: "events", events: Line[] } | { type: "snapshot", seq: number, state: Record<string, unknown> }
 *     | { type: "refused", code: number } | { type: "subscribed" })} About  a topic
 * @typedef {About | { n: number, type: "hello" } | { n: number, type: "progress", of: Progress[] }} Frame
 * @typedef {"connecting" | "open" | "waiting" | "blocked" | "ended"} State
 */

/**
 * How long to wait before the next try. Jitter, so that a server that restarts is not asked by all at once.
 * @param {number} tries that failed
 * @param {number} code of the close
 * @param {() => number} random
 */
export function pause(tries, code, random = Math.random) {
  if (code === CLOSE.restart) return random() * FIRST_MS * 2;
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** tries);
  const wait = most / 2 + (random() * most) / 2;
  return code === CLOSE.tooMany ? wait + CROWDED_MS : wait;
}

export class Feed {
  /** @type {State} */ state = "connecting";
  /** @type {Map<string, Followed>} */ #followed = new Map();
  /** @type {WebSocket | null} */ #socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #tries = 0;
  #seen = 0;
  #acked = 0;
  #length = 0; // of what is not acked
  #isIn = false;

  /**
   * @param {string} address
   * @param {(state: State) => void} told of each change of `state`
   * @param {{ Socket?: typeof WebSocket, random?: () => number }} [world]
   */
  constructor(address, told = () => {}, world = {}) {
    this.address = address;
    this.told = told;
    this.Socket = world.Socket ?? globalThis.WebSocket;
    this.random = world.random ?? Math.random;
  }

  /**
   * @param {string} topic
   * @param {number | undefined} id
   * @param {Listener} listener
   */
  follow(topic, id, listener) {
    const followed = { topic, id, listener };
    this.#followed.set(key(topic, id), followed);
    if (this.#isIn) this.#subscribe(followed);
  }

  open() {
    clearTimeout(this.#timer);
    this.#isIn = false;
    this.#seen = this.#acked = this.#length = 0;
    if (this.state !== "blocked") this.#become("connecting");
    try {
      this.#socket = new this.Socket(this.address);
    } catch {
      this.#again(1006);
      return;
    }
    const mine = this.#socket;
    // some proxies let a socket open and then say nothing
    this.#timer = setTimeout(() => mine.close(), HELLO_MS);
    mine.onmessage = (event) => mine === this.#socket && this.#read(event.data);
    mine.onclose = (event) => mine === this.#socket && this.#closed(event.code);
  }

  /** For good, or until `open`. */
  close() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#become("ended");
  }

  /** @param {string} text */
  #read(text) {
    /** @type {Frame} */ const told = JSON.parse(text);
    this.#seen = told.n;
    this.#length += text.length;
    if (told.type === "hello") this.#entered();
    else if (told.type === "progress") for (const one of told.of) this.#progress(one);
    else this.#tell(told);
    if (this.#seen - this.#acked >= ACK_EVERY || this.#length >= ACK_LENGTH) this.#ack();
  }

  #entered() {
    clearTimeout(this.#timer);
    this.#isIn = true;
    this.#tries = 0;
    this.#become("open");
    for (const one of this.#followed.values()) this.#subscribe(one);
  }

  /** @param {About} told */
  #tell(told) {
    const one = this.#followed.get(key(told.topic, told.id)) ?? this.#followed.get(key(told.topic));
    if (!one) return;
    if (told.type === "events") {
      const since = one.since ?? -1;
      const lines = told.events.filter((line) => line.seq > since);
      const last = lines.at(-1);
      if (!last) return;
      one.since = last.seq;
      one.listener.events?.(lines);
    } else if (told.type === "snapshot") {
      one.since = told.seq;
      one.listener.snapshot?.(told.state);
    } else if (told.type === "refused") {
      this.#followed.delete(key(one.topic, one.id));
      one.listener.refused?.(told.code);
    }
  }

  /** @param {Progress} progress */
  #progress(progress) {
    for (const one of this.#followed.values()) {
      const isIts = one.topic === progress.topic && (one.id ?? progress.id) === progress.id;
      if (isIts || (one.topic === "team" && progress.topic !== "bell")) one.listener.progress?.(progress);
    }
  }

  /** @param {Followed} one */
  #subscribe({ topic, id, since }) {
    this.#send({ type: "subscribe", topic, id, since });
  }

  #ack() {
    this.#acked = this.#seen;
    this.#length = 0;
    this.#send({ type: "ack", n: this.#seen });
  }

  /** @param {object} message */
  #send(message) {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  /** @param {number} code */
  #closed(code) {
    clearTimeout(this.#timer);
    if (FINAL.includes(code)) {
      this.#socket = null;
      this.#become("ended");
    } else this.#again(code);
  }

  /** @param {number} code */
  #again(code) {
    if (!this.#isIn) this.#tries += 1;
    this.#isIn = false;
    this.#become(this.#tries >= HOPELESS ? "blocked" : "waiting");
    this.#timer = setTimeout(() => this.open(), pause(this.#tries, code, this.random));
  }

  /** @param {State} state */
  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.told(state);
  }
}

/** @param {string} topic @param {number} [id] */
const key = (topic, id) => (id === undefined ? topic : `${topic}:${id}`);
