import type { RawOptions } from './widget/options';
import type { Webchat } from './widget/webchat';

declare global {
  interface Window {
    Parlour?: { initWebchat: (options: RawOptions | string) => Webchat };
    Twilio?: { initLogger?: () => void; getLogger?: () => Console; initWebchat?: (options: RawOptions | string) => Webchat };
  }
}
