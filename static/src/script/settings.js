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
    visual: (uid) => map.get(`${uid}/visual`) ?? {},
  };
}
