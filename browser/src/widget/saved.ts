import { el, plain } from '../dom/element';
import { linked } from '../dom/links';
import type { Chat } from './chat';
import type { Shown } from './conversation';
import type { Language } from './languages';
import type { Times } from './times';
import type { Texts } from './window-texts';
import { textOf } from './wire';

/** Pages of older messages that are loaded before a conversation is saved: some 10,000 messages. */
const MOST_PAGES = 200;

/** A message as it is saved. */
interface Saved {
  day: string;
  time: string;
  date: string;
  author: string;
  text: string;
}

/** Loads all messages of the open conversation, or as many as it can. */
export async function loadAll(chat: Chat): Promise<void> {
  const c = chat.conversation; // another tab may begin another one meanwhile
  for (let page = 0; page < MOST_PAGES && c?.hasOlder && chat.conversation === c; page++) if (!(await chat.loadOlder())) break;
}

/**
 * Saves the whole conversation as a file for the guest; the file says if messages could not be loaded.
 *
 * @param loaded ends when they are
 */
export async function save(chat: Chat, texts: Texts, times: Times, language: Language, format: 'text' | 'page', loaded: () => Promise<void>): Promise<void> {
  const c = chat.conversation;
  if (!c) return;
  await loaded();
  const messages = messagesOf(c, chat.canWrite(), texts, times);
  const missing = c.hasOlder ? [texts.savedPartly] : [];
  const file = format === 'text'
    ? new Blob([asText(messages, texts.title, missing)], { type: 'text/plain;charset=utf-8' })
    : new Blob([asPage(messages, texts.title, missing, language)], { type: 'text/html;charset=utf-8' });
  const href = URL.createObjectURL(file);
  el('a', { href, download: `chat-${new Date().toISOString().slice(0, 10)}.${format === 'text' ? 'txt' : 'html'}` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000); // a browser may still read it
}

function messagesOf(c: Shown, goesOn: boolean, texts: Texts, times: Times): Saved[] {
  return c.lines(goesOn).map((line) => {
    if (line.is !== 'sent') {
      const { body, files } = line.outgoing;
      return { day: '', time: texts[line.is === 'waiting' ? 'sending' : 'failed'], date: '', author: texts.you, text: textOf({ body, media: files }) };
    }
    const { date_created: date, author_name: name } = line.message;
    return { day: times.date(date), time: times.time(date), date, author: line.mine ? texts.you : plain(name), text: textOf(line.message) };
  });
}

/** Everything that some editor takes for the end of a line (UAX 14, "mandatory breaks"). */
const BREAKS = /\r\n?|[\n\v\f\u0085\u2028\u2029]/g;

/** Later lines of a message are indented, so that none of them looks like another message. */
export function asText(messages: Saved[], title: string, notes: string[] = []): string {
  let day = '';
  const lines = messages.flatMap((one) => {
    const heading = one.day && one.day !== day ? ['', (day = one.day), ''] : [];
    return [...heading, `[${one.time}] ${one.author.replace(BREAKS, ' ')}: ${one.text.replace(BREAKS, '\n    ')}`];
  });
  return [title, ...notes, ...lines, ''].join('\n');
}

/** A page without scripts. It is made of nodes, so no text of anybody becomes markup. */
export function asPage(messages: Saved[], title: string, notes: string[] = [], language?: Pick<Language, 'locale' | 'direction'>): string {
  const page = document.implementation.createHTMLDocument(title);
  page.documentElement.lang = language?.locale ?? '';
  page.documentElement.dir = language?.direction ?? '';
  const looks = el('style', {}, 'body{max-width:42em;margin:2em auto;padding:0 1em;font:16px/1.5 system-ui,sans-serif}dd{margin:0 0 1em;white-space:pre-wrap;overflow-wrap:anywhere}');
  const policy = "default-src 'none';style-src 'unsafe-inline'";
  page.head.prepend(el('meta', { charset: 'utf-8' }), el('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }));
  page.head.append(el('meta', { name: 'viewport', content: 'width=device-width' }), looks);
  page.body.append(el('h1', {}, title), ...notes.map((note) => el('p', {}, note)));
  let day = '';
  let list = el('dl');
  for (const one of messages) {
    if (!list.isConnected || (one.day && one.day !== day)) {
      day = one.day;
      list = el('dl');
      page.body.append(el('h2', {}, day), list);
    }
    const time = el('time', one.date ? { datetime: one.date } : {}, one.time);
    list.append(el('dt', {}, el('b', { dir: 'auto' }, one.author), ' ', time), el('dd', { dir: 'auto' }, ...linked(one.text)));
  }
  return `<!doctype html>\n${new XMLSerializer().serializeToString(page.documentElement)}\n`;
}
