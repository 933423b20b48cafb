// What the server has not acknowledged, kept in this browser while the page is closed.

import * as Y from "yjs";

const PAUSE_MS = 400;
const LARGEST = 2_000_000; // characters; storage holds about five million in all

/** @param {Uint8Array} bytes */
const toText = (bytes) => {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
};
/** @param {string} text */
const toBytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

export class Drafts {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ timer;
  /** @type {string | null} what this page has kept or taken: another tab's is not ours to forget */ mine = null;

  /**
   * @param {string} key
   * @param {Pick<Storage, "getItem" | "setItem" | "removeItem">} storage
   */
  constructor(key, storage = globalThis.localStorage) {
    this.key = key;
    this.storage = storage;
    this.full = false; // the browser has no room for it
  }

  /**
   * Keeps the document, or forgets what was kept where it is null.
   * @param {number} epoch
   * @param {Y.Doc | null} doc
   */
  keep(epoch, doc) {
    clearTimeout(this.timer);
    if (doc === null) return this.#forget();
    this.timer = setTimeout(() => this.flush(epoch, doc), PAUSE_MS);
  }

  /**
   * @param {number} epoch
   * @param {Y.Doc} doc
   */
  flush(epoch, doc) {
    clearTimeout(this.timer);
    const others = this.#isMine ? null : this.take(epoch);
    const own = Y.encodeStateAsUpdate(doc);
    const state = toText(others ? Y.mergeUpdates([others, own]) : own);
    try {
      if (state.length > LARGEST) throw new RangeError("too large to keep");
      const kept = JSON.stringify({ epoch, state });
      this.storage.setItem(this.key, kept);
      if (!others) this.mine = kept;
      this.full = false;
    } catch {
      this.full = true;
    }
  }

  /**
   * The kept update for this epoch, or null; one of another epoch stays until `left` takes it.
   * @param {number} epoch
   */
  take(epoch) {
    const kept = this.#read();
    return kept && kept.epoch === epoch ? toBytes(kept.state) : null;
  }

  /**
   * As `take`, for a document into which it is merged: from then on it is this page's own.
   * @param {number} epoch
   */
  takeOver(epoch) {
    const taken = this.take(epoch);
    if (taken) this.mine = this.storage.getItem(this.key);
    return taken;
  }

  /**
   * The document that was kept for an epoch that is gone, or null; taken once.
   * @param {number} epoch
   */
  left(epoch) {
    const kept = this.#read();
    if (!kept || kept.epoch === epoch) return null;
    this.mine = this.storage.getItem(this.key);
    this.#forget();
    const doc = new Y.Doc();
    Y.applyUpdate(doc, toBytes(kept.state));
    return doc;
  }

  /** @returns {{ epoch: number, state: string } | null} */
  #read() {
    try {
      return JSON.parse(this.storage.getItem(this.key) ?? "null");
    } catch {
      return null;
    }
  }

  get #isMine() {
    try {
      return [null, this.mine].includes(this.storage.getItem(this.key));
    } catch {
      return true;
    }
  }

  #forget() {
    try {
      if (this.#isMine) this.storage.removeItem(this.key);
    } catch {
      // nothing can be kept in this browser, so nothing was
    }
  }
}
