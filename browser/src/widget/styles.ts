/** Text on a ground of these has a contrast of 4.5:1 and more (WCAG 2.2, 1.4.3), edges 3:1 (1.4.11). */
export const PALETTE = {
  light: {
    bg: '#ffffff',
    ink: '#1c2030',
    soft: '#5b6275',
    line: '#dfe2ea',
    edge: '#7d8497',
    theirs: '#f0f2f7',
    warn: '#fff4d6',
    warnink: '#5c4300',
    bad: '#a4121f',
  },
  dark: {
    bg: '#191c24',
    ink: '#eceef5',
    soft: '#a3abc0',
    line: '#343a49',
    edge: '#7d8497',
    theirs: '#282d3a',
    warn: '#40340f',
    warnink: '#ffe6a3',
    bad: '#ff9aa2',
  },
} as const;

export const BRAND = '#3552c8';
export const BADGE = { ground: '#c8102e', text: '#ffffff' };

/** How far apart two colours are (WCAG 2.2, "contrast ratio"), from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** White where it can be read on this; otherwise black, which then can. */
export function textOn(ground: string): string {
  return contrast('#ffffff', ground) >= 4.5 ? '#ffffff' : '#000000';
}

/** @param color as #rgb or #rrggbb */
function luminance(color: string): number {
  const digits = color.length === 4 ? color.replace(/[0-9a-f]/gi, '$&$&') : color;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = parseInt(digits.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Important ones, like all rules of the host: see STYLES. */
const variables = (colors: Record<string, string>) =>
  Object.entries(colors).map(([name, value]) => `--plr-${name}:${value}!important`).join(';');

/** The colour that a page has chosen for bubble, header and the guest's messages. */
export const brandOf = (color: string) => `:host{${variables({ brand: color, on: textOn(color) })}}`;

/*
 * The page's rules override those of `:host`, except important ones, which no rule of the page and no style attribute overrides
 * (CSS Cascade 5, "context"). `all` resets everything that the host inherits, but not the custom properties, so each of Parlour's is
 * important, too. The page controls the text's direction.
 */
export const STYLES = `
${brandOf(BRAND)}
:host{all:initial!important;display:block!important;position:fixed!important;inset:0 auto auto 0!important;width:0!important;height:0!important;z-index:2147483000!important;direction:inherit!important;unicode-bidi:isolate!important;color-scheme:light!important;${variables(PALETTE.light)};
font:15px/1.45 system-ui,sans-serif!important;color:var(--plr-ink)!important}
:host([data-theme=dark]){color-scheme:dark!important;${variables(PALETTE.dark)}}
:host::backdrop{display:none!important}
*{box-sizing:border-box;font:inherit;color:inherit;scrollbar-color:var(--plr-edge) transparent}
[hidden]{display:none!important}
button{cursor:pointer;border:0;background:none;border-radius:8px}
:focus-visible{outline:3px solid var(--plr-ink);outline-offset:2px}
.bubble{position:fixed;right:20px;bottom:20px;width:60px;height:60px;border-radius:50%;background:var(--plr-brand);color:var(--plr-on);box-shadow:0 6px 20px #0004}
.bubble:focus-visible{box-shadow:0 0 0 8px var(--plr-bg)}
.icon{width:24px;height:24px;display:block;margin:auto;scale:1.2;background:currentColor;clip-path:path('M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H9l-5 4v-4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z')}
.badge{position:absolute;top:-2px;right:-2px;min-width:22px;height:22px;padding:0 6px;border-radius:11px;background:${BADGE.ground};color:${BADGE.text};font-weight:600;font-size:13px;line-height:22px;text-align:center}
.panel{position:fixed;right:20px;bottom:calc(92px + var(--plr-covered,0px));width:min(380px,calc(100vw - 40px));height:min(620px,calc(100dvh - 120px - var(--plr-covered,0px)));display:flex;flex-direction:column;background:var(--plr-bg);border:1px solid var(--plr-line);border-radius:16px;overflow:hidden;box-shadow:0 16px 48px #0005}
header{display:flex;align-items:center;gap:4px;padding:12px 10px 12px 16px;background:var(--plr-brand);color:var(--plr-on)}
header h2{flex:1;margin:0;font-size:17px;font-weight:600;overflow-wrap:anywhere}
header button{width:36px;height:36px;font-size:20px;color:var(--plr-on)}
header button:focus-visible{outline-color:var(--plr-on);outline-offset:-3px}
.menu{position:absolute;top:56px;right:10px;background:var(--plr-bg);border:1px solid var(--plr-line);border-radius:10px;box-shadow:0 8px 24px #0003;padding:6px;z-index:1}
.menu button{display:block;width:100%;padding:8px 12px;text-align:start}
.menu button:hover{background:var(--plr-theirs)}
.menu small{display:block;color:var(--plr-soft);font-size:12px}
.banner{padding:10px 16px;background:var(--plr-warn);color:var(--plr-warnink);border-bottom:1px solid var(--plr-line);overflow-wrap:anywhere}
.banner p{margin:0 0 4px}
.banner small{font-size:12px;user-select:all}
.log{flex:1;overflow-y:auto;padding:14px 16px;overscroll-behavior:contain}
.log:focus-visible{outline-offset:-3px}
.log ol{list-style:none;margin:0;padding:0;display:flex;flex-direction:column;gap:10px}
.line{max-width:84%;align-self:flex-start}
.line.mine{align-self:flex-end;text-align:end}
.who{font-size:12px;color:var(--plr-soft);margin:0 4px 2px;overflow-wrap:anywhere}
.body{display:inline-block;max-width:100%;text-align:start;padding:8px 12px;border-radius:14px;background:var(--plr-theirs);white-space:pre-wrap;overflow-wrap:anywhere}
.mine .body{background:var(--plr-brand);color:var(--plr-on)}
.failed .body{background:var(--plr-warn);color:var(--plr-warnink)}
.status,.typing{font-size:12px;color:var(--plr-soft);margin:2px 4px 0}
.typing{padding:0 16px;min-height:19px}
.again,.older,.plain{padding:6px;color:var(--plr-soft);text-decoration:underline}
.again{font-size:12px;padding:2px 4px}
.newer{align-self:center;margin:-42px 0 8px;position:relative;padding:6px 14px;border-radius:17px;background:var(--plr-brand);color:var(--plr-on);font-size:13px;box-shadow:0 2px 10px #0004}
.day{align-self:center;font-size:12px;color:var(--plr-soft)}
.menu p{margin:0;padding:8px 12px;max-width:260px}
.older{display:block;margin:0 auto 12px}
form{padding:16px;display:flex;flex-direction:column;gap:12px;overflow-y:auto}
.start{flex:1}
.start p{margin:0}
.start label{display:block;font-weight:600}
input,textarea{width:100%;padding:9px 11px;border:1px solid var(--plr-edge);border-radius:10px;background:var(--plr-bg);resize:none}
::placeholder{color:var(--plr-soft);opacity:1}
.start input,.start textarea{margin-top:4px;font-weight:400}
.composer{flex-flow:row wrap;align-items:flex-end;padding:10px;border-top:1px solid var(--plr-line);gap:8px}
.composer textarea{flex:1;min-width:0;max-height:120px}
.composer p{flex-basis:100%}
.attach{width:44px;height:44px;font-size:28px;line-height:1}
.go{padding:10px 16px;background:var(--plr-brand);color:var(--plr-on);font-weight:600}
.go[aria-disabled=true]{opacity:.55;cursor:default}
.foot{padding:12px 16px;border-top:1px solid var(--plr-line)}
.foot .go{width:100%}
.problem,.unsent{color:var(--plr-bad);margin:0;overflow-wrap:anywhere}
@media (forced-colors:active){.icon{forced-color-adjust:none;background:ButtonText}.bubble,.badge,.body,.go,.menu button{border:1px solid}}
@media (max-width:480px){.panel{inset:0;width:100%;height:calc(100dvh - var(--plr-covered,0px));border:0;border-radius:0}.panel:not([hidden])+.bubble{display:none}input,textarea{font-size:16px}}
`;
