import { afterEach, expect, test, vi } from 'vitest';
import { watchKeyboard } from '../src/widget/viewport';

afterEach(() => vi.unstubAllGlobals());

test('a soft keyboard covers the end of the page; a zoom by hand or a small bar does not', () => {
  const viewport = Object.assign(new EventTarget(), { height: 800, offsetTop: 0, scale: 1 });
  vi.stubGlobal('visualViewport', viewport);
  vi.stubGlobal('innerHeight', 800);
  const reported: number[] = [];
  const gone = new AbortController();
  watchKeyboard((pixels) => reported.push(pixels), gone.signal);
  const becomes = (changes: object) => {
    Object.assign(viewport, changes);
    viewport.dispatchEvent(new Event('resize'));
  };
  becomes({ height: 500 });
  becomes({ height: 500, offsetTop: 100 });
  becomes({ height: 800, offsetTop: 0 });
  becomes({ height: 760 });
  becomes({ height: 400, scale: 2 });
  gone.abort();
  becomes({ height: 500, scale: 1 });
  expect(reported).toEqual([300, 200, 0]);
});
