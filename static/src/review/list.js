// What the comments beside a player are in the page's mind: which are shown, where they stand on the
// timeline, which frame a new one is about. No elements: main.js draws.

/**
 * @typedef {"open" | "resolved"} State
 * @typedef {{ key: string, stamp: string, state: State, frame: number | null, cut: string }} Thread
 * @typedef {{ key: string, does: "keep" | "take" | "hold" }} Step
 * @typedef {{ frame: number | null, isWhole: boolean }} Pin
 * @typedef {{ type: "typed", text: string, now: number } | { type: "moved", now: number }
 *   | { type: "whole", is: boolean } | { type: "sent" }} Told
 */

/**
 * How the list becomes what the server says it is, in order: what reads as before is kept, what is
 * new or reads otherwise is taken. What is gone is held where it stood while somebody answers it.
 * @param {Pick<Thread, "key" | "stamp">[]} before
 * @param {Pick<Thread, "key" | "stamp">[]} after
 * @param {Set<string>} held
 * @returns {Step[]}
 */
export function merge(before, after, held) {
  const stamps = new Map(before.map((one) => [one.key, one.stamp]));
  const steps = after.map(({ key, stamp }) => /** @type {Step} */ ({ key, does: stamps.get(key) === stamp ? "keep" : "take" }));
  const has = new Set(after.map((one) => one.key));
  before.forEach(({ key }, index) => {
    if (has.has(key) || !held.has(key)) return;
    const left = index ? before[index - 1].key : "";
    steps.splice(steps.findIndex((step) => step.key === left) + 1, 0, { key, does: "hold" });
  });
  return steps;
}

/** @param {Pick<Thread, "state">[]} threads */
export function counts(threads) {
  const open = threads.filter((one) => one.state === "open").length;
  return { open, resolved: threads.length - open };
}

/**
 * Where threads stand on the timeline, from 0 to 1.
 * @param {Thread[]} threads
 * @param {State} filter
 * @param {number} frames of the cut that is shown; 0: not known yet
 * @param {string} cut
 */
export function marks(threads, filter, frames, cut) {
  if (!frames) return [];
  const last = Math.max(1, frames - 1);
  return threads.flatMap((one) =>
    one.frame === null || one.state !== filter
      ? []
      : [{ key: one.key, frame: one.frame, at: Math.min(1, one.frame / last), isEarlier: isEarlier(one, cut) }],
  );
}

/** Whether it was said of another cut than the one that is shown. @param {Pick<Thread, "cut">} thread @param {string} cut */
export const isEarlier = (thread, cut) => Boolean(thread.cut && cut && thread.cut !== cut);

/** @type {Pin} */
export const FOLLOWS = { frame: null, isWhole: false };

/**
 * The frame that a new comment is about: the one where typing began. Without words it goes along
 * with the player.
 * @param {Pin} pin
 * @param {Told} told
 * @returns {Pin}
 */
export function pinned(pin, told) {
  if (told.type === "typed") {
    if (!told.text.trim()) return pin.frame === null ? pin : { ...pin, frame: null };
    return pin.frame === null ? { ...pin, frame: told.now } : pin;
  }
  if (told.type === "moved") return { ...pin, frame: told.now };
  if (told.type === "whole") return { ...pin, isWhole: told.is };
  return FOLLOWS;
}
