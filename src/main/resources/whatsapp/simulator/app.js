// Puts the page together: panes, the connection, and what comes over it.

import { $, toast } from './dom.js';
import { listen } from './api.js';
import * as chat from './chat.js';
import * as inspector from './inspector.js';
import * as store from './store.js';
import * as users from './users.js';

const CHOSEN = '#user=';

function connection(state, words) {
  const line = $('connection');
  if (line.dataset.state !== state) {
    line.dataset.state = state;
    line.textContent = words;
  }
}

function pane(name) {
  document.body.dataset.pane = name;
  for (const button of document.querySelectorAll('.panes button')) {
    button.setAttribute('aria-pressed', String(button.dataset.pane === name));
  }
}

function fromAddress() {
  return location.hash.startsWith(CHOSEN) ? decodeURIComponent(location.hash.slice(CHOSEN.length)) : null;
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
  button.addEventListener('click', () => pane(button.dataset.pane));
}
pane('chat');
document.addEventListener('pane', (event) => pane(event.detail));
document.addEventListener('trouble', (event) => toast(event.detail.message));
addEventListener('hashchange', () => {
  const wanted = fromAddress();
  if (wanted && wanted !== store.state.chosen) {
    store.choose(wanted).catch((failure) => toast(failure.message));
  }
});
store.on('chosen', () => {
  history.replaceState(null, '', CHOSEN + encodeURIComponent(store.state.chosen));
});
// a conversation that was looked at while the page was in the background is read when it comes back
document.addEventListener('visibilitychange', () => {
  const user = store.chosen();
  if (!document.hidden && user?.unread) {
    store.choose(user.id);
  }
});

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
