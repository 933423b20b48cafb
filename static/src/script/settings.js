// What of a scene is no text: its voice and notes, in the document's map under `<scene>/<what>`.

/** @param {import("yjs").Doc} doc */
export function settingsOf(doc) {
  const map = doc.getMap("scenes");
  return {
    map,
    get: (uid, what) => map.get(`${uid}/${what}`) ?? "",
    set(uid, what, value) {
      const key = `${uid}/${what}`;
      if ((map.get(key) ?? "") === value) return;
      if (value === "") map.delete(key);
      else map.set(key, value);
    },
    /** Half of a scene that was split is spoken by who speaks the other half. */
    copy(from, to, what) {
      const value = map.get(`${from}/${what}`);
      if (value !== undefined) map.set(`${to}/${what}`, value);
    },
    visual: (uid) => map.get(`${uid}/visual`) ?? {},
  };
}

/** The voice of a scene in short; empty where it is the video's. */
export function ownVoice(voice, usual) {
  if (!voice || voice === usual) return "";
  const [engine, name] = voice.split(":");
  return name === "default" ? engine : name || voice;
}
