// The dialog in which who edits makes links for people outside the team, and takes them back.

import { byId, field, one } from "../../js/elements.js";
import { Refused } from "./api.js";
import { button, h, when } from "./dom.js";

const ROLES = { viewer: "Reads", commenter: "Comments" };

/**
 * @typedef {import("./api.js").ShareLink} Link
 * @param {{ api: import("./api.js").Api, members: import("./api.js").Person[],
 *   toast: (told: { text: string, tone?: string }) => void }} given
 */
export function sharing({ api, members, toast }) {
  const dialog = byId("sharing", HTMLDialogElement);
  const form = one(dialog, "form", HTMLFormElement);
  const list = byId("links");
  const made = byId("made");

  /** @param {() => Promise<unknown>} work */
  async function act(work) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      fault(error.message);
    }
  }

  function fault(text = "") {
    const sign = byId("share-fault");
    sign.textContent = text;
    sign.hidden = !text;
  }

  async function load() {
    /** @type {Link[]} */ const links = await api.all("share-links/");
    list.replaceChildren(
      ...(links.length
        ? links.map(row)
        : [h("li", { class: "muted small" }, "There is no link yet. Only people of the team see this script.")]),
    );
  }

  /** @param {Link} link */
  function row(link) {
    const maker = members.find(({ id }) => id === link.created_by_id)?.name ?? "somebody who left";
    const parts = [
      ["by ", maker, ", ", when(link.created_at)],
      link.expires_at ? ["ends ", when(link.expires_at)] : ["never ends"],
      link.last_used_at ? ["used ", when(link.last_used_at)] : ["not used yet"],
    ];
    return h(
      "li",
      { class: "cluster share-row" },
      h(
        "div",
        { class: "grow" },
        h("p", { class: "cluster" }, h("span", { class: "strong cut" }, link.name || "Unnamed link"), h("span", { class: "badge plain", "data-tone": link.role === "commenter" ? "accent" : "calm" }, ROLES[link.role])),
        h("p", { class: "small muted" }, ...parts.flatMap((part, place) => (place ? [" · ", ...part] : part))),
      ),
      revoking(link),
    );
  }

  /**
   * Asks once more at the same place: there is no way back.
   * @param {Link} link
   */
  function revoking(link) {
    const name = link.name || "this link";
    const first = button("Revoke", () => {
      first.replaceWith(second);
      second.focus();
    });
    first.append(h("span", { class: "sr-only" }, ` ${name}`));
    const second = button("Revoke now", () =>
      act(async () => {
        await api.delete(`share-links/${link.id}/`);
        toast({ text: "Revoked. Whoever was here by it is out." });
        await load();
        one(dialog, "h2").focus();
      }), { class: "button small danger" });
    second.append(h("span", { class: "sr-only" }, ` ${name}`));
    second.addEventListener("blur", () => second.isConnected && !second.disabled && second.replaceWith(first));
    return first;
  }

  /** @param {string} url */
  function show(url) {
    const address = h("input", { type: "text", readonly: true, value: url, "aria-label": "The link", id: "made-link" });
    address.addEventListener("focus", () => address.select());
    const copy = button("Copy", async () => {
      try {
        await navigator.clipboard.writeText(url);
        copy.lastChild?.replaceWith("Copied");
      } catch {
        address.select(); // where the browser keeps the clipboard from us, the person copies
      }
    }, { icon: "copy", class: "button primary small" });
    made.replaceChildren(
      h("p", { class: "strong" }, "Copy the link now: it is shown this once."),
      h("p", { class: "cluster share-made" }, address, copy),
    );
    made.hidden = false;
    copy.focus();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const send = one(form, "button.primary", HTMLButtonElement);
    const told = new FormData(form);
    /** @param {string} name */
    const given = (name) => String(told.get(name) ?? "").trim();
    const days = given("days");
    fault();
    send.disabled = true;
    act(async () => {
      /** @type {{ url: string }} */
      const link = await api.post("share-links/", { role: given("role"), name: given("name"), days: days ? Number(days) : null });
      show(link.url);
      field(form, "name").value = "";
      await load();
    }).finally(() => (send.disabled = false));
  });

  byId("share").addEventListener("click", () => {
    made.hidden = true;
    fault();
    list.replaceChildren(h("li", { class: "muted small" }, "Loading…"));
    dialog.showModal();
    act(load);
  });
  dialog.addEventListener("close", () => made.replaceChildren()); // the address stays nowhere
}
