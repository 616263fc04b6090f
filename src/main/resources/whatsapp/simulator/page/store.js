// What the page knows: users, their conversations, calls, faults. Changed by events and answers; listeners draw it.

import * as api from './api.js';

const MAX_CALLS = 3000;
/** As many entries of a conversation as the simulator keeps itself, unless it is told otherwise. */
const MAX_ENTRIES = 1000;
const LATEST = 50;
const SEEN = 'simulator-seen';
const FIRST = 'first';

const listeners = new Map();

export const state = {
  settings: { kinds: [], faults: [], templates: [] },
  /** The name of the business number that the users here talk to; empty: the first. */
  number: '',
  users: new Map(),
  chosen: null,
  /** Whether the conversation can be seen: on a narrow screen one pane is shown at a time. */
  watching: () => true,
  calls: [],
  faults: [],
  callsEnd: false,
};

export function on(topic, listener) {
  listeners.set(topic, [...(listeners.get(topic) ?? []), listener]);
}

function changed(topic, detail) {
  listeners.get(topic)?.forEach((listener) => listener(detail));
}

// until when each conversation was looked at, so that unread counts outlive a reload
let seen = {};
try {
  seen = JSON.parse(localStorage.getItem(SEEN)) ?? {};
} catch {
  seen = {};
}

// what was said before this browser first came is not news to it
seen[FIRST] ??= Date.now();
keepSeen();

const seenKey = (id) => (state.number ? `${state.number}/${id}` : id);
const seenOf = (id) => Math.max(seen[seenKey(id)] ?? 0, seen[FIRST]);

function keepSeen() {
  const kept = Object.entries(seen).sort((a, b) => b[1] - a[1]).slice(0, 1000);
  try {
    localStorage.setItem(SEEN, JSON.stringify({ ...Object.fromEntries(kept), [FIRST]: seen[FIRST] }));
  } catch {
    // a browser that keeps nothing only forgets what was read
  }
}

const millis = (at) => Date.parse(at) || 0;

function person(id) {
  let found = state.users.get(id);
  if (!found) {
    found = { id, name: null, username: null, count: 0, last: null, lastAt: 0, unread: 0, entries: null, ids: new Set(), loads: new Set(), typingUntil: 0 };
    state.users.set(id, found);
  }
  return found;
}

function named(user, from) {
  user.name = from.name ?? user.name;
  user.username = from.username ?? user.username;
}

export function label(user) {
  return user.name || (user.username && `@${user.username}`) || shown(user.id);
}

/** A phone number with its plus; a user id as it is. */
export function shown(id) {
  return /^\d+$/.test(id) ? `+${id}` : id;
}

/** Users, the latest first. */
export function latest() {
  return [...state.users.values()].sort((a, b) => b.lastAt - a.lastAt || (a.id < b.id ? -1 : 1));
}

export const chosen = () => state.users.get(state.chosen) ?? null;

export function addUser(id, name, username) {
  const user = person(id);
  named(user, { name: name || null, username: username || null });
  user.added = true;
  user.entries ??= new Map();
  user.lastAt = Math.max(user.lastAt, Date.now());
  changed('users');
  choose(id);
}

export async function choose(id) {
  state.chosen = id;
  const user = person(id);
  changed('chosen');
  watched();
  if (!user.loaded) {
    await load(user);
  }
}

async function load(user) {
  // what is heard from here on is newer than the list
  const heard = new Set();
  user.loads.add(heard);
  let list;
  try {
    list = await api.messages(user.id);
  } finally {
    user.loads.delete(heard);
  }
  const entries = new Map((heard.forgotten ? [] : list).map((entry) => [entry.id, entry]));
  for (const id of heard) {
    const entry = user.entries?.get(id);
    if (entry) {
      entries.set(id, entry);
    }
  }
  user.entries = entries;
  sort(user);
  trim(user);
  user.ids = new Set(user.entries.keys());
  user.loaded = true;
  user.count = Math.max(user.count, user.entries.size);
  const last = [...user.entries.values()].at(-1);
  if (last) {
    user.last = last;
    user.lastAt = Math.max(user.lastAt, millis(last.at));
  }
  typing(user);
  changed('conversation', user.id);
  changed('users');
}

/** Puts the entries into the order they were said in; those of one moment stay as they came. */
function sort(user) {
  const timed = [...user.entries.values()].map((entry) => [millis(entry.at), entry]);
  user.entries = new Map(timed.sort((a, b) => a[0] - b[0]).map(([, entry]) => [entry.id, entry]));
}

/** The oldest go, as they do in the simulator. */
function trim(user) {
  for (const map of [user.entries, user.ids]) {
    for (const id of map.keys()) {
      if (map.size <= MAX_ENTRIES) {
        break;
      }
      map.delete(id);
    }
  }
}

function tail(entries, most) {
  const last = [];
  let before = entries.size - most;
  for (const entry of entries.values()) {
    if (--before < 0) {
      last.push(entry);
    }
  }
  return last;
}

function looked(user) {
  user.unread = 0;
  if (user.lastAt) {
    seen[seenKey(user.id)] = Math.max(seen[seenKey(user.id)] ?? 0, user.lastAt);
    keepSoon();
  }
}

/** The conversation has come into view. */
export function watched() {
  const user = chosen();
  if (user && document.visibilityState === 'visible' && state.watching()) {
    looked(user);
  }
  changed('users');
}

let keeping = false;
function keepSoon() {
  if (!keeping) {
    keeping = true;
    setTimeout(() => {
      keeping = false;
      keepSeen();
    }, 1000);
  }
}

const TYPING_MILLIS = 25_000;

/** The indicator shows until the business answers, 25 s at most. */
function typing(user) {
  const entries = tail(user.entries, LATEST);
  const asked = entries.findLast((entry) => entry.from === 'user' && entry.typing);
  const answered = entries.findLast((entry) => entry.from === 'business' && entry.type !== 'reaction');
  const due = asked && !(answered && entries.indexOf(answered) > entries.indexOf(asked));
  if (!due) {
    user.typingUntil = 0;
    user.typingFor = null;
  } else if (user.typingFor !== asked.id) {
    user.typingFor = asked.id;
    user.typingUntil = Math.max(Date.now(), millis(asked.at)) + TYPING_MILLIS;
    if (Date.now() - millis(asked.at) > TYPING_MILLIS * 2) {
      user.typingUntil = 0;
    }
    setTimeout(() => changed('conversation', user.id), Math.max(0, user.typingUntil - Date.now()) + 50);
  }
}

export function onMessage({ user: id, number = '', name, username, message: entry }) {
  if (number !== state.number) {
    return;
  }
  const user = person(id);
  user.heard = performance.now();
  named(user, { name, username });
  const at = millis(entry.at);
  user.entries ??= new Map();
  const known = user.ids.has(entry.id);
  if (!known && user.entries.size >= MAX_ENTRIES && at < millis(user.entries.values().next().value.at)) {
    // a tick of one that is too old to be kept
    return;
  }
  const isNew = !known && (user.loaded || at > user.lastAt);
  user.ids.add(entry.id);
  user.loads.forEach((heard) => heard.add(entry.id));
  if (!user.loaded && user.entries.size > 200 && state.chosen !== id) {
    // it is loaded whole when somebody looks at it
    user.entries.clear();
  }
  const late = !user.entries.has(entry.id) && at < user.lastAt;
  user.entries.set(entry.id, entry);
  if (late) {
    sort(user);
  }
  trim(user);
  if (isNew) {
    user.count++;
    if (entry.from === 'business' && entry.type !== 'reaction') {
      user.unread++;
    }
  }
  if (isNew || !user.last || millis(entry.at) >= millis(user.last.at)) {
    user.last = entry;
    user.lastAt = Math.max(user.lastAt, millis(entry.at));
  }
  typing(user);
  if (state.chosen === id && document.visibilityState === 'visible' && state.watching()) {
    looked(user);
  }
  changed('conversation', id);
  changed('users');
}

export function onForgotten({ user: id, number = '', known_as: knownAs }) {
  if (number !== state.number) {
    return;
  }
  const user = state.users.get(id);
  if (user) {
    user.loads.forEach((heard) => {
      heard.clear();
      heard.forgotten = true;
    });
    if (state.chosen === id && knownAs) {
      state.users.delete(id);
      choose(knownAs).catch((failure) => document.dispatchEvent(new CustomEvent('trouble', { detail: failure })));
    } else if (state.chosen === id) {
      Object.assign(user, { entries: new Map(), ids: new Set(), last: null, count: 0, unread: 0, typingUntil: 0, typingFor: null });
    } else {
      state.users.delete(id);
    }
    changed('conversation', id);
    changed('users');
  }
}

const reloads = new Set();

export function onCall(call) {
  reloads.forEach((one) => one.calls.push(call));
  place(call);
  changed('calls', call);
}

function place(call) {
  const at = state.calls.findIndex((one) => one.seq <= call.seq);
  if (at >= 0 && state.calls[at].seq === call.seq) {
    state.calls[at] = call;
  } else {
    state.calls.splice(at < 0 ? state.calls.length : at, 0, call);
  }
  if (state.calls.length > MAX_CALLS) {
    state.calls.length = MAX_CALLS;
    state.callsEnd = false;
  }
}

export function onFaults(list) {
  reloads.forEach((one) => {
    one.faults = list;
  });
  state.faults = list;
  changed('faults');
}

/** From now on the conversations are those with another number; what they are is asked for apart. */
export function useNumber(name) {
  api.use(name);
  state.number = name;
  state.users = new Map();
  state.chosen = null;
  changed('number');
  changed('chosen');
  changed('users');
}

/** Asks for everything anew: at the start, after a gap, after a connection that was lost. */
export async function reload() {
  const began = performance.now();
  const { number } = state;
  // what comes over the events in the meantime is newer
  const heard = { calls: [], faults: null };
  reloads.add(heard);
  let answers;
  try {
    answers = await Promise.all([api.settings(), api.users(), api.calls({ limit: 200 }), api.faults()]);
  } finally {
    reloads.delete(heard);
  }
  if (number !== state.number) {
    return;
  }
  const [settings, users, calls, faults] = answers;
  state.settings = settings;
  state.faults = heard.faults ?? faults;
  state.calls = calls;
  state.callsEnd = calls.length < 200;
  heard.calls.forEach(place);
  const known = new Set(users.map((one) => one.user));
  for (const [id, user] of state.users) {
    // gone with the simulator that was; not one added here, nor one heard of while the list was on its way
    if (!known.has(id) && id !== state.chosen && !user.added && !(user.heard >= began)) {
      state.users.delete(id);
    }
  }
  for (const one of users) {
    const user = person(one.user);
    named(user, one);
    user.count = one.messages;
    user.loaded = user.id === state.chosen && user.loaded;
    if (one.last && !(user.heard >= began && user.lastAt > millis(one.last.at))) {
      user.last = { ...one.last, id: null };
      user.lastAt = millis(one.last.at);
      const unread = one.last.from === 'business' && user.lastAt > seenOf(user.id);
      user.unread = unread ? Math.max(1, user.unread) : 0;
    }
  }
  changed('settings');
  changed('faults');
  changed('calls');
  changed('users');
  const user = chosen();
  if (user) {
    await load(user);
    watched();
  }
}

/** Adds older calls to the list. */
export async function olderCalls(about) {
  const oldest = state.calls.at(-1);
  const more = await api.calls({ limit: 200, before: oldest?.seq, user: about });
  const known = new Set(state.calls.map((call) => call.seq));
  state.calls = [...state.calls, ...more.filter((call) => !known.has(call.seq))].slice(0, MAX_CALLS * 2);
  state.callsEnd = more.length < 200;
  changed('calls');
}
