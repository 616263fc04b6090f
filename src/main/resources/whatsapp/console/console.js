// The console: asks the management API every few seconds, and shows what it says.

import * as api from './api.js';
import * as messages from './messages.js';
import * as rates from './rates.js';
import * as waiting from './waiting.js';
import { $, count, el, options, plural, rows, say, time } from './view.js';

const PACE_MILLIS = 3_000;
const FEW = 20;
/** By the names that queues have unless the settings say otherwise. */
const PURPOSES = {
  'whatsapp.inbound': 'updates to be handled',
  'whatsapp.turns': 'ended bursts to be handled',
  'whatsapp.outbound': 'replies, and messages of the API',
  'whatsapp.outbound.bulk': 'messages of bulks',
  'whatsapp.later': 'tried again hours later',
  'whatsapp.dead-letter': 'what was given up',
  'whatsapp.unhandled': 'updates without a route',
};
const URGENCY = ['stopped', 'throttled', 'paused', 'ok'];

let allNumbers = false;
let numbers = [];
let polling = false;
let again = 0;

async function poll() {
  if (polling) {
    return;
  }
  polling = true;
  clearTimeout(again);
  try {
    const [text, queues, now] = await Promise.all([api.metrics().catch(() => null), api.queues(), api.numbers()]);
    if (text !== null) {
      rates.draw(text, performance.now());
    }
    numbers = now;
    paintNumbers();
    paintQueues(queues);
    await waiting.refresh();
    connected('live', 'Live');
    messages.refresh();
  } catch (failure) {
    connected('lost', failure instanceof api.Refused ? failure.message : 'The gateway does not answer. Trying again…');
  } finally {
    polling = false;
    again = setTimeout(poll, PACE_MILLIS);
  }
}

function connected(state, text) {
  $('connection').dataset.state = state;
  say($('connection'), text);
}

function paintNumbers() {
  const urgency = ({ state }) => URGENCY.indexOf(state);
  const sorted = [...numbers].sort((a, b) => urgency(a) - urgency(b) || b.waiting - a.waiting || a.name.localeCompare(b.name));
  const shown = allNumbers ? sorted : sorted.slice(0, FEW);
  rows($('numbers').tBodies[0], shown.map((number) => ({ key: number.name, same: JSON.stringify(number), cells: () => [
    el('th', { scope: 'row' }, number.name, ...[number.account, number.app].filter(Boolean).map((part) => el('small', {}, part))),
    el('td', {}, el('span', { class: 'state', 'data-state': number.state }, number.state)),
    el('td', { class: 'count' }, count(number.waiting)),
    el('td', {}, [number.reason, number.error, number.scope].filter((part) => part !== undefined && part !== null).join(', ')),
    el('td', {}, time(number.since)),
    el('td', {}, time(number.tries_again)),
    el('td', {}, el('div', { class: 'orders' }, ...ordersFor(number))),
  ] })));
  $('numbers-all').hidden = numbers.length <= FEW;
  $('numbers-all').setAttribute('aria-expanded', String(allNumbers));
  say($('numbers-all'), allNumbers ? `Show ${FEW}` : `Show all ${count(numbers.length)}`);
  const rest = numbers.filter(({ state }) => state !== 'ok').length;
  say($('numbers-caption'), `${plural(numbers.length, 'number', 'numbers')}, ${rest === 0 ? 'all can send' : `${count(rest)} cannot send now`}`);
  const names = numbers.slice(0, 500).map(({ name }) => name);
  options($('number-names'), names);
  waiting.numbersAre(names);
}

function ordersFor({ name, state }) {
  const button = (word, of) => el('button', { type: 'button', 'data-order': word, 'data-number': name, 'aria-label': `${word} ${of} ${name}` }, word);
  return [state === 'paused' ? button('Resume', 'sending of') : button('Pause', 'sending of'),
    ...(state === 'stopped' || state === 'throttled' ? [button('Try now', 'what waits of')] : [])];
}

function age(seconds) {
  const [size, unit] = [[86400, 'd'], [3600, 'h'], [60, 'min']].find(([one]) => seconds >= 2 * one) ?? [1, 's'];
  return `${Math.floor(seconds / size)} ${unit}`;
}

function paintQueues(queues) {
  rows($('queues').tBodies[0], queues.map((queue) => ({ key: queue.name, same: JSON.stringify(queue), cells: () => [
    el('th', { scope: 'row' }, queue.name),
    el('td', {}, PURPOSES[queue.name] ?? ''),
    el('td', { class: 'count' }, count(queue.messages), queue.paused ? el('small', {}, 'paused') : ''),
    el('td', { class: 'count' }, queue.oldest_seconds === undefined ? '' : age(queue.oldest_seconds)),
  ] })));
  options($('filter').elements.source, queues.map(({ name }) => name), 'any');
}

$('token-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  api.useToken($('token').value);
  if (!api.hasToken()) {
    say($('token-state'), 'No token: reading only.');
  } else {
    try {
      await api.checkToken();
      $('token').value = '';
      say($('token-state'), 'The token is right.');
    } catch (failure) {
      api.useToken('');
      say($('token-state'), failure.status === 401 ? 'This is not the token.' : failure.message);
    }
  }
  poll();
  messages.refresh(true);
});

$('numbers-all').addEventListener('click', () => {
  allNumbers = !allNumbers;
  paintNumbers();
});

$('numbers').addEventListener('click', (event) => {
  const { order, number } = event.target.closest('button')?.dataset ?? {};
  if (order) {
    ({ Pause: () => waiting.pause({ number }), Resume: () => waiting.resume({ number }), 'Try now': () => waiting.tryNow(number) })[order]();
  }
});

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) {
    poll();
  }
});

rates.build();
messages.build(poll);
waiting.build(poll);
messages.refresh(true);
poll();
