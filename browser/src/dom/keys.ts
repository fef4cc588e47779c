/**
 * Whether a key belongs to an input method that is composing a word. Safari ends the composition
 * before it tells of the key that ended it, and marks that key by 229 only.
 */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}
