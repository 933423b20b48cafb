// The dialog in which who edits makes links for people outside the team, and takes them back.

import { Refused } from "./api.js";
import { button, h, when } from "./dom.js";

const ROLES = { viewer: "Reads", commenter: "Comments" };

/**
 * @param {{ api: import("./api.js").Api, members: { id: number, name: string }[],
 *   toast: (told: { text: string, tone?: string }) => void }} given
 */
export function sharing({ api, members, toast }) {
  const dialog = document.getElementById("sharing");
  const form = dialog.querySelector("form");
  const list = document.getElementById("links");
  const made = document.getElementById("made");

  async function act(work) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      fault(error.message);
    }
  }

  function fault(text = "") {
    const sign = document.getElementById("share-fault");
    sign.textContent = text;
    sign.hidden = !text;
  }

  async function load() {
    const links = await api.all("share-links/");
    list.replaceChildren(
      ...(links.length
        ? links.map(row)
        : [h("li", { class: "muted small" }, "There is no link yet. Only people of the team see this script.")]),
    );
  }

  function row(link) {
    const maker = members.find((one) => one.id === link.created_by_id)?.name ?? "somebody who left";
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
        h("p", { class: "small muted" }, ...parts.flatMap((one, place) => (place ? [" · ", ...one] : one))),
      ),
      revoking(link),
    );
  }

  /** Asks once more at the same place: there is no way back. */
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
        dialog.querySelector("h2").focus();
      }), { class: "button small danger" });
    second.append(h("span", { class: "sr-only" }, ` ${name}`));
    second.addEventListener("blur", () => second.isConnected && !second.disabled && second.replaceWith(first));
    return first;
  }

  function show(link) {
    const address = h("input", { type: "text", readonly: true, value: link.url, "aria-label": "The link", id: "made-link", onfocus: () => address.select() });
    const copy = button("Copy", async () => {
      try {
        await navigator.clipboard.writeText(link.url);
        copy.lastChild.textContent = "Copied";
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
    const send = form.querySelector("button.primary");
    const { role, days, name } = Object.fromEntries(new FormData(form));
    fault();
    send.disabled = true;
    act(async () => {
      show(await api.post("share-links/", { role, name: name.trim(), days: days ? Number(days) : null }));
      form.elements.name.value = "";
      await load();
    }).finally(() => (send.disabled = false));
  });

  document.getElementById("share").addEventListener("click", () => {
    made.hidden = true;
    fault();
    list.replaceChildren(h("li", { class: "muted small" }, "Loading…"));
    dialog.showModal();
    act(load);
  });
  dialog.addEventListener("close", () => made.replaceChildren()); // the address stays nowhere
}
