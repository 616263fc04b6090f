// What the page asks of the simulator. Refusals become errors with the sentence that the simulator gave.

const BASE = '/simulator';

/** The name of the business number that users write to; empty: the first. */
let number = '';

export function use(name) {
  number = name;
}

const ofNumber = (path) => (number ? `${path}?number=${encodeURIComponent(number)}` : path);

async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(BASE + path, { cache: 'no-store', ...options });
  } catch {
    throw new Error('The simulator does not answer. Is it still running?');
  }
  const text = await response.text();
  let answer = null;
  try {
    answer = text ? JSON.parse(text) : null;
  } catch {
    answer = null;
  }
  if (!response.ok) {
    const failure = new Error(answer?.error?.message ?? answer?.error ?? `The simulator answered ${response.status}.`);
    failure.status = response.status;
    failure.answer = answer;
    throw failure;
  }
  return answer;
}

const post = (path, body) => call(path, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});
const user = (id) => `/users/${encodeURIComponent(id)}`;

export const settings = () => call(ofNumber('/settings'));
export const users = () => call(ofNumber('/users'));
export const messages = (id) => call(ofNumber(`${user(id)}/messages`));
export const forget = (id) => call(ofNumber(`${user(id)}/messages`), { method: 'DELETE' });
export const faults = () => call('/faults');
export const addFault = (fault) => post('/faults', fault);
export const clearFaults = () => call('/faults', { method: 'DELETE' });
export const oneCall = (seq) => call(`/calls/${seq}`);
export const replay = (seq) => post(`/calls/${seq}/replay`, {});

export function calls({ limit, before, user: about }) {
  const query = new URLSearchParams({ limit });
  if (before) {
    query.set('before', before);
  }
  if (about) {
    query.set('user', about);
  }
  return call(`/calls?${query}`);
}

/** Keeps a file; the answer is {id, mime_type, bytes}. */
export function upload(id, file, { words, filename } = {}) {
  const query = new URLSearchParams();
  if (words) {
    query.set('words', words);
  }
  if (filename) {
    query.set('filename', filename);
  }
  return call(`${user(id)}/files${query.size ? `?${query}` : ''}`, {
    method: 'POST',
    headers: { 'Content-Type': file.type || 'application/octet-stream' },
    body: file,
  });
}

const lanes = new Map();
const HEAD_START = 400;

/**
 * Says something as a user. What one user says starts in the order it was said; a webhook that takes long holds up the
 * next message for a moment only.
 */
export function say(id, message) {
  const path = ofNumber(`${user(id)}/messages`);
  const before = lanes.get(path) ?? Promise.resolve();
  const said = before.then(() => post(path, message));
  const settled = said.catch(() => {});
  lanes.set(path, Promise.race([settled, before.then(() => new Promise((done) => setTimeout(done, HEAD_START)))]));
  return said;
}

/**
 * The live events. The browser reconnects by itself and says which event it saw last; when it gave up, this tries again.
 *
 * @param on {open, lost, reset, message, call, forgotten, faults}
 */
export function listen(on) {
  const kinds = ['message', 'call', 'forgotten', 'faults', 'reset'];
  let last = '';
  const connect = () => {
    const source = new EventSource(`${BASE}/events${last ? `?after=${encodeURIComponent(last)}` : ''}`);
    source.onopen = () => on.open();
    source.onerror = () => {
      on.lost();
      if (source.readyState === EventSource.CLOSED) {
        setTimeout(connect, 2000);
      }
    };
    for (const kind of kinds) {
      // an event named "message" is also what EventSource calls one without a name
      source.addEventListener(kind, (event) => {
        last = event.lastEventId || last;
        on[kind](event.data ? JSON.parse(event.data) : null);
      });
    }
  };
  connect();
}
