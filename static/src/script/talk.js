// Comments and suggestions beside the text: threads with replies, mentions, resolve and reopen;
// other words to take or to leave. The server has the say; the feed tells when to ask it again.

import { all, byId } from "../../js/elements.js";
import { timecode } from "../../js/frames.js";
import { Refused } from "./api.js";
import { button, face, h, icon, present, when } from "./dom.js";
import { mentioned } from "./mentions.js";
import { sceneAt } from "./scenes.js";
import { anchorOf, pick, placeOf, showPlaces } from "./threads.js";

const AROUND = 40; // characters on both sides, by which the words are found without an editor

/**
 * @typedef {import("./api.js").Comment} Comment
 * @typedef {import("./api.js").Suggestion} Suggestion
 * @typedef {"comment" | "suggestion"} Kind
 * @typedef {{ kind: Kind, scene_uid: string, anchor?: import("./api.js").Anchor, quote?: string,
 *   before: string, after: string }} Draft
 * @typedef {HTMLInputElement | HTMLTextAreaElement} Field
 * @typedef {{ key: string, value: string, at: [number | null, number | null] | null }} Typed
 */

export class Talk {
  /** @type {Comment[]} */ comments = [];
  /** @type {Suggestion[]} */ suggestions = [];
  /** @type {Draft | null} */ draft = null;
  showsResolved = false;
  picked = "";

  /**
   * @param {{ api: import("./api.js").Api, view: import("@codemirror/view").EditorView,
   *   ytext: import("yjs").Text, me: () => { id: number | string, role: string, guest?: boolean },
   *   lists: { comments: HTMLElement, suggestions: HTMLElement },
   *   counts: (told: { comments: number, suggestions: number }) => void,
   *   toast: (told: { text: string, tone?: string }) => void, members: import("./api.js").Person[] }} given
   */
  constructor({ api, view, ytext, me, lists, counts, toast, members }) {
    this.api = api;
    this.view = view;
    this.ytext = ytext;
    this.me = me;
    this.lists = lists;
    this.counts = counts;
    this.toast = toast;
    this.members = members;
  }

  async load() {
    /** @type {[Comment[], Suggestion[]]} */
    const [comments, suggestions] = await Promise.all([
      this.api.all("comments/"),
      this.api.all("suggestions/", { state: "open" }),
    ]);
    this.comments = comments.reverse();
    this.suggestions = suggestions.reverse();
    this.draw();
  }

  get threads() {
    return this.comments.filter((one) => one.thread === null);
  }

  // --- new ones

  /**
   * Begins a comment or a suggestion about what is selected; without a selection about the scene.
   * @param {Kind} kind
   */
  begin(kind) {
    const { main } = this.view.state.selection;
    const scene = sceneAt(this.view.state, main.from);
    const from = Math.max(main.from, scene ? scene.markTo : 0);
    const to = Math.min(main.to, scene ? scene.to : main.to);
    const has = from < to;
    if (kind === "suggestion" && !has) {
      return this.toast({ text: "Select the words that you would put otherwise.", tone: "warn" });
    }
    /** @param {number} a @param {number} b */
    const text = (a, b) => this.view.state.doc.sliceString(a, b);
    this.draft = {
      kind,
      scene_uid: scene ? scene.uid : "",
      ...(has ? { anchor: anchorOf(this.ytext, from, to), quote: text(from, to) } : {}),
      before: scene ? text(Math.max(scene.headTo, from - AROUND), from) : "",
      after: scene ? text(to, Math.min(scene.to, to + AROUND)) : "",
    };
    this.draw();
    const list = kind === "suggestion" ? this.lists.suggestions : this.lists.comments;
    list.querySelector("textarea")?.focus();
  }

  /** @param {Kind} kind */
  #composer(kind) {
    if (this.draft?.kind !== kind) return null;
    const { quote = "", anchor, scene_uid, before, after } = this.draft;
    const isSuggestion = kind === "suggestion";
    const text = h("textarea", {
      rows: 3,
      maxlength: 4000,
      "data-typed": `new-${kind}-${scene_uid}-${quote}`,
      "aria-label": isSuggestion ? "The words instead" : "Your comment",
      placeholder: isSuggestion ? "The words instead; nothing takes them out" : this.members.length ? "Say something. @Name tells a person" : "Say something",
    });
    if (isSuggestion) text.value = quote;
    const note = isSuggestion ? h("input", { type: "text", maxlength: 500, placeholder: "Why (optional)", "aria-label": "Why", "data-typed": `why-${scene_uid}-${quote}` }) : null;
    const send = () =>
      this.#act(async () => {
        const place = { scene_uid, ...(anchor ? { anchor, quote } : {}) };
        if (isSuggestion) {
          await this.api.post("suggestions/", { ...place, before, after, replacement: text.value, note: note?.value.trim() ?? "" });
        } else {
          if (!text.value.trim()) return text.focus();
          await this.api.post("comments/", { ...place, text: text.value.trim(), ...this.#mentioned(text.value) });
        }
        this.draft = null;
        await this.load();
      });
    return h(
      "form",
      { class: "card talk-new", onsubmit: (event) => (event.preventDefault(), send()), onkeydown: (event) => this.#sends(event, send) },
      quote ? h("blockquote", { class: "quote" }, quote) : null,
      text,
      note,
      h(
        "p",
        { class: "buttons" },
        button("Not now", () => this.#leave()),
        h("button", { class: "button primary small" }, isSuggestion ? "Suggest" : "Comment"),
      ),
    );
  }

  #leave() {
    this.draft = null;
    this.draw();
  }

  /**
   * @param {Event} event
   * @param {() => void} send
   */
  #sends(event, send) {
    if (!(event instanceof KeyboardEvent)) return;
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      send();
    }
    if (event.key === "Escape") {
      this.#leave();
      this.view.focus();
    }
  }

  /**
   * Who is nobody's member knows nobody to mention.
   * @param {string} text
   */
  #mentioned(text) {
    if (!this.members.length) return {};
    return { mentions: mentioned(text, this.members) };
  }

  /** @param {() => Promise<unknown>} work */
  async #act(work) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.toast({ text: error.message, tone: "bad" });
    }
  }

  // --- drawn

  draw() {
    const typed = this.#typed();
    this.#drawComments();
    this.#drawSuggestions();
    this.#type(typed);
    this.place();
    this.counts({
      comments: this.threads.filter((one) => !one.resolved_at).length,
      suggestions: this.suggestions.length,
    });
  }

  /**
   * What is being typed beside the text, which news from others must not wipe out.
   * @returns {Typed[]}
   */
  #typed() {
    return this.#fields.map((field) => ({
      key: field.dataset.typed ?? "",
      value: field.value,
      at: field === document.activeElement ? [field.selectionStart, field.selectionEnd] : null,
    }));
  }

  /** @returns {Field[]} */
  get #fields() {
    const fields = Object.values(this.lists).flatMap((list) => all(list, "[data-typed]"));
    return fields.filter((field) => field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement);
  }

  /** @param {string} key */
  #field(key) {
    return this.#fields.find((one) => one.dataset.typed === key);
  }

  /** @param {Typed[]} typed */
  #type(typed) {
    for (const { key, value, at } of typed) {
      const field = this.#field(key);
      if (!field) continue;
      field.value = value;
      if (!at) continue;
      field.focus({ preventScroll: true });
      field.setSelectionRange(...at);
    }
  }

  /** @param {string} key */
  #forget(key) {
    const field = this.#field(key);
    if (field) field.value = "";
  }

  /** Marks in the text what is spoken of, where it stands now. */
  place() {
    /**
     * @param {Kind} kind
     * @param {(Comment | Suggestion)[]} rows
     * @returns {import("./threads.js").Place[]}
     */
    const of = (kind, rows) =>
      rows.flatMap((one) => {
        const found = placeOf(this.ytext, one.anchor);
        return found ? [{ key: `${kind}-${one.id}`, kind, ...found }] : [];
      });
    showPlaces(this.view, [
      ...of("comment", this.threads.filter((one) => !one.resolved_at)),
      ...of("suggestion", this.suggestions),
    ]);
  }

  /** @param {string} key */
  pick(key) {
    this.picked = key;
    pick(this.view, key);
    for (const card of all(document, ".talk")) card.classList.toggle("is-picked", card.dataset.key === key);
    document.querySelector(`.talk[data-key="${key}"]`)?.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  #drawComments() {
    const shown = this.threads.filter((one) => this.showsResolved || !one.resolved_at);
    const resolved = this.threads.filter((one) => one.resolved_at).length;
    const may = this.me().role !== "viewer";
    this.lists.comments.replaceChildren(
      ...present([
        this.#composer("comment"),
        ...shown.map((one) => this.#thread(one)),
        shown.length || this.draft ? null : this.#nothing("comment", "No open comments", may && "Select words and press Comment, or comment on a whole scene."),
        resolved
          ? button(this.showsResolved ? "Hide resolved" : `Show ${resolved} resolved`, () => {
              this.showsResolved = !this.showsResolved;
              this.draw();
            }, { class: "button quiet small" })
          : null,
      ]),
    );
  }

  #drawSuggestions() {
    const may = this.me().role !== "viewer";
    this.lists.suggestions.replaceChildren(
      ...present([
        this.#composer("suggestion"),
        ...this.suggestions.map((one) => this.#suggestion(one)),
        this.suggestions.length || this.draft ? null : this.#nothing("edit", "Nothing is suggested", may && "Select words and press Suggest to propose others."),
      ]),
    );
  }

  /**
   * @param {string} drawing
   * @param {string} title
   * @param {string | false} text
   */
  #nothing(drawing, title, text) {
    return h("div", { class: "empty" }, icon(drawing), h("p", { class: "strong" }, title), text && h("p", { class: "small muted" }, text));
  }

  /**
   * @param {Comment | Suggestion} row
   * @param {import("./dom.js").Child[]} tools
   */
  #head(row, ...tools) {
    const isGuest = !row.author && row.guest !== "";
    const name = row.author?.name ?? (row.guest || "Somebody who left");
    const badge = isGuest && h("span", { class: "badge plain" }, "Guest");
    return h("header", { class: "cluster" }, face({ id: row.author?.id, name, guest: isGuest }), h("span", { class: "grow" }, h("span", { class: "strong" }, name), " ", badge, badge && " ", when(row.created_at)), ...tools);
  }

  /** @param {Comment} one */
  #thread(one) {
    const key = `comment-${one.id}`;
    const may = this.me().role !== "viewer";
    const settles = may && !this.me().guest;
    const replies = this.comments.filter((other) => other.thread === one.id);
    const isOpen = !one.resolved_at;
    const field = h("input", { type: "text", maxlength: 4000, placeholder: "Reply", "aria-label": "Reply", "data-typed": `reply-${one.id}` });
    /** @param {Event} event */
    const reply = (event) => {
      event.preventDefault();
      if (!field.value.trim()) return;
      this.#act(async () => {
        const text = field.value.trim();
        await this.api.post("comments/", { thread: one.id, text, ...this.#mentioned(text) });
        this.#forget(`reply-${one.id}`);
        await this.load();
      });
    };
    const settle = () =>
      this.#act(async () => {
        await this.api.post(`comments/${one.id}/${isOpen ? "resolve" : "reopen"}/`);
        await this.load();
      });
    return h(
      "article",
      { class: `card talk${isOpen ? "" : " is-resolved"}${this.picked === key ? " is-picked" : ""}`, "data-key": key, onclick: () => this.picked !== key && this.pick(key) },
      this.#head(
        one,
        settles ? button("", settle, { icon: isOpen ? "check" : "undo", class: "button quiet small only", "aria-label": isOpen ? "Resolve" : "Reopen", title: isOpen ? "Resolve" : "Reopen" }) : null,
        one.author?.id === this.me().id ? this.#bin(`comments/${one.id}/`, one.version) : null,
      ),
      one.quote ? h("blockquote", { class: "quote" }, one.quote) : null,
      one.frame === null ? null : h("p", {}, this.#moment(one.id, one.frame)),
      h("p", { class: "talk-text" }, one.text),
      ...replies.map((other) =>
        h("div", { class: "reply" }, this.#head(other, other.author?.id === this.me().id ? this.#bin(`comments/${other.id}/`, other.version) : null), h("p", { class: "talk-text" }, other.text)),
      ),
      may && isOpen ? h("form", { class: "cluster reply-form", onsubmit: reply }, field, h("button", { class: "button small" }, "Send")) : null,
    );
  }

  /**
   * @param {number} id
   * @param {number} frame
   */
  #moment(id, frame) {
    const { studio } = byId("script").dataset;
    return h("a", { class: "at figure", href: `${studio}?frame=${frame}#comment-${id}`, title: "To this frame of the video" }, timecode(frame));
  }

  /**
   * @param {string} path
   * @param {number} version
   */
  #bin(path, version) {
    const act = () =>
      this.#act(async () => {
        await this.api.delete(path, version);
        await this.load();
      });
    return button("", act, { icon: "trash", class: "button quiet small only", "aria-label": "Delete", title: "Delete" });
  }

  /** @param {Suggestion} one */
  #suggestion(one) {
    const key = `suggestion-${one.id}`;
    /** @param {"withdraw" | "reject" | "accept"} how */
    const decide = (how) => () =>
      this.#act(async () => {
        await this.api.post(`suggestions/${one.id}/${how}/`);
        await this.load();
      });
    const { role, id } = this.me();
    return h(
      "article",
      { class: `card talk${this.picked === key ? " is-picked" : ""}`, "data-key": key, onclick: () => this.picked !== key && this.pick(key) },
      this.#head(one),
      h("p", { class: "talk-text" }, h("del", {}, one.quote), " ", one.replacement ? h("ins", {}, one.replacement) : h("em", { class: "muted" }, "taken out")),
      one.note ? h("p", { class: "small muted" }, one.note) : null,
      h(
        "p",
        { class: "buttons" },
        one.author?.id === id ? button("Withdraw", decide("withdraw")) : null,
        role === "editor" ? button("Reject", decide("reject")) : null,
        role === "editor" ? button("Accept", decide("accept"), { class: "button primary small", icon: "check" }) : null,
      ),
    );
  }
}
