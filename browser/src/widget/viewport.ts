/** If the visible part is narrower than this, it is not a keyboard that covers the page. */
const KEYBOARD_PIXELS = 80;

/** Reports how much of the page's lower end a soft keyboard covers: in most browsers it covers fixed elements. */
export function watchKeyboard(covered: (pixels: number) => void, signal: AbortSignal): void {
  const viewport = globalThis.visualViewport;
  if (!viewport) return;
  let reported = 0;
  const look = () => {
    // When the guest has zoomed in, it is smaller, too, but nothing is covered.
    const below = viewport.scale > 1.01 ? 0 : innerHeight - viewport.height - viewport.offsetTop;
    const pixels = below > KEYBOARD_PIXELS ? Math.round(below) : 0;
    if (pixels === reported) return;
    reported = pixels;
    covered(pixels);
  };
  viewport.addEventListener('resize', look, { signal });
  viewport.addEventListener('scroll', look, { signal });
}
