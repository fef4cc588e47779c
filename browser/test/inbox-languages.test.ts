import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { parseSync } from 'vite';
import { accountMenu, languageChoice } from '../src/inbox/account-menu';
import { Failure, get } from '../src/inbox/api';
import { day, moment, timeOrDate, waitingFor } from '../src/inbox/format';
import { around, choose, chosen, count, joined, language, put, speak, texts, use } from '../src/inbox/language';
import { row } from '../src/inbox/row';
import { ENGLISH, type Texts, type Translation } from '../src/inbox/texts';
import { ENGLISH as IN_ENGLISH, languageFor, LANGUAGES, type LanguageCode } from '../src/widget/languages';
import { conversation, ME, message, team } from './inbox-page';
import { expectForms, expectWhole, placed, widthOf, type Place } from './wording';

const SOURCES = join(import.meta.dirname, '../src/inbox');

const COUNTED = ['newConversations', 'newer', 'preparedFound', 'unread', 'foundCount', 'foundOrMore', 'refusedTimes'];

async function textsIn(code: LanguageCode): Promise<Texts> {
  return code === 'en' ? ENGLISH : ((await import(`../src/inbox/languages/${code}.ts`)) as { default: Translation }).default;
}

/** The most letters that each place of the inbox shows as it should: one line in a button, three or four in a notice. */
const PLACES: Place[] = [
  ['the heading of the page', 20, 'inbox'],
  ['the filter bar', 14, 'waiting mine unassigned all closed'],
  ['the switch of a mode', 14, 'reply note'],
  ['a button in the header', 18, 'claim'],
  ['the button that closes', 32, 'closeConversation clickAgain pressAgain reopen'],
  ['a tag', 34, 'automatic noteTag noteFound'],
  ['a time or a name in a row', 28, 'you customer noMessage messageRemoved lastOf seen open nobody anAgent removedAgent'],
  ['a button', 34, `close save change signIn signInWith signingIn signOut signOutOthers filter clearFilter cancel more newer older tryAgain searchOlder lookFurther longestFirst
    changeName makePassword pushTurnOn pushTurnOff setUpFactor confirmFactor replaceFactor removeFactor goOn removeNote download attach photo send addNote`],
  ['a label of a field or a fact', 34, `signInName signInPassword signInCode language browsersLanguage oldPassword nameForGuests preparedTitle preparedText assignedTo
    removeAgain assign addLabel labels labelFilter session fieldName fieldQuestion beforeChat details chatBegan onPage guestLanguage filterState filterLabel desk any filterOpen`],
  ['a line of the menu', 30, 'prepared console yourName newPassword secondFactor browsers push signedInAs'],
  ['a line of the keys', 42, `keys keyNext keyPrevious keySearch keyReply keyNote keyClaim keyClose keyReopen keyList useKeys`],
  ['the field', 58, 'replyHint noteHint search findPrepared'],
  ['a short line', 48, `moment searching choose noMessages noteRemoved wasClosed wasReopened eventClaimed eventAssigned eventReleased eventJoined eventLeft eventClosed eventReopened eventLabelled eventUnlabelled typing sending notSentYet thisBrowser aBrowser lastUsed pushMessage nothingFound nothingNewest nothingFor
    others noPrepared foundCount foundOrMore sessionLive sessionAway sessionExpired sessionRevoked sessionGone canWrite noReason isGone alsoLooking`],
  ['a name that only screen readers or a pointer read', 64, `account accountOf qrPicture sound desktop conversations whichConversations waitingFor waitingSince unread
    copyRefused assignedToYou assignedToName searchConversations found conversation back hideDetails messages noteOf whoReads withEnter filesToSend
    sendingFile remove removeLabel showLabel showAll signOutBrowser preparedFound newConversation newConversations`],
  ['a notice', 140, `signedOut pushIsOn pushIsOff pushAsked pushInsecure pushUnavailable pushFailed lost tryingAgain unreachable unavailable tooManyCalls answered refused wrongPassword wrongOldPassword roleTooLow notMember
    noLongerThere isClosed isFull filesFull infected erased desktopDenied codeNeeded wrongCode factorRequired attemptRefused tokenRefused roleMissing agentRemoved clientRefused factorActive factorRemoved scanFactor nameChanged passwordMade preparedHint noneWaiting noneMine
    noneUnassigned noneOpen noneClosed noneLabelled noneFiltered noneBackTo searchTooLong tooLong noFilesInNote fileEmpty fileTooLarge fileUnreadable tooManyFiles
    wasFaster nobodyHasIt bound reopenable refusedTimes`],
  ['a paragraph', 180, `signInHint providerDown pushHint pushUnsupported pushDenied pushImpossible factorHint recoveryCodes searchHint cameLate hasExpired wasEnded tooLateToReopen closedForGood otherBrowser keyMissing keyWrong keyReplayed superseded
    tokenExpired tokenRevoked tokenOver otherRefusal`],
];

const placeOf = placed(PLACES);

async function inLanguage(code: LanguageCode): Promise<void> {
  use(languageFor(code, '', 'ltr', []), await textsIn(code));
}

afterEach(() => {
  use(IN_ENGLISH, ENGLISH);
  localStorage.clear();
});

test('there is a file for each of the widget’s languages, and every text has a place', () => {
  expect(readdirSync(join(SOURCES, 'languages')).sort()).toEqual(LANGUAGES.filter((code) => code !== 'en').map((code) => `${code}.ts`).sort());
  expect([...placeOf.keys()].sort()).toEqual(Object.keys(ENGLISH).sort());
});

describe.each(LANGUAGES)('%s', (code) => {
  test('has every text, with the placeholders of the English one, and fits into its place', async () => {
    expectWhole(await textsIn(code), ENGLISH, placeOf, code === 'en');
  });

  test('has a filter bar that fits into the list', async () => {
    const { waiting, mine, unassigned, all, closed } = await textsIn(code);
    expect(widthOf(waiting + mine + unassigned + all + closed)).toBeLessThanOrEqual(36);
  });

  test('has a form for every number', async () => {
    expectForms(await textsIn(code), COUNTED, code);
  });
});

interface Syntax {
  type: string;
  [name: string]: unknown;
}

/** The attributes whose values people read. */
const SHOWN = ['aria-label', 'title', 'placeholder', 'alt'];
/** The methods whose arguments become text. */
const SHOWING = ['append', 'prepend', 'replaceChildren', 'setText'];

/** The literal texts of a source that a page shows: children of elements, attributes with a name, and texts that are set. */
function shownLiterals(code: string): string[] {
  const found: string[] = [];
  const literals = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(literals);
    const syntax = value as Syntax | null;
    if (!syntax?.type) return;
    if (syntax.type === 'Literal' && typeof syntax['value'] === 'string') found.push(syntax['value']);
    if (syntax.type === 'TemplateLiteral') for (const part of syntax['quasis'] as Syntax[]) found.push((part['value'] as { cooked: string }).cooked);
    if (syntax.type === 'ConditionalExpression') literals([syntax['consequent'], syntax['alternate']]);
    if (['LogicalExpression', 'BinaryExpression'].includes(syntax.type) && ['||', '??', '+'].includes(String(syntax['operator']))) literals([syntax['left'], syntax['right']]);
    if (syntax.type === 'ArrayExpression') literals(syntax['elements']);
    if (syntax.type === 'SpreadElement') literals(syntax['argument']);
  };
  const nameOf = (syntax: Syntax): string => String(syntax['name'] ?? syntax['value'] ?? (syntax['property'] ? nameOf(syntax['property'] as Syntax) : ''));
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    const syntax = value as Syntax | null;
    if (!syntax?.type) return;
    if (syntax.type === 'CallExpression') {
      const called = nameOf(syntax['callee'] as Syntax);
      const given = syntax['arguments'] as Syntax[];
      if (called === 'el') literals(given.slice(2));
      if (SHOWING.includes(called)) literals(given);
      if (called === 'setAttribute' && SHOWN.includes(nameOf(given[0] as Syntax))) literals(given[1]);
    }
    if (syntax.type === 'Property' && SHOWN.includes(nameOf(syntax['key'] as Syntax))) literals(syntax['value']);
    if (syntax.type === 'AssignmentExpression' && ['textContent', 'title', 'placeholder', 'ariaLabel'].includes(nameOf(syntax['left'] as Syntax))) literals(syntax['right']);
    Object.values(syntax).forEach(walk);
  };
  walk(parseSync('source.ts', code).program);
  return found;
}

/** All literal texts that read like a sentence: with a capital letter or a space between words, and not a name of the browser's. */
function sentences(code: string): string[] {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    const syntax = value as Syntax | null;
    if (!syntax?.type || syntax.type === 'ImportDeclaration') return;
    if (syntax.type === 'Literal' && typeof syntax['value'] === 'string') found.push(syntax['value']);
    Object.values(syntax).forEach(walk);
  };
  walk(parseSync('source.ts', code).program);
  return found.filter((text) => /\p{Lu}\p{Ll}+ \p{L}|\p{Ll} \p{Ll}+[.…:?]|[“”’…]/u.test(text));
}

test('no text that an agent can see is in the code', () => {
  const isWord = (text: string) => /\p{L}{2}/u.test(text);
  const sources = readdirSync(SOURCES).filter((name) => name.endsWith('.ts') && name !== 'texts.ts');
  expect(sources.length).toBeGreaterThan(20);
  const left = sources.flatMap((name) => {
    const code = readFileSync(join(SOURCES, name), 'utf8');
    return [...shownLiterals(code).filter(isWord), ...sentences(code)].map((text) => `${name}: ${text}`);
  });
  expect(left).toEqual([]);
  expect(shownLiterals("el('p', { title: 'A title' }, isOpen ? ' is open' : `not ${x}`); setText(this.a, b ?? 'none'); c.textContent = 'words';"))
    .toEqual(expect.arrayContaining(['A title', ' is open', 'not ', 'none', 'words']));
  expect(sentences("const TOO_LONG = 'This is too long.'; const LOST = 'Connection lost. Trying again…';")).toHaveLength(2);
});

describe('the language is', () => {
  test('the agent’s choice, then the first of the browser that there is, then English', async () => {
    const browser = vi.spyOn(navigator, 'languages', 'get').mockReturnValue(['fi', 'sv-FI', 'en']);
    await speak(chosen(), textsIn);
    expect([texts.claim, document.documentElement.lang, document.documentElement.dir]).toEqual(['Ta över', 'sv-FI', 'ltr']);
    choose('ar');
    await speak(chosen(), textsIn);
    expect([texts.inbox, document.documentElement.lang, document.documentElement.dir]).toEqual(['صندوق الوارد', 'ar', 'rtl']);
    choose('');
    browser.mockReturnValue(['fi']);
    await speak(chosen(), textsIn);
    expect([texts.inbox, document.documentElement.lang, document.documentElement.dir]).toEqual(['Inbox', 'en', 'ltr']);
  });

  test('not one that the browser keeps and that there is not', () => {
    localStorage.setItem('parlour inbox language', '__proto__');
    expect(chosen()).toBe('');
  });

  test('English, if the texts cannot be loaded or do not come within five seconds', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await speak('nl', () => Promise.reject(new Error('lost')));
    expect([texts.inbox, language.code]).toEqual(['Inbox', 'en']);
    vi.useFakeTimers();
    const waiting = speak('nl', () => new Promise(() => {}));
    await vi.advanceTimersByTimeAsync(5_000);
    await waiting;
    vi.useRealTimers();
    expect(language.code).toBe('en');
    expect(warn).toHaveBeenCalledTimes(2);
  });

  test('chosen at the page, by the languages’ own names', () => {
    const changed = vi.fn();
    const choice = languageChoice(changed);
    document.body.replaceChildren(choice);
    const select = choice.querySelector('select')!;
    expect([...select.options].map((one) => one.textContent)).toEqual(expect.arrayContaining(['As in the browser', 'English', 'Deutsch', 'Français', 'العربية', '日本語', 'Português (Brasil)']));
    expect(select.options).toHaveLength(13);
    select.value = 'he';
    select.dispatchEvent(new Event('change'));
    expect(chosen()).toBe('he');
    expect(changed).toHaveBeenCalledOnce();
  });
});

describe('in another language', () => {
  test('days, times and amounts are written as it does', async () => {
    vi.useFakeTimers({ now: new Date('2026-01-08T11:00:00') });
    await inLanguage('de');
    expect(day(new Date('2026-01-08T09:00:00').toISOString())).toBe('Heute');
    expect(day(new Date('2026-01-07T09:00:00').toISOString())).toBe('Gestern');
    expect(day(new Date('2025-01-07T09:00:00').toISOString())).toBe('7. Januar 2025');
    expect(timeOrDate(new Date('2026-01-02T09:05:00').toISOString())).toBe('2. Jan.');
    expect(moment(new Date('2026-01-02T09:05:00').toISOString())).toBe('02.01.2026, 09:05');
    const ago = (minutes: number) => waitingFor(new Date(Date.now() - minutes * 60_000).toISOString(), Date.now());
    expect([ago(0), ago(5), ago(180), ago(3 * 24 * 60)]).toEqual(['jetzt', '5 Min.', '3 Std.', '3 Tg.']);
    expect(joined(['Ann', 'Ben', 'Cem'])).toBe('Ann, Ben und Cem');
    vi.useRealTimers();
  });

  test.each([
    ['pl', 2, '2 nowe rozmowy'], ['pl', 5, '5 nowych rozmów'], ['pl', 22, '22 nowe rozmowy'], ['ar', 2, 'محادثتان جديدتان'], ['fr', 0, '0 nouvelle conversation'], ['ja', 1, '新しい会話 1 件'],
  ] as const)('numbers have its forms: %s, %i', async (code, n, words) => {
    await inLanguage(code);
    expect(count(texts.newConversations, n)).toBe(words);
  });

  test('a row of the list has no English word, and a name keeps its direction', async () => {
    await inLanguage('ar');
    const since = new Date(Date.now() - 300_000).toISOString();
    const one = conversation(1, { name: '', unread: 120, waiting_since: since, last_message: message(1, { author: ME.identity, author_kind: 'agent', body: '42' }), assignee: 'agent-ben' });
    const made = row(one, ME, team(), { isOpen: false, isAlarming: false, now: Date.now() });
    expect(made.textContent).toContain('عميل');
    expect(made.querySelector('bdi')?.textContent).toBe('أنت');
    const names = [...made.querySelectorAll('[aria-label]')].map((element) => element.getAttribute('aria-label'));
    expect([made.textContent, ...names].join(' ').replace('Ben Okafor', '')).not.toMatch(/[a-z]/i);
    expect(put(texts.assignedToName, { name: 'Ben' })).toBe('مسندة إلى \u2068Ben\u2069');
  });

  test('an element stands where the language has its place', async () => {
    await inLanguage('ja');
    const name = document.createElement('bdi');
    expect(around(texts.signedInAs, { name })).toEqual([name, ' としてログイン中']);
  });

  test('an answer of the server is explained by its code, and an unknown one quoted', async () => {
    const answers = (status: number, body: object) => vi.stubGlobal('fetch', async () => new Response(JSON.stringify(body), { status }));
    const message = () => get('/x').then(() => '', (failure: Failure) => failure.message);
    await inLanguage('de');
    answers(401, { code: 45783, message: 'Wrong name or password.' });
    expect(await message()).toBe('Name oder Passwort ist falsch.');
    answers(503, { code: 45770, message: 'The request could not be answered just now.' });
    expect(await message()).toBe('Der Server kann das gerade nicht. Bitte versuchen Sie es gleich noch einmal.');
    answers(400, { code: 45770, message: 'label must have at most 40 characters' });
    expect(await message()).toBe('Der Server hat das abgelehnt: label must have at most 40 characters');
    use(IN_ENGLISH, ENGLISH);
    answers(403, { code: 45789, message: 'An auditor reads conversations and cannot change anything.' });
    expect(await message()).toBe('An auditor reads conversations and cannot change anything.');
  });

  test('the menu offers the languages', async () => {
    await inLanguage('de');
    HTMLDialogElement.prototype.showModal ??= () => {};
    document.body.replaceChildren(...accountMenu(ME, (work) => work(), () => {}, () => {}).map((one) => one));
    (document.querySelector('.menu') as HTMLElement).hidePopover = () => {};
    [...document.querySelectorAll<HTMLElement>('.menu button')].find((one) => one.textContent === 'Sprache')?.click();
    expect(document.querySelector('dialog select')).toBeTruthy();
  });
});
