// What of a scene is no text: its voice and notes, in the document's map under `<scene>/<what>`.

/** @param {import("yjs").Doc} doc */
export function settingsOf(doc) {
  const map = doc.getMap("scenes");
  return {
    map,
    /** @param {string} uid @param {string} what */
    get: (uid, what) => String(map.get(`${uid}/${what}`) ?? ""),
    /** @param {string} uid @param {string} what @param {string} value */
    set(uid, what, value) {
      const key = `${uid}/${what}`;
      if ((map.get(key) ?? "") === value) return;
      if (value === "") map.delete(key);
      else map.set(key, value);
    },
    /**
     * Half of a scene that was split is spoken by who speaks the other half.
     * @param {string} from
     * @param {string} to
     * @param {string} what
     */
    copy(from, to, what) {
      const value = map.get(`${from}/${what}`);
      if (value !== undefined) map.set(`${to}/${what}`, value);
    },
    /** @param {string} uid @returns {{ template?: string }} */
    visual: (uid) => /** @type {{ template?: string }} */ (map.get(`${uid}/visual`) ?? {}),
  };
}

/**
 * The voice of a scene in short; empty where it is the video's.
 * @param {string} voice
 * @param {string} usual
 */
export function ownVoice(voice, usual) {
  if (!voice || voice === usual) return "";
  const [engine, name] = voice.split(":");
  return name === "default" ? engine : name || voice;
}
