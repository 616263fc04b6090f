// Puts the page together: panes, the connection, and what comes over it.

import { $, el, toast } from './dom.js';
import { listen } from './api.js';
import * as chat from './chat.js';
import * as inspector from './inspector.js';
import * as store from './store.js';
import * as users from './users.js';

const CHOSEN = '#user=';
const FIRST = 'default';

function connection(state, words) {
  const line = $('connection');
  if (line.dataset.state !== state) {
    line.dataset.state = state;
    line.textContent = words;
  }
}

function pane(name) {
  const before = document.body.dataset.pane;
  document.body.dataset.pane = name;
  for (const button of document.querySelectorAll('.panes button')) {
    button.setAttribute('aria-pressed', String(button.dataset.pane === name));
  }
  if (name !== before) {
    store.watched();
  }
}

/** Shows a pane in such a way that the browser's Back returns to the one before, where one is shown at a time. */
function go(name) {
  if (name !== document.body.dataset.pane) {
    history.pushState({ pane: name }, '', location.hash || location.pathname);
    pane(name);
  }
}

function fromAddress() {
  return location.hash.startsWith(CHOSEN) ? decodeURIComponent(location.hash.slice(CHOSEN.length)) : null;
}

/** The business number in the address; empty for the first. */
const numberInAddress = () => new URLSearchParams(location.search).get('number') ?? '';

function showNumbers() {
  const { numbers, name } = store.state.settings;
  $('numbers').hidden = !numbers;
  $('number').hidden = !!numbers;
  const choice = $('number-choice');
  choice.replaceChildren(...(numbers ?? []).map((one) => el('option', { value: one.name, text: `${one.name} · ${store.shown(one.display_phone_number)}` })));
  choice.value = name ?? '';
}

function switchNumber(name) {
  history.pushState({ pane: document.body.dataset.pane }, '', name === FIRST ? location.pathname : `?number=${encodeURIComponent(name)}`);
  store.useNumber(numberInAddress());
  refresh();
}

async function refresh() {
  try {
    await store.reload();
    const wanted = fromAddress() ?? store.latest()[0]?.id;
    if (!store.state.chosen && wanted) {
      await store.choose(wanted);
    }
  } catch (failure) {
    toast(failure.message);
  }
}

users.start();
chat.start();
inspector.start();
for (const button of document.querySelectorAll('.panes button')) {
  button.addEventListener('click', () => go(button.dataset.pane));
}
pane('chat');
document.addEventListener('pane', (event) => go(event.detail));
store.state.watching = () => $('scroll').checkVisibility?.() ?? true;
document.addEventListener('trouble', (event) => toast(event.detail.message));
addEventListener('popstate', (event) => {
  pane(event.state?.pane ?? 'chat');
  const wanted = fromAddress();
  if (numberInAddress() !== store.state.number) {
    store.useNumber(numberInAddress());
    refresh();
    return;
  }
  if (wanted && wanted !== store.state.chosen) {
    store.choose(wanted).catch((failure) => toast(failure.message));
  }
});
store.on('settings', showNumbers);
$('number-choice').addEventListener('change', (event) => switchNumber(event.target.value));
store.on('chosen', () => {
  const before = fromAddress();
  if (store.state.chosen && before !== store.state.chosen) {
    // the first one chosen is where the page begins
    history[before === null ? 'replaceState' : 'pushState']({ pane: document.body.dataset.pane }, '', CHOSEN + encodeURIComponent(store.state.chosen));
  }
});
// a conversation that was looked at while the page was in the background is read when it comes back
document.addEventListener('visibilitychange', () => {
  const user = store.chosen();
  if (!document.hidden && user?.unread) {
    store.watched();
  }
});

store.useNumber(numberInAddress());
connection('connecting', 'Connecting…');
listen({
  open: () => {
    connection('live', 'Live');
    refresh();
  },
  lost: () => connection('lost', 'Reconnecting…'),
  reset: refresh,
  message: store.onMessage,
  call: store.onCall,
  forgotten: store.onForgotten,
  faults: store.onFaults,
});
