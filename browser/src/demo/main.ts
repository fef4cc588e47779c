/** The demo shop: puts the chat on itself, for the deployment in the page's address. */
const key = new URLSearchParams(location.search).get('deploymentKey') ?? '';
const problem = document.getElementById('problem');

function say(what: string): void {
  if (!problem) return;
  problem.textContent = what;
  problem.hidden = false;
}

if (!window.Parlour) {
  say('The chat is missing: /webchat.js was not loaded. Look into the console of the developer tools.');
} else if (!key) {
  say('This page needs a deployment key in its address: /demo?deploymentKey=CV… The command ./parlour up prints the whole address.');
} else if (!/^CV[0-9a-f]{32}$/.test(key)) {
  say('The deploymentKey in this page’s address is none: it has CV and then 32 digits and letters from a to f.');
} else {
  window.Parlour.initWebchat({ deploymentKey: key, context: { page: 'demo shop' } });
}
