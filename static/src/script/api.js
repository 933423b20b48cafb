// The video's endpoints, as a signed-in browser asks them.

function csrf() {
  return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}

/** A refusal, in the words of the server. */
export class Refused extends Error {}

export class Api {
  /** @param {string} base with a slash at its end */
  constructor(base) {
    this.base = base;
  }

  get(path, query = {}) {
    const told = new URLSearchParams(query).toString();
    return this.#ask("GET", told ? `${path}?${told}` : path);
  }

  /** All rows of a list, `most` at most. */
  async all(path, query = {}, most = 400) {
    const rows = [];
    let page = await this.get(path, { limit: 200, ...query });
    for (;;) {
      rows.push(...page.results);
      if (!page.next || rows.length >= most) return rows;
      page = await this.#ask("GET", page.next);
    }
  }

  post(path, body = {}) {
    return this.#ask("POST", path, body, { "Idempotency-Key": crypto.randomUUID() });
  }

  patch(path, body, version) {
    return this.#ask("PATCH", path, body, { "If-Match": `"v${version}"` });
  }

  delete(path, version) {
    return this.#ask("DELETE", path, undefined, version ? { "If-Match": `"v${version}"` } : {});
  }

  async #ask(method, path, body, headers = {}) {
    const shown = { Accept: "application/json", ...headers };
    if (method !== "GET") shown["X-CSRFToken"] = csrf();
    if (body !== undefined) shown["Content-Type"] = "application/json";
    let answer;
    try {
      answer = await fetch(new URL(path, new URL(this.base, location.href)), {
        method,
        headers: shown,
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch {
      throw new Refused("The server can't be reached. What you wrote is still here: try again.");
    }
    if (answer.status === 204) return null;
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(said(told));
    return told;
  }
}

function said(problem) {
  const first = (problem.errors ?? [])[0];
  return (first && first.detail) || problem.detail || problem.title || "The server could not do that. Try again.";
}
