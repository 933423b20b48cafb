// The page's one line to the feed, for all of its scripts that follow something.

import { Feed } from "./feed.js";

const GLANCE_MS = 1500; // who clicks through pages opens no socket for each of them
const WORDS = { connecting: "", open: "Live", waiting: "Connecting again", blocked: "Every few seconds", ended: "Not live" };

export class Line {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #isOpen = false;
  #isLive = false; // the page shows more than its bell

  constructor() {
    this.feed = new Feed(location.origin.replace("http", "ws") + "/ws/feed/", show);
    // a page that the browser keeps for the way back must hold no socket
    addEventListener("pagehide", () => this.#end());
    addEventListener("pageshow", (event) => event.persisted && this.#begin());
    document.addEventListener("visibilitychange", () => {
      if (this.#isLive) return;
      if (document.hidden) this.#end();
      else this.#begin();
    });
  }

  /** At once, whether the page is seen or not. */
  open() {
    this.#isLive = true;
    this.#begin();
  }

  /** For as long as the page is seen. */
  openWhileSeen() {
    this.#begin();
  }

  #begin() {
    if (this.#isOpen) return;
    clearTimeout(this.#timer);
    if (this.#isLive) this.#go();
    else if (!document.hidden) this.#timer = setTimeout(() => this.#go(), GLANCE_MS);
  }

  #go() {
    this.#isOpen = true;
    this.feed.open();
  }

  #end() {
    clearTimeout(this.#timer);
    this.#isOpen = false;
    this.feed.close();
  }
}

/** @param {import("./feed.js").State} state */
function show(state) {
  const sign = document.getElementById("live");
  if (!sign?.lastElementChild) return;
  sign.dataset.state = state;
  sign.lastElementChild.textContent = WORDS[state];
}

/** One a page: the bundle of the script's page brings a copy of this file along. */
export const line = (globalThis.pageLine ??= new Line());
