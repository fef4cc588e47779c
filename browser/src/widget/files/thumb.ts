import { el } from '../../dom/element';
import { thumbnailOf } from '../../dom/files';

const EDGE = 44;

/** A small square for a file that is in this browser: its image, or the mark of a file. Its name stands beside it. */
export function thumb(bytes: Blob): HTMLElement {
  const box = el('span', { class: 'thumb', 'aria-hidden': 'true' });
  void thumbnailOf(bytes, EDGE, EDGE).then((image) => image && box.replaceChildren(image));
  return box;
}
