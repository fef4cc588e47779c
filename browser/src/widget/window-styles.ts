import { TINTS } from '../dom/avatar';
import { FULL_SCREEN } from './colors';

/** Everything in the window. The names of the colours come from the host. */
export const WINDOW_STYLES = `
*{scrollbar-color:var(--plr-edge) transparent}
:placeholder-shown{direction:inherit}
:focus-visible{outline:2px solid var(--plr-accent);outline-offset:2px}
.panel{position:fixed;left:var(--plr-left);right:var(--plr-right);bottom:calc(var(--plr-y) + var(--plr-above) + env(safe-area-inset-bottom,0px) + var(--plr-covered,0px));width:min(392px,calc(100vw - 40px));height:min(680px,calc(100dvh - 20px - var(--plr-y) - var(--plr-above) - var(--plr-covered,0px)));display:flex;flex-direction:column;background:var(--plr-bg);border:1px solid var(--plr-line);border-radius:20px;overflow:hidden;box-shadow:0 12px 48px #0003,0 2px 8px #0001}
header{display:flex;align-items:center;gap:12px;padding:12px;padding-inline:16px 8px;background:var(--plr-brand);color:var(--plr-on)}
header .name{flex:1;min-width:0;line-height:1.3;overflow-wrap:anywhere}
header h2{margin:0;font-size:16px;font-weight:650}
.presence{margin:0;font-size:13px}
header button,.box button{flex:none;width:44px;height:44px;padding:0;border-radius:50%}
header button{color:var(--plr-on)}
header button:hover{background:color-mix(in srgb,var(--plr-on) 14%,transparent)}
header button+button{margin-inline-start:-12px}
header svg,header button:focus-visible{outline-color:var(--plr-on);outline-offset:-4px}
button[aria-controls=menu] svg{stroke-width:3}
.emblem{flex:none;display:flex;width:40px;height:40px;border-radius:50%;background:var(--plr-on);color:var(--plr-brand);overflow:hidden}
.emblem img{width:100%;height:100%;object-fit:cover}
.faces{display:flex}
.faces .avatar{width:40px;height:40px;font-size:14px;box-shadow:0 0 0 2px var(--plr-brand)}
.faces .avatar+.avatar{margin-inline-start:-14px}
.panel[data-state=idle] header{flex-wrap:wrap;justify-content:space-between;padding-block:16px 52px}
.panel[data-state=idle]{height:auto;max-height:calc(100dvh - 20px - var(--plr-y) - var(--plr-above) - var(--plr-covered,0px));background:var(--plr-theirs)}
[data-state=idle] .name{order:1;flex:0 0 100%;padding-inline-end:8px}
[data-state=idle] .emblem{width:52px;height:52px}
[data-state=idle] header svg{width:26px;height:26px}
[data-state=idle] h2{font-size:26px}
[data-state=idle] .presence{font-size:15px;margin-top:4px}
.menu{position:absolute;top:60px;inset-inline-end:10px;min-width:240px;background:var(--plr-bg);border:1px solid var(--plr-line);border-radius:14px;box-shadow:0 8px 32px #0003;padding:6px;z-index:1}
.menu button{display:block;width:100%;min-height:44px;padding:8px 12px;text-align:start}
.menu button:hover{background:var(--plr-theirs)}
.menu .switch{display:flex;align-items:center;gap:12px}
.switch svg{margin-inline-end:0}
.switch[aria-pressed=false] svg{visibility:hidden}
.menu small{display:block;margin-top:-6px;padding:0 12px 8px;color:var(--plr-soft);font-size:12px}
.menu p{margin:0;padding:10px 12px 12px;max-width:272px}
.menu .answers{display:flex;flex-wrap:wrap;gap:8px;padding:0 6px 6px}
.menu .answers button{flex:1;width:auto;text-align:center;border:1px solid var(--plr-edge);font-weight:600}
.menu .answers .go{border-color:transparent;background:var(--plr-brand)}
.banner{display:grid;gap:4px;padding:10px 16px;font-size:14px;background:var(--plr-theirs);overflow-wrap:anywhere}
.banner.reconnecting{background:var(--plr-warn);color:var(--plr-warnink)}
.banner.interrupted{background:var(--plr-stop);color:var(--plr-stopink)}
.banner small{font-size:12px;user-select:all}
.log{position:relative;flex:1;display:flex;flex-direction:column;overflow-y:auto;padding:16px 14px;overscroll-behavior:contain}
.log:focus-visible{outline-offset:-4px}
.intro{display:flex;flex-direction:column;align-items:center;padding:12px 24px 20px;text-align:center;color:var(--plr-soft);font-size:14px}
.intro .emblem{width:56px;height:56px;margin-bottom:10px;background:var(--plr-brand);color:var(--plr-on)}
.intro strong{font-size:17px;font-weight:650;color:var(--plr-ink);overflow-wrap:anywhere}
.intro p{margin:4px 0 0}
[data-state=interrupted] .intro p{display:none}
.log ol{list-style:none;margin:0;padding:0;display:flex;flex-direction:column}
.day,.note{align-self:center;margin:14px 12px 0;font-size:12px;color:var(--plr-soft);text-align:center;overflow-wrap:anywhere}
.day:first-child{margin-top:0}
.day+.first,.note+.first{margin-top:10px}
.line{display:grid;grid-template-columns:auto minmax(0,1fr);column-gap:8px;max-width:86%;margin-top:3px;align-self:flex-start}
.line.first{margin-top:14px}
.line.mine{align-self:flex-end;justify-items:end}
.line>*{grid-column:2}
.line>.face{grid-area:2/1/4/2;width:28px;align-self:end}
.mine>.face,.line:not(.last) .avatar{display:none}
.who{grid-row:1;font-size:12px;color:var(--plr-soft);margin:0 4px 3px;overflow-wrap:anywhere}
.body{grid-row:2;justify-self:start;max-width:100%;text-align:start;padding:8px 13px;border-radius:18px;background:var(--plr-theirs);white-space:pre-wrap;overflow-wrap:anywhere}
.body a{color:inherit;text-underline-offset:2px}
.line:not(.first):not(.mine) .body{border-start-start-radius:6px}
.line:not(.last):not(.mine) .body{border-end-start-radius:6px}
.mine:not(.first) .body{border-start-end-radius:6px}
.mine:not(.last) .body{border-end-end-radius:6px}
.mine .body{justify-self:end;background:var(--plr-brand);color:var(--plr-on)}
.waiting .body{outline:1px dashed var(--plr-on);outline-offset:-4px}
.failed .body{background:var(--plr-warn);color:var(--plr-warnink)}
.meta{grid-row:4;display:none;flex-wrap:wrap;align-items:center;column-gap:8px;font-size:12px;color:var(--plr-soft);margin:3px 4px 0}
.mine .meta{justify-content:flex-end;text-align:end}
.noted .meta,.body:focus~.meta{display:flex}
.line:not(.last):not(:focus-within) time{display:none}
.body:focus~.meta time span{display:none}
.body:focus~.meta time::after{content:attr(title)}
.again,.older,.plain{padding:6px 10px;color:var(--plr-soft);text-decoration:underline}
.status:empty{display:none}
.older,.plain{min-height:44px}
.again{font-size:12px;min-height:24px;padding:2px 4px}
.older{align-self:center;margin-bottom:8px}
.avatar{display:flex;align-items:center;justify-content:center;flex:none;width:28px;height:28px;border-radius:50%;color:#fff;font-size:11px;font-weight:600;line-height:1;user-select:none}
.avatar::before{content:attr(data-initials)}
${TINTS.map((ground, at) => `.tint-${at}{background:${ground}}`).join('\n')}
.dots{display:flex;align-items:end;gap:8px;margin-top:14px}
.dots>:last-child{display:flex;gap:4px;padding:15px 14px;border-radius:18px;background:var(--plr-theirs)}
.dots>:last-child>span{width:7px;height:7px;border-radius:50%;background:var(--plr-soft)}
.newer{display:flex;align-items:center;gap:6px;align-self:center;min-height:44px;margin:-56px 0 12px;position:relative;padding:6px 18px 6px 12px;border-radius:22px;background:var(--plr-brand);color:var(--plr-on);font-size:14px;font-weight:600;box-shadow:0 4px 16px #0004}
.newer svg{width:18px;height:18px;stroke-width:2.4}
.unseen{position:absolute;width:1px;height:1px;margin:0;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
form{display:flex;flex-direction:column}
.start{position:relative;margin:-32px 16px 16px;padding:20px;gap:14px;overflow-y:auto;background:var(--plr-bg);border:1px solid var(--plr-line);border-radius:16px;box-shadow:0 6px 24px #0001}
.banner p,.start p{margin:0}
.start label{display:block;font-size:14px;font-weight:600}
input,textarea{width:100%;padding:10px 13px;border:1px solid var(--plr-edge);border-radius:12px;background:var(--plr-bg);resize:none}
input:focus-visible,.start textarea:focus-visible,.box:focus-within{outline:2px solid transparent;border-color:var(--plr-accent);box-shadow:0 0 0 3px var(--plr-ring)}
::placeholder{color:var(--plr-soft);opacity:1}
.start input,.start textarea{display:block;min-height:44px;margin-top:6px;font-size:15px;font-weight:400}
.composer{padding:8px 12px calc(12px + env(safe-area-inset-bottom,0px));gap:6px}
.box{display:flex;align-items:flex-end;border:1px solid var(--plr-edge);border-radius:24px}
.box textarea{flex:1;min-width:0;height:44px;max-height:144px;padding:11px 2px;border:0;border-radius:0;background:none;outline:0}
.box button{color:var(--plr-soft)}
.box button:hover{color:var(--plr-ink)}
.box svg{width:22px;height:22px}
.box .go{padding:5px;background-clip:content-box;color:var(--plr-on)}
.box .go svg{width:20px;height:20px;stroke-width:2.4}
.box :placeholder-shown~.go{background:none;color:var(--plr-accent)}
.go{min-height:44px;padding:10px 16px;border-radius:12px;background:var(--plr-brand);color:var(--plr-on);font-weight:600}
[aria-disabled=true]{opacity:.6;cursor:default}
.foot{display:flex;flex-wrap:wrap;gap:8px;padding:12px 16px calc(12px + env(safe-area-inset-bottom,0px));border-top:1px solid var(--plr-line)}
.foot button{flex:1}
.foot .go+button{border:1px solid var(--plr-edge);font-weight:600}
.away{margin:0;padding:8px 12px;border-radius:12px;background:var(--plr-theirs);font-size:14px;overflow-wrap:anywhere}
.problem,.unsent{color:var(--plr-bad);margin:0;overflow-wrap:anywhere}
.away:empty,.problem:empty,.unsent:empty{position:absolute;padding:0}
@media (forced-colors:active){header{border-bottom:1px solid}.start,.box,.emblem,.body,.go,.newer,.avatar,.dots>:last-child,.menu button,.banner{border:1px solid}.dots>:last-child>span{background:CanvasText}}
@media ${FULL_SCREEN}{.panel,.panel[data-state=idle]{inset:0;width:100%;height:calc(100dvh - var(--plr-covered,0px));max-height:none;border:0;border-radius:0}header{padding-top:calc(12px + env(safe-area-inset-top,0px))}input,textarea,.start input,.start textarea{font-size:16px}}
@media (max-height:500px){.panel[data-state=idle]{overflow-y:auto}.start{flex:none}}
@media (prefers-reduced-motion:no-preference){.panel,[data-fresh]{animation:rise .16s ease-out}.dots>:last-child>span{animation:wave 1.2s infinite}.dots>:last-child>:nth-child(2){animation-delay:.15s}.dots>:last-child>:nth-child(3){animation-delay:.3s}.go,.box button,.menu button,header button{transition:background .16s,color .16s}}
:host([data-in-page]) .panel{position:absolute;inset:0;width:auto;height:auto;max-height:none;border-radius:0;box-shadow:none}
@keyframes rise{from{opacity:0;translate:0 8px}}
@keyframes wave{0%,60%,to{opacity:.4}30%{opacity:1;translate:0 -3px}}
`;
