/** The form page's only stylesheet. It stands inside the page, allowed by its hash; plain enough for browsers without scripts. */
export const FORM_STYLE = `
:root { color-scheme: light dark; --page: #eef1f3; --card: #fff; --ink: #14191f; --soft: #56606b; --border: #828c96;
  --faint: #dfe4e8; --wash: #f4f6f8; --fill: #0b6e4f; --on-fill: #fff; --line: #0b6e4f; --bad: #b3261e; --bad-wash: #fdf1f0; }
@media (prefers-color-scheme: dark) { :root { --page: #0b0e13; --card: #171b21; --ink: #f1f4f6; --soft: #a6b0ba; --border: #727d89;
  --faint: #323943; --wash: #20262e; --fill: #50d2a0; --on-fill: #06251a; --line: #50d2a0; --bad: #ffb4ab; --bad-wash: #2b1d1d; } }
*, ::before, ::after { box-sizing: border-box; }
body { display: flex; flex-direction: column; align-items: center; justify-content: center; min-height: 100vh; margin: 0; padding: 24px;
  background: var(--page); color: var(--ink); font: 16px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  font-variant-numeric: tabular-nums; text-align: start; overflow-wrap: anywhere; -webkit-text-size-adjust: 100%; }
main { inline-size: 100%; max-inline-size: 416px; padding: 28px; border: 1px solid var(--faint); border-radius: 20px;
  background: var(--card); box-shadow: 0 16px 48px rgb(16 24 32 / 0.12); }
h1 { margin: 0; font-size: 24px; line-height: 1.2; letter-spacing: -0.01em; text-wrap: balance; }
p { margin: 0; }
.company { margin-block-end: 6px; color: var(--soft); font-size: 14px; font-weight: 600; }
.lead { margin-block-start: 8px; color: var(--soft); }
form, .actions { display: grid; gap: 18px; margin-block-start: 24px; }
.actions { gap: 12px; }
.actions form { margin: 0; }
.field { display: grid; gap: 6px; }
label { font-weight: 600; font-size: 15px; }
input, select, button { font: inherit; color: inherit; }
input:not([type=checkbox]), select { inline-size: 100%; min-block-size: 52px; padding: 10px 14px; border: 1.5px solid var(--border);
  border-radius: 12px; background: var(--card); }
.choice { position: relative; }
.choice select { padding-inline-end: 44px; appearance: none; cursor: pointer; text-overflow: ellipsis; }
.choice::after { content: ""; position: absolute; inset-block-start: 19px; inset-inline-end: 18px; inline-size: 9px; block-size: 9px;
  border: solid var(--soft); border-width: 0 2px 2px 0; transform: rotate(45deg); pointer-events: none; }
input[type=tel] { font-size: 20px; font-weight: 500; letter-spacing: 0.01em; }
[dir=ltr] { text-align: start; }
[aria-invalid=true] { border-color: var(--bad) !important; }
.consent { display: grid; grid-template-columns: auto 1fr; gap: 4px 12px; align-items: start; }
.consent label { padding-block: 2px; font-weight: 400; font-size: 14px; }
.consent a, .consent .wrong { grid-column: 2; }
input[type=checkbox] { inline-size: 24px; block-size: 24px; margin: 0; accent-color: var(--fill); }
input[type=checkbox][aria-invalid=true] { outline: 2px solid var(--bad); outline-offset: 1px; border-radius: 4px; }
.wrong { color: var(--bad); font-size: 14px; font-weight: 500; }
.notice { margin-block-start: 20px; padding: 14px 16px; border: 1px solid var(--bad); border-radius: 12px; background: var(--bad-wash); }
.notice strong { display: block; }
.notice p { margin-block-start: 4px; font-size: 15px; }
.button { display: flex; align-items: center; justify-content: center; inline-size: 100%; min-block-size: 52px; padding: 10px 20px;
  border: 1.5px solid var(--border); border-radius: 12px; background: transparent; color: inherit; font-weight: 600; text-align: center;
  text-decoration: none; cursor: pointer; }
.button.main { border-color: var(--fill); background: var(--fill); color: var(--on-fill); }
.button:hover { opacity: 0.92; }
.small { margin-block-start: 20px; color: var(--soft); font-size: 14px; text-align: center; }
.small a, .consent a { display: inline-block; padding-block: 12px; color: inherit; }
.consent a { padding-block: 4px 10px; font-size: 14px; }
ol { display: grid; gap: 0; margin: 24px 0 0; padding: 0; list-style: none; }
li { position: relative; padding: 0 0 22px; padding-inline-start: 36px; color: var(--soft); }
li:last-child { padding-block-end: 0; }
li::before { content: ""; position: absolute; inset-block-start: 1px; inset-inline-start: 0; inline-size: 22px; block-size: 22px;
  border: 2px solid var(--border); border-radius: 50%; background: var(--card); z-index: 1; }
li:not(:last-child)::after { content: ""; position: absolute; inset-block: 22px 0; inset-inline-start: 10px; inline-size: 2px; background: var(--faint); }
li.past { color: var(--ink); }
li.past::before { border-color: var(--fill); background: var(--fill); color: var(--on-fill); font: 700 13px/19px system-ui, sans-serif;
  text-align: center; content: "✓"; content: "✓" / ""; }
li.past::after { background: var(--fill) !important; }
li.now { color: var(--ink); font-weight: 600; }
li.now::before { border-color: var(--fill); box-shadow: inset 0 0 0 4px var(--card), inset 0 0 0 11px var(--fill); }
:focus-visible { outline: 3px solid var(--line); outline-offset: 2px; }
@media (max-width: 480px) { body { justify-content: flex-start; padding: 0; background: var(--card); }
  main { max-inline-size: none; padding: 28px 20px max(28px, env(safe-area-inset-bottom)); border: 0; border-radius: 0; box-shadow: none; } }
@media (forced-colors: active) { li.past::before, li.now::before { background: CanvasText; } }
`;
