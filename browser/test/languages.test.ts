import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { FILE_TEXTS } from '../src/widget/files/texts';
import { codeOf, firstWordsOf, languageFor, LANGUAGES, type LanguageCode } from '../src/widget/languages';
import type { Translation } from '../src/widget/languages/wording';
import { COUNTED } from '../src/widget/options';
import { PUSH_TEXTS } from '../src/widget/push/texts';
import { counted, LAUNCHER_TEXTS, type Counted } from '../src/widget/texts';
import { WINDOW_TEXTS } from '../src/widget/window-texts';
import { Browser, settle } from './browser';
import { page } from './page';
import { Server } from './server';
import { expectForms, expectWhole, placed, type Place } from './wording';

const FOLDER = join(import.meta.dirname, '../src/widget/languages');
const ENGLISH: Record<string, Counted> = { ...LAUNCHER_TEXTS, ...WINDOW_TEXTS, ...FILE_TEXTS, ...PUSH_TEXTS };

async function textsIn(code: LanguageCode): Promise<Record<string, Counted>> {
  if (code === 'en') return ENGLISH;
  const { default: translation } = (await import(`../src/widget/languages/${code}.ts`)) as { default: Translation };
  return { ...translation, ...firstWordsOf(code) };
}

/** The most letters that each place of the window shows as it should: one line in a button, three or four in a notice. */
const PLACES: Place[] = [
  ['the button beside the message field', 12, 'send'],
  ['the window’s title', 28, 'title'],
  ['the message field', 28, 'message'],
  ['a button', 34, 'start starting skip endYes endNo startAgain reopen sendAgain older newer fileChoose filePhoto'],
  ['a line of the menu', 44, 'save savePage sound pushSwitch end endAndErase erase endAndEraseHint'],
  ['a line of the form', 64, 'formHint formName formQuery'],
  ['a line under a message', 20, 'sending sent seen failed'],
  ['a day, or an author', 16, 'today yesterday you'],
  ['the line below the title', 48, 'presence presenceWith away opensToday opensTomorrow opensLater'],
  ['a line in the log', 48, 'pushText typing joined left reopened reference fileOffline'],
  ['a name that only screen readers read', 64, 'open openUnread openInterrupted close menu attach log fileCancel fileDownload filePreview fileAttached fileProgress'],
  ['a question of the menu', 110, 'endSure endAndEraseSure'],
  ['a notice', 140, `windowUnavailable awayHint intro savedPartly notEnded pushFailed notReopened required tooLongField tooLong filesUnavailable full resuming reconnecting polling ended interrupted45775 interrupted45779
    interruptedKeyLost interruptedHint interruptedHintEmpty interruptedUnsent erased unavailable problem fileTooLarge fileEmpty fileUnreadable fileTooMany fileTooMuch
    fileType fileInfected fileFull fileBusy fileUnavailable fileGivenUp fileLoose fileDeleted fileNotNow`],
];

const placeOf = placed(PLACES);

test('there is a file for each of twelve languages, and every text has a place', () => {
  expect(LANGUAGES).toHaveLength(12);
  expect(readdirSync(FOLDER).sort()).toEqual([...LANGUAGES.filter((code) => code !== 'en').map((code) => `${code}.ts`), 'wording.ts'].sort());
  expect([...placeOf.keys()].sort()).toEqual(Object.keys(ENGLISH).sort());
  expect(COUNTED.filter((name) => !ENGLISH[name])).toEqual([]);
});

describe.each(LANGUAGES)('%s', (code) => {
  test('has every text, with the placeholders of the English one, and fits into its place', async () => {
    expectWhole(await textsIn(code), ENGLISH, placeOf, code === 'en');
  });

  test('has a form for every number', async () => {
    expectForms(await textsIn(code), COUNTED, code);
  });
});

test.each([
  [1, 'ja', '新着メッセージ 1 件'], [1, 'de', '1 neue Nachricht'], [2, 'de', '2 neue Nachrichten'], [0, 'fr', '0 nouveau message'],
  [3, 'pl', '3 nowe wiadomości'], [5, 'pl', '5 nowych wiadomości'], [22, 'pl', '22 nowe wiadomości'], [2, 'ar', 'رسالتان جديدتان'], [2, 'he', 'שתי הודעות חדשות'],
] as const)('%i new messages in %s', async (n, code, words) => {
  expect(counted((await textsIn(code))['newer']!, n, code)).toBe(words);
});

describe('the language is', () => {
  const chosen = (wished: string | undefined, onPage: string, browser: string[] = [], direction = 'ltr') => {
    const { code, locale, direction: own } = languageFor(wished, onPage, direction, browser);
    return `${code} ${locale} ${own}`;
  };

  test.each([
    ['that of the option', chosen('de', 'fr', ['es']), 'de de ltr'],
    ['then that of the page', chosen(undefined, 'fr-CA', ['es']), 'fr fr-CA ltr'],
    ['then the first of the browser that there is', chosen(undefined, '', ['fi', 'sv-FI', 'en']), 'sv sv-FI ltr'],
    ['then that of the browser also if the page is in another', chosen(undefined, 'fi', ['it']), 'it it ltr'],
    ['otherwise English', chosen(undefined, 'fi', ['fi']), 'en en ltr'],
    ['with the browser’s region, if the page has none', chosen(undefined, 'en', ['de', 'en-GB']), 'en en-GB ltr'],
    ['that of Brazil for all of Portuguese', chosen('pt-PT', ''), 'pt-BR pt-PT ltr'],
    ['found by an old code, and by a wrong separator', chosen(undefined, 'iw_IL'), 'he he-IL rtl'],
    ['found in an invalid tag', chosen(undefined, 'de-'), 'de de ltr'],
    ['written from the right', chosen('ar', 'en'), 'ar ar rtl'],
    ['written from the left on a page that is not', chosen('de', 'ar', [], 'rtl'), 'de de ltr'],
    ['English in the direction of a page whose language there is not', chosen(undefined, 'fa', ['fa', 'en'], 'rtl'), 'en en rtl'],
  ])('%s', (_, found, expected) => {
    expect(found).toBe(expected);
  });

  test('not one that there is not', () => {
    for (const tag of ['', 'xx', 'deutsch', 'zh-Hant', '__proto__']) expect(codeOf(tag), tag).toBeUndefined();
  });
});

describe('a chat in another language', () => {
  const onPage = (lang: string) => vi.spyOn(document.documentElement, 'lang', 'get').mockReturnValue(lang);

  test('has a bubble with its name before anything is loaded, and everything else when the window is there', async () => {
    onPage('de-AT');
    const made = page();
    const { host } = made.root;
    expect((host as HTMLElement).lang).toBe('de-AT');
    expect((host as HTMLElement).dir).toBe('ltr');
    await made.click('Chat öffnen');
    expect(made.find('h2').textContent).toBe('Chatten Sie mit uns');
    made.type('[name=friendlyName]', 'Ada');
    await made.click('Chat starten');
    await made.click('Chatfenster schließen');
    made.server.says('agent-1', 'Servus');
    await settle();
    expect(made.find('.bubble').getAttribute('aria-label')).toBe('Chat öffnen, 1 ungelesen');
  });

  test.each([
    ['sv', {}, 'sv'], ['de-AT', {}, 'de'], ['sv', { language: 'fi' }, 'fi'],
  ])('of %s sends the language in which its guest reads it, unless the page has %o', async (language, context, sent) => {
    const made = page({ language, context, preEngagement: false, location: false });
    made.find('.bubble').click();
    await settle();
    expect(JSON.parse(made.server.calls[0]?.body['preEngagementData'] ?? '')).toEqual({ language: sent });
  });

  test('is written from the right where its language is', async () => {
    const made = page({ language: 'he' });
    expect((made.root.host as HTMLElement).dir).toBe('rtl');
    await made.click('פתיחת הצ׳אט');
    expect(made.button('התחלת צ׳אט')).toBeTruthy();
  });

  test('has the page’s own texts before those of the language', async () => {
    const made = page({ language: 'de', texts: { open: 'Hilfe', title: 'Fragen?', newer: { one: 'Eine neue', other: '{n} neue' } } });
    await made.click('Hilfe');
    expect(made.find('h2').textContent).toBe('Fragen?');
    expect(made.button('Chat starten')).toBeTruthy();
  });

  test('writes days and times as its language does', async () => {
    const made = page({ language: 'de', preEngagement: false });
    await made.click('Chat öffnen');
    made.browser.clock.now += 10 * 86_400_000;
    made.server.says('agent-1', 'Guten Tag');
    await settle();
    expect(made.find('.day').textContent).toBe('Samstag, 22. November');
    expect(made.find('time').title).toMatch(/^Samstag, 22\. November 2025/);
  });

  test('is in English, and says so once, if its texts cannot be loaded', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const browser = new Browser(new Server());
    browser.hasLanguages = false;
    const made = page({ language: 'ar', texts: { menu: 'Options' } }, browser);
    await made.click('فتح المحادثة');
    expect(made.find('h2').textContent).toBe('Chat with us');
    const host = made.root.host as HTMLElement;
    expect([host.lang, host.dir]).toEqual(['en', 'ltr']);
    expect(made.find('.bubble').getAttribute('aria-label')).toBe('Close the chat window');
    expect(warn.mock.calls.map(([words]) => String(words))).toEqual([expect.stringContaining('the texts of the language ar are lost, so the chat is in English')]);
  });

  test('waits for its texts for five seconds, and not longer', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const browser = new Browser(new Server());
    const made = page({ language: 'fr' }, browser);
    browser.tabs[0]!.deps.loadLanguage = () => new Promise(() => {});
    made.webchat.open();
    await browser.clock.advance(4_900);
    expect(made.all('.panel')).toEqual([]);
    await browser.clock.advance(200);
    expect(made.find('h2').textContent).toBe('Chat with us');
    expect(warn).toHaveBeenCalledOnce();
  });

  test('loads its texts once, and English none', async () => {
    const browser = new Browser(new Server());
    browser.hasWindow = (attempt) => attempt > 0;
    const made = page({ language: 'sv' }, browser);
    const load = vi.spyOn(browser.tabs[0]!.deps, 'loadLanguage');
    await made.click('Öppna chatten');
    expect(made.root.querySelector('.failure')?.textContent).toBe('Chatten kan inte öppnas just nu. Försök igen.');
    await made.click('Öppna chatten');
    expect(made.find('h2').textContent).toBe('Chatta med oss');
    expect(load.mock.calls).toEqual([['sv', 0]]);
    const other = new Browser(new Server());
    const english = page({}, other);
    const none = vi.spyOn(other.tabs[0]!.deps, 'loadLanguage');
    await english.click('Open the chat');
    expect(none).not.toHaveBeenCalled();
  });
});
