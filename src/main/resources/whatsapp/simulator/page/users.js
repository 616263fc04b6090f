// The list of users, and the dialog that adds one.

import { $, dialog, eachFrame, el, field, moveFocus, rove, time, unseen } from './dom.js';
import { summary } from './bubbles.js';
import * as store from './store.js';

const MOST = 150;
const rows = new Map();
let filter = '';
let most = MOST;

/** A stable one of eight colours. */
export function hue(id) {
  let hash = 2166136261;
  for (const letter of id) {
    hash = Math.imul(hash ^ letter.codePointAt(0), 16777619) >>> 0;
  }
  return `hue-${((hash ^ (hash >>> 15)) >>> 0) % 8}`;
}

export function initials(user) {
  const words = (user.name || user.username || '').trim().split(/\s+/).filter(Boolean);
  const letters = words.length ? [...words].slice(0, 2).map((word) => [...word][0]).join('') : user.id.slice(-2);
  return letters.toUpperCase();
}

function matches(user) {
  return !filter || `${user.name ?? ''} ${user.username ?? ''} ${store.shown(user.id)}`.toLowerCase().includes(filter);
}

function draw() {
  const list = $('user-list');
  const all = store.latest().filter(matches);
  const shown = all.slice(0, most);
  const here = document.activeElement;
  names = new Map();
  for (const user of store.state.users.values()) {
    names.set(store.label(user), (names.get(store.label(user)) ?? 0) + 1);
  }
  const wanted = new Set();
  let at = list.firstElementChild;
  for (const user of shown) {
    const row = rowOf(user);
    wanted.add(row);
    if (row === at) {
      at = at.nextElementSibling;
    } else {
      list.insertBefore(row, at);
    }
  }
  while (at) {
    const next = at.nextElementSibling;
    at.remove();
    at = next;
  }
  for (const [id, row] of rows) {
    if (!wanted.has(row)) {
      rows.delete(id);
    }
  }
  if (here && here !== document.activeElement && list.contains(here)) {
    here.focus({ preventScroll: true });
  }
  rove(list, '[role=option]', list.querySelector('[aria-selected=true]') ?? undefined);
  const hint = $('users-hint');
  hint.hidden = shown.length > 0 && all.length <= shown.length;
  hint.replaceChildren(!state().users.size ? 'Nobody has talked yet. Add a user to begin.'
    : !all.length ? 'No user matches.'
      : el('button', { type: 'button', class: 'plain', text: `Show ${Math.min(MOST, all.length - shown.length)} more of ${all.length}`, onclick: () => {
        most += MOST;
        draw();
      } }));
  const unread = [...store.state.users.values()].reduce((sum, user) => sum + user.unread, 0);
  const badge = $('panes-unread');
  badge.hidden = !unread;
  badge.replaceChildren(unseen(', '), unread > 99 ? '99+' : String(unread), unseen(' unread'));
  document.title = `${unread ? `(${unread}) ` : ''}Simulator`;
}

const state = () => store.state;

let names = new Map();
/** Whether another user goes by the same name. */
const twins = (user) => names.get(store.label(user)) > 1;

function rowOf(user) {
  let row = rows.get(user.id);
  if (!row) {
    row = el('div', { role: 'option', class: 'user', tabindex: '-1', dataset: { user: user.id } });
    rows.set(user.id, row);
  }
  const last = user.last ? `${user.last.from === 'user' ? 'You: ' : ''}${summary(user.last, (id) => user.entries?.get(id))}` : 'No message yet';
  const picture = [store.label(user), twins(user), last, user.lastAt, user.unread, store.state.chosen === user.id].join('\n');
  if (row.picture !== picture) {
    row.picture = picture;
    row.setAttribute('aria-selected', String(store.state.chosen === user.id));
    row.replaceChildren(
      el('span', { class: `avatar ${hue(user.id)}`, 'aria-hidden': 'true', text: initials(user) }),
      el('span', { class: 'name' }, el('bdi', { text: store.label(user) }), twins(user) && el('small', { text: store.shown(user.id) })),
      el('time', { text: user.last ? time(user.last.at) : '' }),
      el('span', { class: 'last', dir: 'auto', text: last }),
      user.unread > 0 && el('span', { class: 'badge' }, unseen(', '), user.unread > 99 ? '99+' : String(user.unread), unseen(' unread')) || '');
  }
  return row;
}

function open(row) {
  store.choose(row.dataset.user).catch((failure) => document.dispatchEvent(new CustomEvent('trouble', { detail: failure })));
  document.dispatchEvent(new CustomEvent('pane', { detail: 'chat' }));
}

export function addUserDialog() {
  const id = el('input', { required: true, autocomplete: 'off', spellcheck: 'false', maxlength: '140' });
  const name = el('input', { autocomplete: 'off', maxlength: '128' });
  const username = el('input', { autocomplete: 'off', spellcheck: 'false', maxlength: '35' });
  let free = 101;
  while (store.state.users.has(`15555550${free}`)) {
    free++;
  }
  id.value = `15555550${free}`;
  dialog({
    title: 'Add a user',
    body: [
      field('Phone number or user id', id, 'Digits, or a business-scoped user id such as US.13491208655302741918 for a user who hides the number.'),
      field('Name', name, 'As the profile shows it; may stay empty.'),
      field('Username', username, 'May stay empty.'),
    ],
    submitLabel: 'Add',
    submit: async () => {
      const plain = id.value.trim();
      const digits = plain.replace(/[ ()+-]/g, '');
      const known = /^\d{7,15}$/.test(digits) ? digits : plain;
      if (!/^\d{7,15}$/.test(known) && !/^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/.test(known)) {
        throw new Error('Give a phone number of 7 to 15 digits, or a user id such as US.13491208655302741918.');
      }
      store.addUser(known, name.value.trim(), username.value.trim().replace(/^@/, ''));
      document.dispatchEvent(new CustomEvent('pane', { detail: 'chat' }));
      setTimeout(() => $('composer-text').focus());
    },
  });
  id.select();
}

export function start() {
  const list = $('user-list');
  list.addEventListener('click', (event) => {
    const row = event.target.closest('[role=option]');
    if (row) {
      rove(list, '[role=option]', row);
      open(row);
    }
  });
  list.addEventListener('keydown', (event) => {
    const items = [...list.children];
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      open(document.activeElement);
    } else if (moveFocus(event, items)) {
      rove(list, '[role=option]', document.activeElement);
    }
  });
  $('user-search').addEventListener('input', (event) => {
    filter = event.target.value.trim().toLowerCase().replace(/^@/, '');
    most = MOST;
    draw();
  });
  $('add-user').addEventListener('click', addUserDialog);
  const soon = eachFrame(draw);
  const seldom = eachFrame(draw, 250);
  store.on('users', () => (store.state.users.size > 50 ? seldom : soon)());
}
