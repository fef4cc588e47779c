/** The texts of the part Keys. */
export const KEY_TEXTS = {
  keys: 'Keys',
  list: 'List of the keys',
  about: 'These keys seal the tokens of guests. Parlour rotates them by itself (key-rotation-hours). Rotating interrupts no guest: older keys still open their tokens.',
  shared: 'The keys belong to all accounts of this installation. An operator rotates them on the server: ./parlour keys rotate',
  id: 'Key',
  state: 'State',
  states: { primary: 'seals new tokens', next: 'seals tokens soon', opens: 'opens older tokens' },
  created: 'Made',
  primaryFrom: 'Seals tokens from',
  opensUntil: 'Opens tokens until',
  rotate: 'Rotate',
  rotateQuestion: 'Make a new key? After a few seconds it seals new tokens. No guest is interrupted, and the key cannot be removed again.',
  rotateYes: 'Make a new key',
  outcomes: {
    rotated: 'There is a new key. It seals new tokens after a few seconds.',
    changed: 'Nothing was changed: somebody else has made a key since you opened this page.',
    'too-many': 'Nothing was changed: there are too many keys. Wait until the oldest ones have ended, or ask an operator: ./parlour keys rotate',
  },
  tooMany: 'There are too many keys for another one. Wait until the oldest ones have ended, or ask an operator: ./parlour keys rotate',
};
