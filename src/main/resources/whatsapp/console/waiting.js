// What waits: messages that hold their conversation, and what lies in the queues of numbers that cannot send. And what is paused.

import * as api from './api.js';
import { confirmed } from './confirm.js';
import { $, able, choosing, count, el, keepChosen, options, plural, rows, say, time } from './view.js';

const PAGE = 50;
const REASON = 'Give a reason: the audit log keeps it.';
const WORDS = { 'waiting/release': 'Try now', 'waiting/give-up': 'Give up' };
const ONES = ['waiting message', 'waiting messages'];

const state = { skip: 0, chosen: new Set(), page: { total: 0, messages: [] }, pauses: [], asked: 0, busy: false };

let changed = () => {};
let paintBoxes = () => {};

/** @param afterwards is called when an order was given */
export function build(afterwards) {
  changed = afterwards;
  paintBoxes = choosing($('waiting-list').tBodies[0], $('waiting-choose-all'), state.chosen, () => state.page.messages, paintChoice);
  $('waiting-number').addEventListener('change', () => turn(0));
  $('waiting-before').addEventListener('click', () => turn(state.skip - PAGE));
  $('waiting-next').addEventListener('click', () => turn(state.skip + PAGE));
  for (const [button, what] of [['release', 'waiting/release'], ['give-up', 'waiting/give-up']]) {
    $(`${button}-chosen`).addEventListener('click', () => decide(what, { ids: [...state.chosen] }, state.chosen.size));
    $(`${button}-all`).addEventListener('click', () => decide(what, chosenNumber() ? { number: chosenNumber() } : { all: true }, state.page.total));
  }
  for (const what of ['handling', 'sending']) {
    $(`pause-${what}`).addEventListener('click', () => (isPaused(what) ? resume({ what }) : pause({ what })));
  }
}

const chosenNumber = () => $('waiting-number').value;

const isPaused = (what) => state.pauses.some((pause) => pause.what === what && !pause.number);

function turn(skip) {
  state.skip = Math.max(0, skip);
  state.chosen.clear();
  refresh();
}

/** @param names the numbers' names */
export function numbersAre(names) {
  options($('waiting-number'), names, 'any');
}

export async function refresh() {
  const asked = ++state.asked;
  const [page, pauses] = await Promise.all([api.waiting(chosenNumber(), state.skip, PAGE), api.pauses()]);
  if (asked === state.asked) {
    Object.assign(state, { page, pauses });
    paint();
  }
}

function paint() {
  const { total, messages } = state.page;
  if (messages.length === 0 && state.skip > 0) {
    turn(state.skip - PAGE);
    return;
  }
  say($('waiting-caption'), total === 0 ? 'Nothing waits' : `${plural(total, ...ONES)}: held ones first, then those of numbers that cannot send`);
  keepChosen(state.chosen, messages);
  rows($('waiting-list').tBodies[0], messages.map((message) => ({ key: message.id, same: JSON.stringify(message), cells: () => cells(message) })));
  say($('waiting-place'), messages.length === 0 ? '' : `${count(state.skip + 1)} to ${count(state.skip + messages.length)} of ${count(total)}`);
  able('waiting-before', state.skip > 0);
  able('waiting-next', state.skip + messages.length < total);
  for (const what of ['handling', 'sending']) {
    say($(`pause-${what}`), `${isPaused(what) ? 'Resume' : 'Pause'} ${what}`);
  }
  say($('paused'), state.pauses.map(({ what, number, reason }) => `Paused: ${what}${number ? ` of ${number}` : ''} (${reason}).`).join(' '));
  paintChoice();
}

function cells({ id, type, user, number, state: why, stored_at: stored, reason, error, given_up: givenUp, tries_again: again }) {
  const choose = el('input', { type: 'checkbox', 'data-id': id, 'aria-label': `Choose ${type ?? 'message'} ${id}` });
  choose.checked = state.chosen.has(id);
  return [
    el('td', {}, choose),
    el('td', {}, time(stored)),
    el('td', {}, type ?? 'message', user ? el('small', {}, user) : ''),
    el('td', {}, number ?? ''),
    el('td', {}, el('span', { class: 'state', 'data-state': why }, why), givenUp ? el('small', {}, 'given up when its turn comes') : ''),
    el('td', {}, [reason, error].filter(Boolean).join(', ')),
    el('td', {}, time(again)),
  ];
}

function paintChoice() {
  const chosen = state.chosen.size;
  const { total } = state.page;
  paintBoxes();
  able('release-chosen', chosen > 0 && !state.busy);
  able('give-up-chosen', chosen > 0 && !state.busy);
  able('release-all', total > 0 && !state.busy);
  // of all numbers at once nothing is given up
  able('give-up-all', total > 0 && chosenNumber() !== '' && !state.busy);
}

async function decide(what, request, number) {
  const word = WORDS[what];
  const giveUp = what === 'waiting/give-up';
  const reason = await confirmed({
    title: `${word}: ${plural(number, ...ONES)}?`,
    text: giveUp ? 'Dead letters are made of them: of those that are held at once, of others when their turn comes. Replay brings them back.'
      : 'They are tried once at this moment. A number that Meta refuses sends one of them, and the others if that is taken.',
    action: word,
    why: giveUp ? REASON : null,
  });
  if (reason !== null) {
    await order(what, giveUp ? { ...request, reason } : request, `Ordered for ${plural(number, ...ONES)}.`);
  }
}

/** @param request what, or number: what is paused */
export async function pause(request) {
  const what = request.number ? `sending of ${request.number}` : request.what;
  const reason = await confirmed({
    title: `Pause ${what}?`,
    text: 'What runs is finished, then nothing more of it until it is resumed, on all nodes and over a restart. Webhooks, and messages to send, are stored meanwhile.',
    action: 'Pause',
    why: 'Give a reason, for whoever finds it paused.',
  });
  if (reason !== null) {
    await order('pause', { ...request, reason }, `Paused: ${what}.`);
  }
}

/** @param request as for the pause */
export const resume = (request) => order('resume', request, `Resumed: ${request.number ? `sending of ${request.number}` : request.what}.`);

/** @param number its name: one message is tried at once */
export const tryNow = (number) => order('waiting/release', { number }, `${number} tries at once.`);

async function order(what, request, done) {
  if (state.busy) {
    return;
  }
  state.busy = true;
  try {
    await api.order(what, request);
    say($('waiting-outcome'), done);
    state.chosen.clear();
  } catch (failure) {
    say($('waiting-outcome'), `Nothing was done. ${failure.message}`);
  } finally {
    state.busy = false;
    paintChoice();
    changed();
  }
}
