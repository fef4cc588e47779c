import type { Texts } from './texts';

/** A field of the form before the chat. */
export interface Field {
  name: string;
  label: string;
  type?: 'text' | 'email' | 'tel' | 'textarea';
  required?: boolean;
  value?: string;
}

/** What a page passes to initWebchat; all but the key may be left out. */
export interface Options {
  deploymentKey: string;
  /** `closed` shows that nobody is here, and lets no chat begin. */
  appStatus?: 'open' | 'closed';
  theme?: { isLight?: boolean; color?: string };
  texts?: Partial<Texts>;
  /** `false` begins without a form. The field `friendlyName` is the guest's name. */
  preEngagement?: false | { fields?: Field[]; skip?: boolean };
  /** Sent along as pre-engagement data, whatever the form holds. */
  context?: Record<string, unknown>;
  /** Where Parlour is; by default where this script came from. */
  server?: string;
  /** Whether the window is open when the page is. */
  open?: boolean;
}

export const FIELDS: Field[] = [
  { name: 'friendlyName', label: 'Your name', type: 'text', required: true },
  { name: 'query', label: 'How can we help?', type: 'textarea' },
];
