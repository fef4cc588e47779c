import type { Options } from './widget/options';
import type { Webchat } from './widget/main';

declare global {
  interface Window {
    Parlour?: { initWebchat: (options: Options | string) => Webchat };
    Twilio?: { initWebchat?: (options: Options | string) => Webchat };
  }
}
