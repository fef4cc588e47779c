import type { AlertOptions } from './alerts';
import type { Field } from './form-fields';
import { codeOf, firstWordsOf, languageFor, LANGUAGES, type Language } from './languages';
import type { Wording } from './languages/wording';
import { Reader, type Names } from './reader';
import { LAUNCHER_TEXTS, type LauncherTexts } from './texts';

export type Side = 'left' | 'right';

/** The options of initWebchat. Only the key is required. */
export interface RawOptions {
  deploymentKey: string;
  /** `open` shows the window at once; otherwise there is the bubble. */
  appStatus?: 'open' | 'closed';
  theme?: { isLight?: boolean; color?: string; logo?: string };
  /** `de`, `pt-BR` and so on, or with a region, `de-AT`; by default the language of the page, then of the browser. */
  language?: string;
  texts?: Partial<Wording>;
  /** `false`: there is no bubble, and the page opens the window. */
  launcher?: boolean;
  /** An element, or a selector of one, that the chat fills instead of floating over the page. */
  target?: Element | string;
  /** Where bubble and window are; distances in pixels. */
  position?: Side | { side?: Side; x?: number; y?: number };
  /** Of bubble and window, among the elements of the page. */
  zIndex?: number;
  /** `false` begins without a form; `skip` lets the guest skip the form. */
  preEngagement?: false | { fields?: Field[]; skip?: boolean };
  /** The signs of new messages that a guest notices in a hidden tab; all by default. */
  alerts?: Partial<AlertOptions>;
  /** The path of the page's own service worker, which imports `push-worker.js`: guests can then agree to pushes. */
  push?: string;
  /** Sent as pre-engagement data. Fields that the guest fills in override it. */
  context?: Record<string, unknown>;
  /** `false`: the agents do not see on which page a chat began. Otherwise its address without query and fragment is pre-engagement data. */
  location?: boolean;
  /** An address to which the page goes when the guest presses Escape three times. First it removes the chat from this browser. */
  exit?: string;
  /** Parlour's origin; by default the origin of the script. */
  server?: string;
}

/** The checked options, with defaults. */
export interface Options {
  deploymentKey: string;
  isOpen: boolean;
  isLight: boolean | undefined;
  color: string | undefined;
  /** The address of an image. */
  logo: string | undefined;
  language: Language;
  hasLauncher: boolean;
  target: Element | string | undefined;
  /** The distances from the corner, in pixels. */
  position: { side: Side; x: number; y: number };
  zIndex: number;
  /** The texts that the page passes, which replace those of the language. */
  ownTexts: Partial<Wording>;
  /** Those of the bubble, and of all others what is loaded or passed by the page: see `window-texts.ts`. */
  texts: LauncherTexts & Partial<Wording>;
  /** Empty: the chat begins without a form. Undefined: the form asks for name and question. `fieldsOf` checks each. */
  fields: unknown[] | undefined;
  /** The path of the option that has the fields. */
  fieldsPath: string;
  canSkip: boolean;
  alerts: AlertOptions;
  /** The path of the page's service worker. */
  push: string | undefined;
  context: Record<string, unknown>;
  hasLocation: boolean;
  exit: string | undefined;
  server: string | undefined;
}

/** The largest that browsers take. */
const Z_INDEXES = 2 ** 31 - 1;
/** The default is below it, so a page can have something above the chat. */
const Z_INDEX = 2_147_483_000;
/** Further away, bubble and window would leave the screen of a phone. */
const DISTANCES = 200;
const DISTANCE = 20;

/** Checks the options of a page. Throws an error that names the wrong option, and warns of unknown ones. */
export function optionsOf(value: unknown, warn: (warning: string) => void): Options {
  const read = new Reader(warn);
  const all = read.object(typeof value === 'string' ? { deploymentKey: value } : value, '', [
    'deploymentKey', 'appStatus', 'theme', 'language', 'texts', 'launcher', 'target', 'position', 'zIndex', 'preEngagement', 'alerts', 'push', 'context', 'location', 'exit', 'server',
    'disablePreEngagementForm', 'preEngagementConfig',
  ], REMEDIES);
  const matching = (text: unknown, name: string, pattern: RegExp, what: string) => {
    read.must(text === undefined || pattern.test(read.optional(text, name, 'string') ?? ''), name, what);
    return text as string | undefined;
  };
  const key = all['deploymentKey'];
  read.must(typeof key === 'string' && /^CV[0-9a-f]{32}$/.test(key), 'deploymentKey', 'CV and 32 lower-case hex digits');
  const status = all['appStatus'];
  read.must([undefined, 'open', 'closed'].includes(status as string), 'appStatus', 'open or closed');
  const theme = read.object(all['theme'] ?? {}, 'theme', ['isLight', 'color', 'logo'], { overrides: 'use theme.color' });
  const color = matching(theme['color'], 'theme.color', /^#([0-9a-f]{3}|[0-9a-f]{6})$/i, 'a hex colour such as #0a6b4b');
  const logo = matching(theme['logo'], 'theme.logo', /^(https?:)?\/\/|^\/|^data:image\//i, 'an address such as /logo.svg');
  const alerts = read.object(all['alerts'] ?? {}, 'alerts', ['title', 'sound']);
  const push = matching(all['push'], 'push', /^\/[^/]/, 'a path of the page such as /parlour-push.js');
  const wished = read.optional(all['language'], 'language', 'string');
  read.must(wished === undefined || !!codeOf(wished), 'language', `one of ${LANGUAGES.join(', ')}, also with a region such as de-AT`);
  const language = languageFor(wished, document.documentElement.lang, getComputedStyle(document.documentElement).direction, navigator.languages);
  const ownTexts = { ...textsOfForm(all['preEngagementConfig'], read), ...textsOf(read.object(all['texts'] ?? {}, 'texts'), read) };
  const context = contextOf(read.object(all['context'] ?? {}, 'context'), read);
  const exit = matching(all['exit'], 'exit', /^https?:\/\//, 'an address such as https://www.example.com');
  const server = matching(all['server'], 'server', /^https?:\/\/[^/]+\/?$/, 'an origin such as https://chat.example.com');
  return {
    deploymentKey: key as string,
    isOpen: status === 'open',
    isLight: read.optional(theme['isLight'], 'theme.isLight', 'boolean'),
    color,
    logo,
    language,
    hasLauncher: read.optional(all['launcher'], 'launcher', 'boolean') ?? true,
    ...placeOf(all, language, read),
    ownTexts,
    texts: { ...LAUNCHER_TEXTS, ...firstWordsOf(language.code), ...ownTexts },
    ...form(all, read),
    alerts: {
      title: read.optional(alerts['title'], 'alerts.title', 'boolean') ?? true,
      sound: read.optional(alerts['sound'], 'alerts.sound', 'boolean') ?? true,
    },
    push,
    context,
    hasLocation: read.optional(all['location'], 'location', 'boolean') ?? true,
    exit,
    server: server?.replace(/\/$/, ''),
  };
}

/** The texts that can have forms for numbers. */
export const COUNTED: readonly string[] = ['openUnread', 'newer', 'fileTooMany'];

/** Checks types only: the code that shows a text knows its name, and warns of unknown ones. */
function textsOf(texts: Names, read: Reader): Partial<Wording> {
  for (const [name, text] of Object.entries(texts)) {
    const path = `texts.${name}`;
    if (!COUNTED.includes(name) || typeof text === 'string') read.must(typeof text === 'string', path, 'a text');
    else for (const [form, one] of Object.entries({ other: undefined, ...read.object(text, path) })) read.must(typeof one === 'string', `${path}.${form}`, 'a text');
  }
  return texts as Partial<Wording>;
}

/** The largest context that the server accepts, in UTF-8. */
const CONTEXT_BYTES = 16 * 1024;

/** Copies the context in the form in which it will be sent. If JSON cannot hold it, this fails now and not when a guest starts. */
function contextOf(value: Names, read: Reader): Names {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (failure) {
    throw new Error(`Parlour: context must be a value that JSON can hold. ${String(failure)}`);
  }
  read.must(new TextEncoder().encode(json).length <= CONTEXT_BYTES, 'context', 'at most 16 KB as JSON');
  return read.object(JSON.parse(json ?? 'null'), 'context');
}

function placeOf({ target, position, zIndex }: Names, { direction }: Language, read: Reader): Pick<Options, 'target' | 'position' | 'zIndex'> {
  read.must(target === undefined || isTarget(target), 'target', 'an element, or a selector of one such as #chat');
  read.must(target === undefined || (position ?? zIndex) === undefined, 'target', 'alone, without position and zIndex');
  const { side, x, y } = read.object(typeof position === 'object' ? position : { side: position }, 'position', ['side', 'x', 'y']);
  const path = typeof position === 'object' ? 'position.side' : 'position';
  read.must([undefined, 'left', 'right'].includes(side as Side), path, 'left or right');
  const defaultSide = direction === 'rtl' ? 'left' : 'right';
  return {
    target: target as Options['target'],
    position: {
      side: (side as Side) ?? defaultSide,
      x: read.whole(x, 'position.x', DISTANCES) ?? DISTANCE,
      y: read.whole(y, 'position.y', DISTANCES) ?? DISTANCE,
    },
    zIndex: read.whole(zIndex, 'zIndex', Z_INDEXES) ?? Z_INDEX,
  };
}

function isTarget(value: unknown): value is Element | string {
  if (typeof value !== 'string') return value instanceof Element;
  try {
    document.querySelector(value);
    return value !== '';
  } catch {
    return false;
  }
}

/** Remedies for options of the Twilio web app that this widget does not have. */
const REMEDIES = {
  region: 'to use another server, pass server',
  serverUrl: 'to use another server, pass server',
  fileAttachment: 'the server decides which files it takes',
  transcript: 'guests save the chat themselves',
};

/** The other client's form has words of its own. */
function textsOfForm(value: unknown, read: Reader): Partial<Wording> {
  const { title, description, submitLabel } = read.object(value ?? {}, 'preEngagementConfig', ['title', 'description', 'submitLabel', 'fields', 'skip'], {
    footerLabel: 'put its words into description',
  });
  const path = 'preEngagementConfig.';
  const texts = {
    title: read.optional(title, `${path}title`, 'string'),
    formHint: read.optional(description, `${path}description`, 'string'),
    start: read.optional(submitLabel, `${path}submitLabel`, 'string'),
  };
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined));
}

function form(all: Names, read: Reader): Pick<Options, 'fields' | 'fieldsPath' | 'canSkip'> {
  const disabled = read.optional(all['disablePreEngagementForm'], 'disablePreEngagementForm', 'boolean');
  if (all['preEngagement'] === false || disabled) return { fields: [], fieldsPath: '', canSkip: false };
  const name = all['preEngagement'] === undefined && all['preEngagementConfig'] ? 'preEngagementConfig' : 'preEngagement';
  const { fields, skip } = read.object(all[name] ?? {}, name);
  read.must(fields === undefined || Array.isArray(fields), `${name}.fields`, 'a list');
  return {
    fields: fields as unknown[] | undefined,
    fieldsPath: `${name}.fields`,
    canSkip: read.optional(skip, `${name}.skip`, 'boolean') ?? false,
  };
}
