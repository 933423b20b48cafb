// The video's endpoints, as a signed-in browser asks them.

import { csrf } from "../../js/elements.js";

/**
 * What the server answers, as far as the page looks at it (docs/api.md).
 * @typedef {{ id: number, name: string }} Person
 * @typedef {{ start: unknown, end: unknown }} Anchor  relative positions of Yjs, as JSON
 * @typedef {{ id: number, author: Person | null, guest: string, anchor: Partial<Anchor>, quote: string,
 *   created_at: string, version: number }} Said
 * @typedef {Said & { thread: number | null, text: string, frame: number | null, resolved_at: string | null }} Comment
 * @typedef {Said & { replacement: string, note: string }} Suggestion
 * @typedef {{ id: number, name: string, role: "viewer" | "commenter", created_by_id: number | null, created_at: string,
 *   expires_at: string | null, last_used_at: string | null }} ShareLink
 * @typedef {{ number: number, name: string, created_at: string, is_current: boolean }} Version
 */

/** A refusal, in the words of the server. */
export class Refused extends Error {}

export class Api {
  /** @param {string} base with a slash at its end */
  constructor(base) {
    this.base = base;
  }

  /**
   * All rows of a list, `most` at most.
   * @template T
   * @param {string} path
   * @param {Record<string, string>} query
   * @returns {Promise<T[]>}
   */
  async all(path, query = {}, most = 400) {
    /** @type {T[]} */ const rows = [];
    /** @type {string | null} */ let next = `${path}?${new URLSearchParams({ limit: "200", ...query })}`;
    while (next && rows.length < most) {
      /** @type {{ results: T[], next: string | null }} */ const page = await this.#ask("GET", next);
      rows.push(...page.results);
      next = page.next;
    }
    return rows;
  }

  /**
   * @param {string} path
   * @template T
   * @param {object} body
   * @returns {Promise<T>}
   */
  post(path, body = {}) {
    return this.#ask("POST", path, body, { "Idempotency-Key": crypto.randomUUID() });
  }

  /**
   * @param {string} path
   * @param {number} [version] that was seen
   * @returns {Promise<unknown>}
   */
  delete(path, version) {
    return this.#ask("DELETE", path, undefined, version ? { "If-Match": `"v${version}"` } : {});
  }

  /**
   * @template T
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @param {Record<string, string>} [headers]
   * @returns {Promise<T>}
   */
  async #ask(method, path, body, headers = {}) {
    /** @type {Record<string, string>} */
    const shown = { Accept: "application/json", ...headers };
    if (method !== "GET") shown["X-CSRFToken"] = csrf();
    if (body !== undefined) shown["Content-Type"] = "application/json";
    /** @type {Response} */ let answer;
    try {
      answer = await fetch(new URL(path, new URL(this.base, location.href)), {
        method,
        headers: shown,
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch {
      throw new Refused("The server can't be reached. What you wrote is still here: try again.");
    }
    const told = answer.status === 204 ? null : await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(said(told));
    return told;
  }
}

/** @param {{ title?: string, detail?: string, errors?: { detail?: string }[] }} problem RFC 9457 */
function said(problem) {
  return problem.errors?.[0]?.detail || problem.detail || problem.title || "The server could not do that. Try again.";
}
