import { expect, test } from 'vitest';
import { linked } from '../src/dom/links';

/** Links in square brackets, with their address. */
const shown = (text: string) =>
  linked(text).map((part) => (part instanceof HTMLAnchorElement ? `[${part.textContent}](${part.getAttribute('href')})` : part)).join('');

test.each([
  ['see https://shop.example.com/a?b=1#c.', 'see [https://shop.example.com/a?b=1#c](https://shop.example.com/a?b=1#c).'],
  ['(www.example.com)', '([www.example.com](https://www.example.com))'],
  ['https://en.example.org/Tea_(drink), please', '[https://en.example.org/Tea_(drink)](https://en.example.org/Tea_(drink)), please'],
  ['mail ada.l+x@mail.example.com!', 'mail [ada.l+x@mail.example.com](mailto:ada.l+x@mail.example.com)!'],
  ['call +44 20 7946-0958.', 'call [+44 20 7946-0958](tel:+442079460958).'],
  ['javascript:alert(1) data:text/html,x ftp://a.example', 'javascript:alert(1) data:text/html,x ftp://a.example'],
  ['order 4711-2233-4455 of 2026-11-29', 'order 4711-2233-4455 of 2026-11-29'],
  ['https://a.example/\u202Egpj.exe', '[https://a.example/](https://a.example/)\u202Egpj.exe'],
  ['https://', 'https://'],
  ['http://[', 'http://['],
  ['<a href="https://a.example">x</a>', '<a href="[https://a.example](https://a.example)">x</a>'],
])('the addresses in %j are links', (text, expected) => {
  expect(shown(text)).toBe(expected);
});

test('a link opens a new tab, which learns nothing of this page', () => {
  const link = linked('https://a.example')[0] as HTMLAnchorElement;
  expect(link.target).toBe('_blank');
  expect(link.rel).toBe('noopener noreferrer nofollow');
});

test('no character of a long text is lost', () => {
  for (const text of ['a@'.repeat(16_000), 'www.'.repeat(8_000), '+1 '.repeat(10_000), `https://${'('.repeat(32_000)}`, `${'a'.repeat(32_000)}@b`]) {
    expect(linked(text).map((part) => (typeof part === 'string' ? part : part.textContent)).join('')).toBe(text);
  }
});
