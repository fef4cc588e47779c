/**
 * Whether a key event belongs to an input method that is composing a word. Safari ends the composition before it reports the key
 * that ended it, and marks that key only by the code 229.
 */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}
