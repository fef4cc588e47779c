import { afterEach, beforeEach, expect, test } from 'vitest';
import { Keys } from '../src/inbox/keys';

let pressed: string[];
let leaving: AbortController;
let keys: Keys;
let field: HTMLInputElement;

beforeEach(() => {
  pressed = [];
  leaving = new AbortController();
  keys = new Keys(['j', 'e'].map((key) => ({ key, does: `does ${key}`, act: () => pressed.push(key) })));
  field = document.createElement('input');
  document.body.replaceChildren(field, keys.dialog);
  keys.start(leaving.signal);
});

afterEach(() => leaving.abort());

function press(key: string, more: KeyboardEventInit = {}, target: HTMLElement = document.body): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event;
}

test('a key acts, also with the capitals lock, and is not typed anywhere', () => {
  expect(press('j').defaultPrevented).toBe(true);
  press('E');
  expect(pressed).toEqual(['j', 'e']);
});

test('no key acts in a field, with a modifier, in a word that is composed, while it is held, or in a dialog', () => {
  press('j', {}, field);
  for (const modifier of ['ctrlKey', 'altKey', 'metaKey', 'shiftKey', 'isComposing', 'repeat']) press('j', { [modifier]: true });
  expect(pressed).toEqual([]);
  press('?', { shiftKey: true });
  expect(keys.dialog.open).toBe(true);
  press('j');
  expect(pressed).toEqual([]);
});

test('a slash acts also where the keyboard has it on a shifted key', () => {
  leaving.abort();
  leaving = new AbortController();
  keys = new Keys([{ key: '/', does: 'searches', act: () => pressed.push('/') }]);
  keys.start(leaving.signal);
  press('/');
  press('/', { shiftKey: true });
  press('/', {}, field);
  expect(pressed).toEqual(['/', '/']);
});

test('the list of keys has each of them, and switches them off', () => {
  press('?');
  expect(keys.dialog.textContent).toContain('does j');
  expect(keys.dialog.textContent).toContain('does e');
  keys.dialog.querySelector<HTMLInputElement>('input[type=checkbox]')?.click();
  keys.dialog.close();
  press('j');
  expect(pressed).toEqual([]);
});
