const SVG = 'http://www.w3.org/2000/svg';

/** The side of a picture, in pixels: large enough for the camera of an old phone. */
const SIDE = 220;

/** A QR code as a picture, dark on white in every colour scheme, because cameras expect that. */
export function qrPicture(path: string, size: number, name: string): SVGElement {
  const make = (tag: string, attributes: Record<string, string>): SVGElement => {
    const element = document.createElementNS(SVG, tag) as SVGElement;
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const svg = make('svg', { viewBox: `0 0 ${size} ${size}`, width: String(SIDE), height: String(SIDE), role: 'img', 'aria-label': name, 'shape-rendering': 'crispEdges', class: 'qr' });
  svg.append(make('rect', { width: String(size), height: String(size), fill: '#fff' }), make('path', { d: path, fill: '#000' }));
  return svg;
}
