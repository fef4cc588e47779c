import { codeOf, firstWordsOf, languageFor, LANGUAGES, type Language } from './languages';
import type { Wording } from './languages/wording';
import { nearest } from './names';
import { LAUNCHER_TEXTS, type LauncherTexts } from './texts';

/** A field of the form before the chat. The field `friendlyName` is the guest's name. */
export interface Field {
  name: string;
  label: string;
  type?: 'text' | 'email' | 'tel' | 'textarea';
  required?: boolean;
  value?: string;
}

/** The options of initWebchat. Only the key is required. */
export interface RawOptions {
  deploymentKey: string;
  /** `open` shows the window at once; otherwise there is the bubble. */
  appStatus?: 'open' | 'closed';
  theme?: { isLight?: boolean; color?: string };
  /** `de`, `pt-BR` and so on, or with a region, `de-AT`; by default the language of the page, then of the browser. */
  language?: string;
  texts?: Partial<Wording>;
  /** `false` begins without a form; `skip` lets the guest skip the form. */
  preEngagement?: false | { fields?: Field[]; skip?: boolean };
  /** Sent as pre-engagement data. Fields that the guest fills in override it. */
  context?: Record<string, unknown>;
  /** Parlour's origin; by default the origin of the script. */
  server?: string;
}

/** The checked options, with defaults. */
export interface Options {
  deploymentKey: string;
  isOpen: boolean;
  isLight: boolean | undefined;
  color: string | undefined;
  language: Language;
  /** What the page passes, which comes before the texts of the language. */
  ownTexts: Partial<Wording>;
  /** Those of the bubble, and of all others what is loaded or passed by the page: see `window-texts.ts`. */
  texts: LauncherTexts & Partial<Wording>;
  /** Empty: the chat begins without a form. Undefined: the form asks for name and question. */
  fields: Field[] | undefined;
  canSkip: boolean;
  context: Record<string, unknown>;
  server: string | undefined;
}

type Names = Record<string, unknown>;

const TYPES = ['text', 'email', 'tel', 'textarea'];

/** Checks the options of a page. Throws an error that names the wrong option, and warns of unknown ones. */
export function optionsOf(value: unknown, warn: (warning: string) => void): Options {
  const read = new Reader(warn);
  const all = read.object(typeof value === 'string' ? { deploymentKey: value } : value, '', [
    'deploymentKey', 'appStatus', 'theme', 'language', 'texts', 'preEngagement', 'context', 'server',
    'disablePreEngagementForm', 'preEngagementConfig',
  ]);
  const key = all['deploymentKey'];
  read.must(typeof key === 'string' && /^CV[0-9a-f]{32}$/.test(key), 'deploymentKey', 'CV and 32 lower-case hex digits');
  const status = all['appStatus'];
  read.must([undefined, 'open', 'closed'].includes(status as string), 'appStatus', 'open or closed');
  const theme = read.object(all['theme'] ?? {}, 'theme', ['isLight', 'color']);
  const color = read.optional(theme['color'], 'theme.color', 'string');
  read.must(color === undefined || /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(color), 'theme.color', 'a hex colour such as #0a6b4b');
  const wished = read.optional(all['language'], 'language', 'string');
  read.must(wished === undefined || !!codeOf(wished), 'language', `one of ${LANGUAGES.join(', ')}, also with a region such as de-AT`);
  const language = languageFor(wished, document.documentElement.lang, getComputedStyle(document.documentElement).direction, navigator.languages);
  const ownTexts = textsOf(read.object(all['texts'] ?? {}, 'texts'), read);
  const context = contextOf(read.object(all['context'] ?? {}, 'context'), read);
  const server = read.optional(all['server'], 'server', 'string');
  read.must(server === undefined || /^https?:\/\/[^/]+\/?$/.test(server), 'server', 'an origin such as https://chat.example.com');
  return {
    deploymentKey: key as string,
    isOpen: status === 'open',
    isLight: read.optional(theme['isLight'], 'theme.isLight', 'boolean'),
    color,
    language,
    ownTexts,
    texts: { ...LAUNCHER_TEXTS, ...firstWordsOf(language.code), ...ownTexts },
    ...form(all, read),
    context,
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

function form(all: Names, read: Reader): Pick<Options, 'fields' | 'canSkip'> {
  const disabled = read.optional(all['disablePreEngagementForm'], 'disablePreEngagementForm', 'boolean');
  if (all['preEngagement'] === false || disabled) return { fields: [], canSkip: false };
  const name = all['preEngagement'] === undefined && all['preEngagementConfig'] ? 'preEngagementConfig' : 'preEngagement';
  const { fields, skip } = read.object(all[name] ?? {}, name);
  read.must(fields === undefined || Array.isArray(fields), `${name}.fields`, 'a list');
  return {
    fields: (fields as unknown[] | undefined)?.flatMap((one, at) => field(one, `${name}.fields[${at}]`, read)),
    canSkip: read.optional(skip, `${name}.skip`, 'boolean') ?? false,
  };
}

/** Empty for a kind of field that only the other client has. */
function field(raw: unknown, path: string, read: Reader): Field[] {
  const all = read.object(raw, path);
  const { name, label, type = 'text', required = false, value = '' } = 'attributes' in all ? ofOtherClient(all) : all;
  if (!TYPES.includes(type as string)) {
    read.warn(`${path} is not shown: its type must be one of ${TYPES.join(', ')}`);
    return [];
  }
  for (const [part, text] of Object.entries({ name, label, value })) {
    read.must(typeof text === 'string' && (text !== '' || part === 'value'), `${path}.${part}`, 'a text');
  }
  read.optional(required, `${path}.required`, 'boolean');
  return [{ name, label, type, required, value } as Field];
}

/** Converts a field from the format of the client that this API was made for. */
function ofOtherClient({ type, label, attributes }: Names): Names {
  const of = attributes as Names;
  const isText = type === 'InputItem' && !TYPES.includes(of['type'] as string);
  const kind = type === 'TextareaItem' ? 'textarea' : isText ? 'text' : type === 'InputItem' ? of['type'] : type;
  return { ...of, label, type: kind };
}

/** Reads values of unknown types. Its errors name the wrong value. */
class Reader {
  constructor(private readonly print: (warning: string) => void) {}

  must(isRight: boolean, name: string, what: string): void {
    if (!isRight) throw new Error(`Parlour: ${name} must be ${what}`);
  }

  warn(warning: string): void {
    this.print(`Parlour: ${warning}`);
  }

  /** @param known the allowed properties; others are left out, with a warning. Without it, all are allowed. */
  object(value: unknown, name: string, known?: string[]): Names {
    this.must(typeof value === 'object' && value !== null && !Array.isArray(value), name || 'the argument of initWebchat', 'an object');
    const all = value as Names;
    if (!known) return all;
    for (const one of Object.keys(all).filter((key) => !known.includes(key))) {
      const path = name ? `${name}.${one}` : one;
      this.warn(`${path} is not known${nearest(known, one)}`);
    }
    return Object.fromEntries(Object.entries(all).filter(([key]) => known.includes(key)));
  }

  optional(value: unknown, name: string, type: 'string'): string | undefined;
  optional(value: unknown, name: string, type: 'boolean'): boolean | undefined;
  optional(value: unknown, name: string, type: string): unknown {
    this.must(value === undefined || typeof value === type, name, type === 'string' ? 'a text' : 'true or false');
    return value;
  }
}
