// Who is named in what somebody writes.

/**
 * The ids of those whose name stands behind an @.
 * @param {string} text
 * @param {{ id: number, name: string }[]} members
 */
export const mentioned = (text, members) =>
  members.filter((one) => text.toLowerCase().includes(`@${one.name.toLowerCase()}`)).map((one) => one.id);
