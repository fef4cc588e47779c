import { afterEach, beforeEach, expect, test, vi } from 'vitest';
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

afterEach(() => {
  leaving.abort();
  localStorage.clear();
});

function press(key: string, more: KeyboardEventInit = {}, target: HTMLElement = document.body): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event;
}

const click = () => document.body.dispatchEvent(new Event('pointerdown', { bubbles: true }));

test('a key acts, also with the capitals lock, and is not typed anywhere', () => {
  expect(press('j').defaultPrevented).toBe(true);
  press('E');
  expect(pressed).toEqual(['j', 'e']);
});

test('no key acts in a field, with a modifier, in a word that is composed, while it is held, or in a dialog', () => {
  press('j', {}, field);
  for (const modifier of ['ctrlKey', 'altKey', 'metaKey', 'shiftKey', 'isComposing', 'repeat']) press('j', { [modifier]: true });
  expect(pressed).toEqual([]);
  click();
  press('?', { shiftKey: true });
  expect(keys.dialog.open).toBe(true);
  press('j');
  expect(pressed).toEqual([]);
});

test('Escape leaves a field, so that the next key acts, unless the field has its own use for it', () => {
  field.focus();
  field.onkeydown = (event) => event.preventDefault();
  press('Escape', {}, field);
  expect(document.activeElement).toBe(field);
  field.onkeydown = null;
  press('Escape', {}, field);
  expect(document.activeElement).toBe(document.body);
  press('e');
  expect(pressed).toEqual(['e']);
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

test('the rest of a sentence whose field the page takes away acts as no keys, and presses no button', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  press('o', {}, field);
  field.remove();
  expect(press('j').defaultPrevented).toBe(true);
  for (const key of [' ', 'Enter']) expect(press(key).defaultPrevented).toBe(true);
  vi.advanceTimersByTime(1_900);
  press('E', { shiftKey: true });
  vi.advanceTimersByTime(1_900);
  press('e');
  expect(pressed).toEqual([]);
  vi.advanceTimersByTime(2_000);
  press('e');
  expect(pressed).toEqual(['e']);
  vi.useRealTimers();
});

test('a key acts at once after the agent has left the field, by a key, a click, or a program that moves the focus', () => {
  for (const leave of [() => press('Escape', {}, field), () => press('Enter', {}, field), click, () => {}]) {
    press('x', {}, field);
    leave();
    press('j');
  }
  expect(pressed).toEqual(['j', 'j', 'j', 'j']);
});

test('a key is found by its place where the keyboard has no Latin letters, and only there', () => {
  press('о', { code: 'KeyJ' });
  press('ي', { code: 'KeyE' });
  press('e', { code: 'KeyD' });
  press('n', { code: 'KeyJ' }); // of a Dvorak keyboard, or the like
  expect(pressed).toEqual(['j', 'e', 'e']);
});

test('the browser keeps that the keys are switched off', () => {
  press('?');
  const off = keys.dialog.querySelector<HTMLInputElement>('input[type=checkbox]')!;
  off.click();
  expect(new Keys([]).dialog.querySelector<HTMLInputElement>('input')?.checked).toBe(false);
  off.click();
  expect(new Keys([]).dialog.querySelector<HTMLInputElement>('input')?.checked).toBe(true);
});
