/** The rules for files that the widget and the inbox share. The bounds are the server's. */

export const FILE_BYTES = 16 * 1024 * 1024;
export const FILES_OF_A_MESSAGE = 10;

/** A file of a message, as the server describes it. */
export interface Attached {
  sid: string;
  filename: string;
  content_type: string;
  size: number;
  /** Whether the server has an image of it that pages can show. */
  preview: boolean;
}

/** Temporary addresses of a file, which need no credentials. */
export interface Links {
  content: string;
  preview_temporary?: string;
}

/**
 * A size in words, such as "1.2 MB".
 *
 * @param locale the language; without it, that of the browser
 */
export function sizeOf(bytes: number, locale?: string): string {
  const isSmall = bytes < 999_500;
  const amount = isSmall ? Math.max(0.1, bytes / 1e3) : bytes / 1e6;
  const maximumFractionDigits = amount < 10 ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: 'unit', unit: isSmall ? 'kilobyte' : 'megabyte', maximumFractionDigits }).format(amount);
}

/** Why a chosen file cannot be sent; `unreadable`: a folder, or a file that was changed or removed since it was chosen. */
export type Fault = 'empty' | 'tooLarge' | 'unreadable';

/**
 * Reads a chosen file. The copy stays the same if somebody changes the file while it waits, and can be stored.
 *
 * @returns a fault if the file cannot be sent
 */
export async function copyOf(file: Blob): Promise<Blob | Fault> {
  if (file.size > FILE_BYTES) return 'tooLarge';
  try {
    const bytes = await file.arrayBuffer(); // fails for a folder, whose size differs between systems
    return bytes.byteLength ? new Blob([bytes], { type: file.type }) : 'empty';
  } catch {
    return 'unreadable';
  }
}

/** The types that all browsers decode. */
const IMAGES = /^image\/(png|jpeg|gif|webp)$/;

/**
 * Draws the middle of an image that the person has chosen. It has no address, so the page's policy needs to allow none.
 *
 * @returns undefined if the browser cannot decode it
 */
export async function thumbnailOf(file: Blob, width: number, height: number): Promise<HTMLCanvasElement | undefined> {
  if (!IMAGES.test(file.type)) return undefined;
  try {
    const image = await createImageBitmap(file);
    const canvas = document.createElement('canvas');
    canvas.width = width * 2; // sharp on screens with two pixels for one
    canvas.height = height * 2;
    const scale = Math.max(canvas.width / image.width, canvas.height / image.height);
    const [wide, high] = [image.width * scale, image.height * scale];
    canvas.getContext('2d')?.drawImage(image, (canvas.width - wide) / 2, (canvas.height - high) / 2, wide, high);
    image.close();
    return canvas;
  } catch {
    return undefined;
  }
}

/** If no byte moves for this long, the connection is lost. */
const STALLED_MS = 30_000;
/** How long the server may take after the last byte: it scans the file, makes a preview and stores both (MEDIA_DEADLINE). */
const CHECKED_MS = 120_000;

/**
 * Makes a function like `fetch` that reports how much of the body was sent, which `fetch` cannot.
 *
 * @param sent is called with the number of bytes
 * @param cancelled ends the call
 */
export function uploading(sent: (bytes: number) => void, cancelled: AbortSignal): typeof fetch {
  return (address, { method = 'GET', headers = {}, body = null } = {}) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const abort = () => request.abort();
      const expect = (milliseconds: number) => {
        clearTimeout(timer);
        timer = setTimeout(abort, milliseconds);
      };
      request.open(method, String(address));
      new Headers(headers).forEach((value, name) => request.setRequestHeader(name, value));
      request.upload.onprogress = ({ loaded }) => {
        expect(STALLED_MS);
        sent(loaded);
      };
      request.upload.onload = () => expect(CHECKED_MS);
      request.onload = () => {
        const answered = request.getAllResponseHeaders().trim().split(/[\r\n]+/).map((line) => line.split(/: ?(.*)/s).slice(0, 2));
        resolve(new Response(request.responseText, { status: request.status, headers: answered as [string, string][] }));
      };
      request.onerror = request.onabort = () => reject(new TypeError('the file was not sent'));
      request.onloadend = () => {
        clearTimeout(timer);
        cancelled.removeEventListener('abort', abort);
      };
      cancelled.addEventListener('abort', abort);
      expect(STALLED_MS);
      if (cancelled.aborted) reject(new TypeError('cancelled'));
      else request.send(body as XMLHttpRequestBodyInit | null);
    });
}

/** Opens a download. A new tab, which the browser closes again, so that an error does not replace the page. */
export function download(address: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  link.click();
}
