import { afterEach, describe, expect, it } from 'vitest';
import { asks } from '../src/console/ask';
import { diagram, steps } from '../src/console/diagram';
import { referenceIn } from '../src/console/requests';
import type { Arrow } from '../src/console/wire';

const ARROWS: Arrow[] = [
  { from: 'Browser', to: 'FlexWebchatOrchestratorService', text: 'a call', detail: 'from <b>https://evil.example.com</b>' },
  { from: 'FlexWebchatOrchestratorService', to: 'FlexWebchatOrchestratorService', text: "the page's origin is not on the list", detail: '' },
];

afterEach(() => document.body.replaceChildren());

describe('the reference that a guest reads out', () => {
  it.each([
    ['45779 · 9560079653d3', '9560079653d3'],
    ['Reference: 45779 9560079653D3.', '9560079653d3'],
    ['4bf92f3577b34da6a3ce929d0e0e4736', '4bf92f3577b34da6a3ce929d0e0e4736'],
    ['45779', undefined],
    ['GS0123456789abcdef0123456789abcdef', undefined],
    ['', undefined],
  ])('%s', (typed, reference) => expect(referenceIn(typed)).toBe(reference));
});

describe('a request', () => {
  it('is drawn with a line for each participant and an arrow for each step, hidden from screen readers', () => {
    const svg = diagram(ARROWS);
    expect(svg.getAttribute('aria-hidden')).toBe('true');
    expect(svg.querySelectorAll('.life')).toHaveLength(2);
    expect(svg.querySelectorAll('.arrow')).toHaveLength(2);
    expect(svg.querySelector('b')).toBeNull();
  });

  it('is read as a list that says the same', () => {
    const items = [...steps(ARROWS).querySelectorAll('li')].map((item) => item.textContent);
    expect(items).toEqual([
      'Browser to FlexWebchatOrchestratorService: a call (from <b>https://evil.example.com</b>)',
      "FlexWebchatOrchestratorService: the page's origin is not on the list",
    ]);
  });
});

describe('a question', () => {
  const button = (at: number) => document.querySelectorAll<HTMLButtonElement>('dialog button')[at] as HTMLButtonElement;

  it('is answered once, and begins at the button that changes nothing', async () => {
    const answer = asks('Really?', 'Do it');
    expect(document.activeElement).toBe(button(0));
    button(1).click();
    expect(await answer).toBe(true);
    expect(document.querySelector('dialog')).toBeNull();
  });

  it('is answered no by Cancel', async () => {
    const answer = asks('Really?', 'Do it');
    button(0).click();
    expect(await answer).toBe(false);
  });
});
