/** An empty note stays in the page, so that screen readers read what comes into it. */
export const FILE_STYLES = `
.tray{flex-basis:100%;min-width:0;max-height:200px;overflow-y:auto}
.tray .problem{white-space:pre-line}
.choices{display:flex;flex-wrap:wrap;gap:8px;padding-bottom:4px}
.choices .go{min-height:44px}
.files{list-style:none;margin:0;padding:0;display:flex;flex-direction:column;gap:6px}
.log .files{grid-row:3;margin-top:3px}
.log .files:first-child,.log .body[hidden]+.files{margin-top:0}
.mine .files{align-items:flex-end}
.file{position:relative;display:flex;flex-wrap:wrap;align-items:center;gap:2px 8px;max-width:100%;padding:4px;border:1px solid var(--plr-line);border-radius:12px;text-align:start}
.tray .file{flex-wrap:nowrap}
.thumb{flex:none;width:44px;height:44px;border-radius:8px;background:var(--plr-theirs);overflow:hidden}
.thumb:empty::after{content:'';display:block;width:14px;height:18px;margin:13px auto;border:2px solid var(--plr-soft);border-radius:3px}
.thumb canvas,.preview img{display:block;width:100%;height:100%;object-fit:cover}
.preview{display:block;flex:0 0 100%;width:220px;height:150px;border-radius:9px;background:var(--plr-theirs);overflow:hidden}
.file .name{flex:1;min-width:0;overflow-wrap:anywhere}
.file small{font-size:12px;color:var(--plr-soft);white-space:nowrap}
.get{min-height:44px;padding:4px 8px;text-align:start;overflow-wrap:anywhere}
.get bdi{text-decoration:underline}
.cancel{flex:none;width:44px;height:44px;font-size:20px;color:var(--plr-soft)}
.file progress{flex:1 0 100%;width:100%;height:6px;accent-color:var(--plr-brand)}
.note:empty{position:absolute}
.note{flex:1 0 100%;margin:0;padding:0 4px;font-size:12px;color:var(--plr-soft)}
@media (forced-colors:active){.file,.thumb,.preview{border:1px solid}}
`;
