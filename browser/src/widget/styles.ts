/** Colours are chosen for a contrast of 4.5:1 and more in both themes. */
export const STYLES = `
:host{all:initial;--brand:var(--parlour-color,#3552c8);--on:#fff;--bg:#fff;--ink:#1c2030;--soft:#5b6275;--line:#dfe2ea;--theirs:#f0f2f7;--warn:#fff4d6;--warnink:#5c4300;
font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:var(--ink)}
:host([data-theme=dark]){--bg:#191c24;--ink:#eceef5;--soft:#a3abc0;--line:#343a49;--theirs:#282d3a;--warn:#40340f;--warnink:#ffe6a3}
*{box-sizing:border-box;font:inherit;color:inherit}
[hidden]{display:none!important}
button{cursor:pointer;border:0;background:none;border-radius:8px}
button:focus-visible,input:focus-visible,textarea:focus-visible,.log:focus-visible{outline:3px solid var(--brand);outline-offset:2px}
.bubble{position:fixed;right:20px;bottom:20px;width:60px;height:60px;border-radius:50%;background:var(--brand);color:var(--on);box-shadow:0 6px 20px #0004;z-index:2147483000}
.bubble svg{width:28px;height:28px;display:block;margin:auto}
.badge{position:absolute;top:-2px;right:-2px;min-width:22px;height:22px;padding:0 6px;border-radius:11px;background:#c8102e;color:#fff;font-weight:600;font-size:13px;line-height:22px;text-align:center}
.panel{position:fixed;right:20px;bottom:92px;width:min(380px,calc(100vw - 40px));height:min(620px,calc(100vh - 120px));height:min(620px,calc(100dvh - 120px));display:flex;flex-direction:column;background:var(--bg);border:1px solid var(--line);border-radius:16px;overflow:hidden;box-shadow:0 16px 48px #0005;z-index:2147483000;animation:in .16s ease-out}
@keyframes in{from{opacity:0;transform:translateY(12px)}}
header{display:flex;align-items:center;gap:4px;padding:12px 10px 12px 16px;background:var(--brand);color:var(--on)}
header h2{flex:1;margin:0;font-size:17px;font-weight:600}
header button{width:36px;height:36px;font-size:20px;color:var(--on)}
header button:focus-visible{outline-color:var(--on);outline-offset:-3px}
.menu{position:absolute;top:56px;right:10px;background:var(--bg);border:1px solid var(--line);border-radius:10px;box-shadow:0 8px 24px #0003;padding:6px;z-index:1}
.menu button{display:block;width:100%;padding:8px 12px;text-align:left}
.menu button:hover{background:var(--theirs)}
.menu small{display:block;color:var(--soft);font-size:12px}
.banner{padding:10px 16px;background:var(--warn);color:var(--warnink);border-bottom:1px solid var(--line)}
.banner p{margin:0 0 4px}
.banner small{font-size:12px;user-select:all}
.log{flex:1;overflow-y:auto;padding:14px 16px;overscroll-behavior:contain}
.log ol{list-style:none;margin:0;padding:0;display:flex;flex-direction:column;gap:10px}
.line{max-width:84%;align-self:flex-start}
.line.mine{align-self:flex-end;text-align:right}
.line .who{font-size:12px;color:var(--soft);margin:0 4px 2px}
.line .body{display:inline-block;text-align:left;padding:8px 12px;border-radius:14px;background:var(--theirs);white-space:pre-wrap;overflow-wrap:anywhere}
.line.mine .body{background:var(--brand);color:var(--on)}
.line.waiting .body{background:var(--theirs);color:var(--ink)}
.line.failed .body{background:var(--warn);color:var(--warnink)}
.status,.typing{font-size:12px;color:var(--soft);margin:2px 4px 0;min-height:17px}
.older{display:block;margin:0 auto 12px;padding:6px 12px;color:var(--soft);text-decoration:underline}
form{padding:16px;display:flex;flex-direction:column;gap:12px;overflow-y:auto}
.start{flex:1}
.start label{display:block;font-weight:600}
input,textarea{width:100%;padding:9px 11px;border:1px solid #8a91a3;border-radius:10px;background:var(--bg);resize:none}
.start input,.start textarea{margin-top:4px;font-weight:400}
.composer{flex-direction:row;align-items:flex-end;padding:10px;border-top:1px solid var(--line);gap:8px}
.composer textarea{max-height:120px}
.go{padding:10px 16px;background:var(--brand);color:var(--on);font-weight:600}
.go:disabled{opacity:.55;cursor:default}
.plain{padding:8px;color:var(--soft);text-decoration:underline}
.foot{padding:12px 16px;border-top:1px solid var(--line)}
.foot .go{width:100%}
.problem{color:#a4121f;margin:0}
:host([data-theme=dark]) .problem{color:#ff9aa2}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (max-width:480px){.panel{inset:0;width:100%;height:100%;height:100dvh;border:0;border-radius:0}.panel:not([hidden])+.bubble{display:none}input,textarea{font-size:16px}}
@media (prefers-reduced-motion:reduce){.panel{animation:none}}
`;
