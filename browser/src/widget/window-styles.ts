/** Everything in the window. The names of the colours come from the host. */
export const WINDOW_STYLES = `
:placeholder-shown{direction:inherit}
.panel{position:fixed;left:var(--plr-left);right:var(--plr-right);bottom:calc(var(--plr-y) + var(--plr-above) + var(--plr-covered,0px));width:min(380px,calc(100vw - 40px));height:min(620px,calc(100dvh - 28px - var(--plr-y) - var(--plr-above) - var(--plr-covered,0px)));display:flex;flex-direction:column;background:var(--plr-bg);border:1px solid var(--plr-line);border-radius:16px;overflow:hidden;box-shadow:0 16px 48px #0005}
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
@media (forced-colors:active){.body,.go,.menu button{border:1px solid}}
@media (max-width:480px){.panel{inset:0;width:100%;height:calc(100dvh - var(--plr-covered,0px));border:0;border-radius:0}input,textarea{font-size:16px}}
:host([data-in-page]) .panel{position:absolute!important;inset:0!important;width:auto!important;height:auto!important;border-radius:0!important;box-shadow:none!important}
`;
