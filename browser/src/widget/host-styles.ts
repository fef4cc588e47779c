import { BADGE, BRAND, FIRST_COLORS, FULL_SCREEN, textOn, variables } from './colors';

/** The colour that a page has chosen for bubble, header and the guest's messages. */
export const brandOf = (color: string) => `:host{${variables({ brand: color, on: textOn(color) })}}`;

/**
 * Where bubble and window are: their distance from a corner, and among the elements of the page.
 *
 * @param hasBubble whether the window stands above a bubble
 */
export function placeOf({ side, x, y }: { side: string; x: number; y: number }, zIndex: number, hasBubble: boolean): string {
  const place = { left: 'auto', right: 'auto', [side]: `${x}px`, y: `${y}px`, above: hasBubble ? '72px' : '0px' };
  return `:host{z-index:${zIndex}!important;${variables(place)}}`;
}

/*
 * The page's rules override those of `:host`, except important ones, which no rule of the page and no style attribute overrides
 * (CSS Cascade 5, "context"). `all` resets everything that the host inherits, but not the custom properties, so each of Parlour's is
 * important, too. The direction is that of the chat's language.
 */
export const HOST_STYLES = `
${brandOf(BRAND)}
${placeOf({ side: 'right', x: 20, y: 20 }, 1, true)}
:host{all:initial!important;display:block!important;position:fixed!important;inset:0 auto auto 0!important;width:0!important;height:0!important;direction:ltr!important;unicode-bidi:isolate!important;color-scheme:light!important;${variables(FIRST_COLORS.light)};
font:15px/1.45 system-ui,sans-serif!important;color:var(--plr-ink)!important}
:host([data-theme=dark]){color-scheme:dark!important;${variables(FIRST_COLORS.dark)}}
:host([dir=rtl]){direction:rtl!important}
:host([data-in-page]){position:relative!important;inset:auto!important;width:100%!important;height:100%!important;min-height:320px!important;z-index:auto!important}
:host::backdrop{display:none!important}
*{box-sizing:border-box;font:inherit;color:inherit}
[hidden]{display:none!important}
button{cursor:pointer;border:0;background:none;border-radius:8px}
svg{display:block;width:24px;height:24px;margin:auto;fill:none;stroke:currentColor;stroke-width:1.9;stroke-linecap:round;stroke-linejoin:round}
.bubble{position:fixed;left:var(--plr-left);right:var(--plr-right);bottom:calc(var(--plr-y) + env(safe-area-inset-bottom,0px));width:60px;height:60px;padding:0;border-radius:50%;background:var(--plr-brand);color:var(--plr-on);box-shadow:0 6px 20px #0004}
.bubble:focus-visible{outline:3px solid var(--plr-ink);outline-offset:2px;box-shadow:0 0 0 8px var(--plr-bg)}
.icon{width:28px;height:28px}
.chat{fill:currentColor}
.bubble[aria-expanded=true] .chat,.bubble[aria-expanded=false] .shut{display:none}
.badge{position:absolute;top:-2px;inset-inline-end:-2px;min-width:22px;height:22px;padding:0 6px;border-radius:11px;background:${BADGE.ground};color:${BADGE.text};font-weight:600;font-size:13px;line-height:22px;text-align:center}
.bubble[aria-busy=true] .icon{opacity:.5}
.failure{position:fixed;left:var(--plr-left);right:var(--plr-right);bottom:calc(var(--plr-y) + var(--plr-above) + env(safe-area-inset-bottom,0px));max-width:min(320px,calc(100vw - 40px));margin:0;padding:10px 14px;border:1px solid var(--plr-line);border-radius:12px;background:var(--plr-bg);box-shadow:0 6px 20px #0004}
.failure:empty{display:none}
@media (forced-colors:active){.bubble,.badge,.failure{border:1px solid}}
@media (prefers-reduced-motion:no-preference){.bubble{transition:scale .16s}.bubble:hover{scale:1.06}}
@media ${FULL_SCREEN}{.panel:not([hidden])~.bubble{display:none}}
`;
