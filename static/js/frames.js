// A rendered video as its frames: what a comment stands at, and how people write it (collab/moments.py).

export const FPS = 30;

/** The frame that is shown at a time; what lies a hair below its beginning is rounding. @param {number} seconds */
export const frameAt = (seconds) => Math.max(0, Math.floor(seconds * FPS + 1e-4));

/** The middle of a frame, in seconds: a seek there can't land on a neighbour. @param {number} frame */
export const middleOf = (frame) => (frame + 0.5) / FPS;

/** How many frames a length in seconds has; 0 while it is not known. @param {number} seconds */
export const framesIn = (seconds) => (Number.isFinite(seconds) ? Math.round(seconds * FPS) : 0);

/** mm:ss:ff, as editors write it; an hour is 60:00:00. @param {number} frame */
export function timecode(frame) {
  const two = (/** @type {number} */ part) => String(part).padStart(2, "0");
  const seconds = Math.floor(frame / FPS);
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}:${two(frame % FPS)}`;
}

/** Within a video of so many frames; where these are not known yet, any is. @param {number} frame @param {number} frames */
export const within = (frame, frames) => Math.max(0, frames ? Math.min(frame, frames - 1) : frame);
