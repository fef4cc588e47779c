import type { Given } from './widget/options';
import type { Webchat } from './widget/webchat';

declare global {
  interface Window {
    Parlour?: { initWebchat: (options: Given | string) => Webchat };
    Twilio?: { initWebchat?: (options: Given | string) => Webchat };
  }
}
