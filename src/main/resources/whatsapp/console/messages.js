// Dead letters and updates that nothing handled: a page of them, one in detail, and what is done with them.

import * as api from './api.js';
import { confirmed } from './confirm.js';
import { $, able, choosing, count, el, keepChosen, plural, rows, say, time } from './view.js';

/** What one request may touch; that many ids make a long question, so of these it is fewer. */
const BATCH = 1000;
const BATCH_OF_IDS = 100;
const PACE_MILLIS = 5_000;
/** A filter makes the gateway look at all that it holds: it is asked for a tenth of the time at most. */
const REST = 10;

const NAMES = { 'dead-letters': ['dead letter', 'dead letters'], unhandled: ['unhandled update', 'unhandled updates'] };
const DONE = { replay: ['Replay', 'Replayed', 'replayed'], drop: ['Drop', 'Dropped', 'dropped'] };
const ASKED = {
  replay: { text: 'They go back to the queues that they came from, behind what waits there, and are handled once more.' },
  drop: { text: 'They are gone for good. The audit log keeps their ids and the reason.', why: 'Give a reason: the audit log keeps it.' },
};
const DEAD = 'dead-letters';

const state = {
  shelf: DEAD, criteria: {}, skip: 0, chosen: new Set(), page: { total: 0, matching: 0, messages: [] }, open: null,
  asked: 0, next: 0, busy: false, long: false, stopped: false,
};

let changed = () => {};
let paintBoxes = () => {};

/** @param afterwards is called when messages were replayed or dropped */
export function build(afterwards) {
  changed = afterwards;
  const form = $('filter');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    search();
  });
  $('filter-clear').addEventListener('click', () => {
    form.querySelectorAll('.criteria input, .criteria select').forEach((field) => {
      field.value = '';
    });
    search();
  });
  form.elements.shelf.forEach((radio) => radio.addEventListener('change', search));

  paintBoxes = choosing($('list').tBodies[0], $('choose-all'), state.chosen, () => state.page.messages, paintChoice);
  $('list').tBodies[0].addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (button) {
      open(button.dataset.id);
    }
  });

  for (const what of ['replay', 'drop']) {
    $(`${what}-chosen`).addEventListener('click', () => act(what, [...state.chosen]));
    $(`${what}-all`).addEventListener('click', () => act(what, null));
    $(`detail-${what}`).addEventListener('click', () => act(what, [state.open]));
  }
  $('detail-close').addEventListener('click', () => $('detail').close());
  $('detail-unmask').addEventListener('click', () => open(state.open, true));
  $('detail').addEventListener('close', () => {
    // what it showed of people is gone with it
    $('detail-body').replaceChildren();
    focusSomething();
  });
  $('stop').addEventListener('click', () => {
    state.stopped = true;
  });

  const size = () => Number($('page-size').value);
  $('page-first').addEventListener('click', () => turn(0));
  $('page-before').addEventListener('click', () => turn(state.skip - size()));
  $('page-next').addEventListener('click', () => turn(state.skip + size()));
  $('page-last').addEventListener('click', () => turn(Math.floor(Math.max(0, state.page.matching - 1) / size()) * size()));
  $('page-size').addEventListener('change', () => turn(0));
}

function search() {
  const values = new FormData($('filter'));
  state.criteria = {};
  for (const [name, value] of values) {
    if (name !== 'shelf' && value.trim() !== '') {
      state.criteria[name] = name === 'since' || name === 'until' ? new Date(value).toISOString() : value.trim();
    }
  }
  state.shelf = values.get('shelf');
  state.page = { total: 0, matching: 0, messages: [] };
  say($('outcome'), '');
  turn(0);
}

function turn(skip) {
  state.skip = Math.max(0, skip);
  state.chosen.clear();
  refresh(true);
}

/** @param atOnce false: only if it is time */
export async function refresh(atOnce = false) {
  if (!atOnce && (Date.now() < state.next || state.busy)) {
    return;
  }
  const asked = ++state.asked;
  const began = Date.now();
  state.next = Number.MAX_SAFE_INTEGER;
  $('list').setAttribute('aria-busy', 'true');
  try {
    const page = await api.list(state.shelf, state.criteria, state.skip, Number($('page-size').value));
    if (asked === state.asked) {
      state.page = page;
      paint();
    }
  } catch (failure) {
    if (asked === state.asked && atOnce) {
      say($('outcome'), `The list was not read. ${failure.message}`);
    }
  } finally {
    if (asked === state.asked) {
      state.next = Date.now() + Math.max(PACE_MILLIS, REST * (Date.now() - began));
      $('list').setAttribute('aria-busy', 'false');
    }
  }
}

function paint() {
  const { total, matching, messages } = state.page;
  if (messages.length === 0 && state.skip > 0) {
    // the last page was emptied meanwhile
    turn(Math.min(state.skip - 1, Math.max(0, matching - 1)));
    return;
  }
  const filtered = Object.keys(state.criteria).length > 0;
  const [one, many] = NAMES[state.shelf];
  const matchingText = filtered ? `, ${count(matching)} fit the filter` : '';
  say($('list-caption'), `${plural(total, one, many)}${matchingText}, oldest first`);
  $('list').dataset.shelf = state.shelf;
  keepChosen(state.chosen, messages);
  rows($('list').tBodies[0], messages.map((message) => ({ key: message.id, same: JSON.stringify(message), cells: () => cells(message) })));
  say($('page-place'), messages.length === 0 ? 'None' : `${count(state.skip + 1)} to ${count(state.skip + messages.length)} of ${count(matching)}`);
  const last = state.skip + messages.length >= matching;
  able('page-first', state.skip > 0);
  able('page-before', state.skip > 0);
  able('page-next', !last);
  able('page-last', !last);
  paintChoice();
}

function cells(message) {
  const { id, at, kind, type, number, user, route, place, step, queue, error = {} } = message;
  const name = [kind, type].filter(Boolean).join(' ') || 'message';
  const choose = el('input', { type: 'checkbox', 'data-id': id, 'aria-label': `Choose ${name} ${id}` });
  choose.checked = state.chosen.has(id);
  return [
    el('td', {}, choose),
    el('td', {}, time(at)),
    el('td', {}, name, user ? el('small', {}, user) : ''),
    el('td', {}, number ?? ''),
    el('td', {}, el('strong', {}, [error.error_code, error.type].filter((part) => part !== undefined && part !== null).join(' ')),
      error.message ? el('small', {}, error.message) : ''),
    el('td', {}, route ?? '', ...[place ?? step, queue].filter(Boolean).map((part) => el('small', {}, part))),
    el('td', { class: 'advice' }, message.to_do ?? ''),
    el('td', {}, el('button', { type: 'button', 'data-id': id, 'aria-label': `Details of ${name} ${id}` }, 'Details')),
  ];
}

function paintChoice() {
  const { matching } = state.page;
  const chosen = state.chosen.size;
  paintBoxes();
  const all = Object.keys(state.criteria).length > 0 ? 'all that fit the filter' : 'all';
  for (const what of ['replay', 'drop']) {
    const [word] = DONE[what];
    say($(`${what}-chosen`), chosen ? `${word} ${count(chosen)} chosen` : `${word} chosen`);
    say($(`${what}-all`), `${word} ${all}`);
    able(`${what}-chosen`, chosen > 0 && !state.busy);
    able(`${what}-all`, matching > 0 && !state.busy);
  }
  $('stop').hidden = !(state.busy && state.long);
}

async function open(id, unmask = false) {
  state.open = id;
  const { shelf } = state;
  say($('detail-outcome'), '');
  try {
    const message = await api.show(shelf, id, unmask);
    if (state.open === id) {
      detail(message, unmask);
      if (!$('detail').open) {
        $('detail').showModal();
      }
      $('detail-title').focus();
    }
  } catch (failure) {
    say($($('detail').open ? 'detail-outcome' : 'outcome'), failure.message);
  }
}

function detail(message, unmask) {
  const { headers, body, error, bytes, ...rest } = message;
  say($('detail-title'), [rest.kind, rest.type].filter(Boolean).join(' ') || 'Message');
  $('detail-unmask').hidden = unmask;
  const field = (name, value) => [el('dt', {}, name.replaceAll('_', ' ')), el('dd', {}, name === 'at' ? time(value, true) : String(value))];
  const facts = Object.entries(rest).flatMap(([name, value]) => field(name, value));
  const parts = [el('dl', {}, ...facts, ...field('size', plural(bytes, 'byte', 'bytes')))];
  if (error) {
    parts.push(el('h3', {}, 'Error'), el('dl', {}, ...Object.entries(error).filter(([, value]) => value !== null)
      .flatMap(([name, value]) => field(name, typeof value === 'object' ? JSON.stringify(value) : value))));
  }
  if (headers !== undefined) {
    parts.push(el('h3', {}, 'Headers'), el('dl', {}, ...Object.entries(headers).flatMap(([name, value]) => field(name, value))));
  }
  if (body !== undefined) {
    parts.push(el('h3', {}, 'Content'), el('pre', { tabindex: '0', 'aria-label': 'Content' }, pretty(body)));
  }
  $('detail-body').replaceChildren(...parts);
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** @param ids null: all that fit the filter */
async function act(what, ids) {
  const { shelf } = state;
  const criteria = { ...state.criteria };
  const number = ids ? ids.length : state.page.matching;
  if (state.busy || number === 0) {
    return;
  }
  const reason = await confirmed({ ...ASKED[what], action: DONE[what][0], title: `${DONE[what][0]} ${plural(number, ...NAMES[state.shelf])}?` });
  if (reason === null) {
    return;
  }
  const told = () => $($('detail').open ? 'detail-outcome' : 'outcome');
  const [, past, key] = DONE[what];
  const [one, many] = NAMES[shelf];
  const batch = ids ? BATCH_OF_IDS : BATCH;
  let done = 0;
  let left = 0;
  state.busy = true;
  state.stopped = false;
  state.long = number > batch;
  paintChoice();
  try {
    // no more than were asked about: what fails once more comes back, and new ones come meanwhile
    for (let asked = 0; asked < number && !state.stopped; asked += batch) {
      const limit = Math.min(batch, number - asked);
      const which = ids ? { ids: ids.slice(asked, asked + limit) } : Object.keys(criteria).length ? { filter: criteria } : { all: true };
      const answer = await api.change(shelf, what, { ...which, limit, ...(what === 'drop' ? { reason } : {}) });
      done += answer[key];
      left = answer.left;
      if (asked + limit < number) {
        say(told(), `${past} ${count(done)} of ${count(number)}…`);
      }
      if (!ids && answer[key] === 0) {
        break;
      }
    }
    const why = left > 0 ? `${count(left)} are left.` : `The other ${count(number - done)} were gone.`;
    const rest = done < number ? ` ${why}` : '';
    $('detail').close();
    say($('outcome'), `${past} ${plural(done, one, many)}.${rest}`);
  } catch (failure) {
    say(told(), `${done ? `${past} ${count(done)} of ${count(number)}. Then:` : 'Nothing was done.'} ${failure.message}`);
  } finally {
    state.busy = false;
    await refresh(true);
    changed();
    if (!$('detail').open) {
      focusSomething();
    }
  }
}

/** What had the focus may be gone. */
function focusSomething() {
  if (document.activeElement === document.body || document.activeElement?.hidden) {
    $('messages').focus();
  }
}
