/** Narrower than this, something else than a keyboard covers the page. */
const KEYBOARD_PIXELS = 80;

/**
 * Tells how much of the page's lower end is covered by a soft keyboard: fixed elements stay under it
 * in most browsers.
 */
export function watchKeyboard(covered: (pixels: number) => void, signal: AbortSignal): void {
  const viewport = globalThis.visualViewport;
  if (!viewport) return;
  let told = 0;
  const look = () => {
    // Zoomed in by hand it is smaller, too: then nothing is covered.
    const below = viewport.scale > 1.01 ? 0 : innerHeight - viewport.height - viewport.offsetTop;
    const pixels = below > KEYBOARD_PIXELS ? Math.round(below) : 0;
    if (pixels === told) return;
    told = pixels;
    covered(pixels);
  };
  viewport.addEventListener('resize', look, { signal });
  viewport.addEventListener('scroll', look, { signal });
}
