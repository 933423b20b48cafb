// The player of the studio's page, by frames. The element changes with each cut, so it is looked up anew.

import { frameAt, framesIn, middleOf, within } from "./frames.js";

/** @returns {HTMLVideoElement | null} */
export const player = () => {
  const found = document.getElementById("video");
  return found instanceof HTMLVideoElement ? found : null;
};

/** The sha256 of what it plays; empty: there is nothing to play. */
export const cut = () => (player() && document.getElementById("player")?.dataset.sha) || "";

/** @param {HTMLVideoElement} video */
export const frameOf = (video) => frameAt(video.currentTime);

/** Stops at exactly this frame, and takes the browser's controls off the picture. @param {HTMLVideoElement} video @param {number} frame */
export function goTo(video, frame) {
  video.pause();
  video.controls = false;
  video.currentTime = middleOf(within(frame, framesIn(video.duration)));
}
