// The inspector: calls, faults, and what the simulator is set to.

import { $, eachFrame, el, field, icon, moveFocus, plural, rove, timeWithMillis, toast, unseen } from './dom.js';
import { json } from './format.js';
import { copy } from './chat.js';
import * as api from './api.js';
import * as store from './store.js';

const STEP = 120;
const KINDS = { webhook: 'Webhook', graph: 'Graph', media: 'Media', transcription: 'Transcription' };

/** Error codes that people meet, for the field's suggestions. Source: Meta, "Cloud API error codes". */
const CODES = { 4: 'app rate limit', 10: 'permission denied', 100: 'wrong parameter', 190: 'token expired', 80007: 'account rate limit', 130429: 'throughput reached',
  130472: 'user in an experiment', 131000: 'something went wrong', 131005: 'access denied', 131008: 'parameter missing', 131016: 'service unavailable',
  131021: 'recipient is sender', 131026: 'undeliverable', 131031: 'account locked', 131042: 'payment issue', 131047: 're-engagement: window closed', 131048: 'spam rate limit', 131049: 'not delivered, healthy ecosystem',
  131051: 'unsupported type', 131052: 'media download failed', 131053: 'media upload failed', 131056: 'pair rate limit', 132000: 'template parameter count', 132001: 'template not found',
  132015: 'template paused', 133010: 'number not registered', 368: 'blocked for policy' };

const filters = { kind: '', outcome: '', mine: false, words: '' };
let paused = null;
let most = STEP;
let open = null;
const rows = new Map();

const failed = (call) => !(call.status >= 200 && call.status < 400);

function matches(call) {
  return (!filters.kind || call.kind === filters.kind)
    && (!filters.outcome || failed(call) === (filters.outcome === 'failed'))
    && (!filters.mine || call.user === store.state.chosen)
    && (!filters.words || `${call.summary} ${call.path ?? ''} ${call.status} ${call.user ?? ''}`.toLowerCase().includes(filters.words));
}

function duration(call) {
  return call.duration_ms === undefined || call.duration_ms === null ? '' : `${call.duration_ms} ms`;
}

function statusText(call) {
  return call.status === 0 ? 'no answer' : String(call.status ?? '');
}

function statusChip(call) {
  return el('span', { class: `status ${failed(call) ? 'bad' : 'good'}` }, failed(call) ? unseen('failed: ') : null, statusText(call));
}

function callRow(call) {
  let row = rows.get(call.seq);
  const picture = `${call.status} ${call.duration_ms} ${call.attempts} ${open === call.seq}`;
  if (!row) {
    row = el('div', { role: 'option', class: 'call', tabindex: '-1', dataset: { seq: call.seq } });
    rows.set(call.seq, row);
  }
  if (row.picture !== picture) {
    row.picture = picture;
    row.setAttribute('aria-selected', String(open === call.seq));
    row.replaceChildren(
      el('time', { text: timeWithMillis(call.at).replace(/^(\d+:\d+:\d+).*/, '$1') }),
      el('span', { class: `chip ${call.kind}`, text: KINDS[call.kind] ?? call.kind }),
      el('span', { class: 'summary', text: withoutOutcome(call.summary) }),
      el('span', { class: 'took', text: duration(call) }),
      statusChip(call),
      (call.fault || call.attempts > 1) && el('span', { class: 'struck', text: [call.fault && `Fault: ${nameOf(call.fault)}`,
        call.attempts > 1 && `attempt ${call.attempts}`].filter(Boolean).join(' · ') }) || '');
  }
  return row;
}

const nameOf = (fault) => (typeof fault === 'string' ? fault : fault?.fault ?? 'fault');
/** The kind and the status have places of their own in a row. */
const withoutOutcome = (summary) => String(summary ?? '').replace(/^webhook /, '').replace(/\s*→\s*(no answer|\S+)/, '');

let list;
let hint;
let detail;
let pause;

function drawCalls() {
  const all = (paused ?? store.state.calls).filter(matches);
  const shown = all.slice(0, most);
  const kept = new Set(shown.map((call) => call.seq));
  for (const [seq, row] of rows) {
    if (!kept.has(seq)) {
      row.remove();
      rows.delete(seq);
    }
  }
  const top = list.scrollTop;
  const height = list.scrollHeight;
  let at = list.firstElementChild;
  for (const call of shown) {
    const row = callRow(call);
    if (row === at) {
      at = at.nextElementSibling;
    } else {
      list.insertBefore(row, at);
    }
  }
  // what somebody is reading stays where it is
  if (top > 4 || (open && kept.has(open))) {
    list.scrollTop = top + (list.scrollHeight - height);
  }
  rove(list, '[role=option]', list.querySelector('[tabindex="0"]') ?? undefined);
  const waiting = paused ? store.state.calls.length - paused.length : 0;
  pause.setAttribute('aria-pressed', String(!!paused));
  pause.textContent = paused ? `Resume${waiting > 0 ? ` (${waiting} new)` : ''}` : 'Pause';
  hint.replaceChildren();
  if (!shown.length) {
    hint.append(store.state.calls.length ? 'No call matches.' : 'No calls yet. Say something.');
  }
  if (all.length > shown.length || !store.state.callsEnd) {
    hint.append(el('button', { type: 'button', class: 'plain small', text: 'Older calls', hidden: !store.state.calls.length || !!paused, onclick: async () => {
      most += STEP;
      if (all.length <= shown.length) {
        await store.olderCalls(filters.mine ? store.state.chosen : null).catch((failure) => toast(failure.message));
      }
      drawCalls();
    } }));
  }
}

async function showCall(seq) {
  open = seq;
  rows.forEach((row) => { row.picture = row.getAttribute('aria-selected') === 'true' ? null : row.picture; });
  drawCalls();
  let call;
  try {
    call = await api.oneCall(seq);
  } catch (failure) {
    toast(failure.status === 404 ? 'This call is no longer remembered.' : failure.message);
    return;
  }
  if (open !== seq) {
    return;
  }
  const facts = [['Status', statusText(call)], ['Time', timeWithMillis(call.at)], ['Duration', duration(call)], ['Attempt', call.attempts],
    ['Fault', call.fault && nameOf(call.fault)], ['User', call.user && store.shown(call.user)],
    ['Replay of', call.replay_of && `call ${call.replay_of}`]].filter(([, value]) => value || value === 0);
  const replay = el('button', { type: 'button', class: 'primary small', text: 'Replay', disabled: call.replayable === false, onclick: async () => {
    replay.disabled = true;
    try {
      const answer = await api.replay(seq);
      toast(`Replayed: ${answer.status === 0 ? 'no answer' : answer.status}.`, 'note');
      if (answer.seq) {
        await showCall(answer.seq);
        document.querySelector('#detail-title')?.focus();
      }
    } catch (failure) {
      toast(failure.message);
    } finally {
      replay.disabled = false;
    }
  } });
  detail.replaceChildren(
    el('div', { class: 'detail-head' },
      el('h3', { id: 'detail-title', tabindex: '-1' }, el('span', { class: `chip ${call.kind}`, text: KINDS[call.kind] ?? call.kind }), ` ${call.summary ?? ''}`),
      el('button', { type: 'button', class: 'icon', 'aria-label': 'Close the details', onclick: closeDetail }, icon('close'))),
    el('p', { class: 'address', text: `${call.method ?? ''} ${call.path ?? ''}` }),
    el('dl', { class: 'facts' }, facts.map(([name, value]) => el('div', {}, el('dt', { text: name }), el('dd', { text: value })))),
    el('div', { class: 'actions' }, replay,
      el('button', { type: 'button', class: 'plain small', text: 'Copy as curl', onclick: () => copy(curl(call)) }),
      el('button', { type: 'button', class: 'plain small', text: 'Make the next one fail', onclick: () => failNext(call) })),
    part('Request', call.request, call.request_headers, call),
    part('Response', call.response, call.response_headers, call));
  detail.hidden = false;
  detail.scrollTop = 0;
  // the details take room from the list
  rows.get(seq)?.scrollIntoView({ block: 'nearest' });
}

function part(title, content, headers, call) {
  const names = Object.entries(headers ?? {});
  return el('section', { class: 'part', 'aria-label': title }, el('h4', { text: title }),
    names.length > 0 && el('details', {}, el('summary', { text: plural(names.length, 'header') }),
      el('dl', { class: 'headers' }, names.map(([name, value]) => el('div', {}, el('dt', { text: name }), el('dd', { text: String(value) }))))),
    content === undefined || content === null || content === '' ? el('p', { class: 'field-hint', text: 'No body' })
      : Object.keys(content).join() === 'bytes' ? el('p', { class: 'field-hint', text: `${plural(content.bytes, 'byte')}, not kept` }) : json(content, `${title} body`),
    call.truncated && title === 'Request' && el('p', { class: 'field-hint', text: 'Long bodies are cut here; they were sent whole.' }));
}

function closeDetail() {
  const row = rows.get(open);
  open = null;
  detail.hidden = true;
  if (row) {
    row.picture = null;
  }
  drawCalls();
  (row ?? list).focus();
}

const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;

/** A command that does the call again by hand; secrets are shell variables, as the page does not know them. */
export function curl(call) {
  const here = location.origin;
  const isWebhook = call.kind === 'webhook';
  const path = /^https?:/.test(call.path ?? '') ? call.path : `${here}${call.path ?? ''}`;
  const address = isWebhook ? (/^https?:/.test(call.path ?? '') ? call.path : store.state.settings.webhook_url ?? path) : path;
  const body = call.request === undefined || call.request === null || call.request === '' || call.request.bytes !== undefined ? null
    : typeof call.request === 'string' ? call.request : JSON.stringify(call.request);
  const type = call.request_headers?.['Content-Type'] ?? call.request_headers?.['content-type'] ?? 'application/json';
  const parts = [`curl -X ${call.method ?? 'POST'} ${quoted(address)}`];
  if (isWebhook && call.method === 'GET') {
    return parts[0];
  }
  if (isWebhook) {
    return [`BODY=${quoted(body ?? '{}')}`, [...parts, "-H 'Content-Type: application/json'",
      '-H "X-Hub-Signature-256: sha256=$(printf %s "$BODY" | openssl dgst -sha256 -hmac "$WHATSAPP_APP_SECRET" | sed \'s/^.* //\')"',
      '--data-raw "$BODY"'].join(' \\\n  ')].join('\n');
  }
  const authorized = '-H "Authorization: Bearer $WHATSAPP_ACCESS_TOKEN"';
  const file = /^\/simulator\/media\/([^/?]+)\?/.exec(call.path ?? '');
  if (file) {
    // the word that opens a media URL dies after 5 minutes and is not shown whole: a new one is asked for
    const asked = quoted(`${here}/graph/${store.state.settings.graph_version}/${file[1]}`);
    return `URL=$(curl -s ${authorized} ${asked} | sed -n 's/.*"url" *: *"\\([^"]*\\)".*/\\1/p')\ncurl ${authorized} -o file "$URL"`;
  }
  parts.push(authorized);
  if (body) {
    parts.push(`-H ${quoted(`Content-Type: ${type}`)}`, `--data-raw ${quoted(body)}`);
  } else if (call.request?.bytes !== undefined) {
    parts.push(`-H ${quoted(`Content-Type: ${type}`)}`, '--data-binary @file');
  }
  return parts.join(' \\\n  ');
}

function failNext(call) {
  const { endpoint } = call;
  const kind = { webhook: 'duplicate-webhook', transcription: 'html-502', media_download: 'expired-url' }[endpoint] ?? 'graph-error';
  choose('faults');
  fillFault({ fault: kind, endpoint, recipient: ['webhook', 'messages'].includes(endpoint) ? call.user : '' });
}

// faults

const controls = {};
let faultFields;
let faultList;

const TAKES = {
  code: (kind) => kind === 'graph-error' || kind === 'failed-status',
  status: (kind) => kind === 'graph-error' || kind === 'html-502',
  retry_after: (kind) => kind === 'graph-error' || kind === 'html-502',
  delay_ms: (kind) => kind === 'slow' || kind === 'no-answer',
  recipient: (kind, endpoint) => endpoint === 'messages' || endpoint === 'webhook',
};

const EXPLAIN = {
  'graph-error': 'The call is refused with this error code.',
  'html-502': 'The answer is an HTML page, as from a proxy.',
  slow: 'The answer comes late.',
  'no-answer': 'Nothing is taken; the connection closes after the delay.',
  cut: 'Nothing is taken; the connection is reset.',
  'answer-lost': 'The message is taken and its statuses come, but the answer is lost.',
  'failed-status': 'The message is accepted; then a failed status comes.',
  'duplicate-webhook': 'The webhook is posted twice.',
  'reordered-webhooks': 'Statuses of one message, or messages of one batch, come in another order.',
  'delivered-skipped': 'Read is told without delivered before it.',
  'stays-sent': 'Nothing is told after sent.',
  'wrong-signature': 'The webhook is posted once, wrongly signed.',
  'wrong-hash': 'The file has other bytes than its hash says.',
  'expired-url': 'The media URL has expired: 404.',
  redirect: 'The download redirects to another host name.',
};

function fitFault() {
  const kind = controls.fault.value;
  const places = store.state.settings.faults?.find((one) => one.fault === kind)?.endpoints ?? [];
  const wanted = controls.endpoint.value;
  controls.endpoint.replaceChildren(...places.map((place) => el('option', { value: place, text: place.replaceAll('_', ' ') })));
  controls.endpoint.value = places.includes(wanted) ? wanted : places[0] ?? '';
  for (const [name, takes] of Object.entries(TAKES)) {
    controls[name].closest('.field').hidden = !takes(kind, controls.endpoint.value);
  }
  controls.code.required = TAKES.code(kind);
  faultFields.querySelector('.explain').textContent = EXPLAIN[kind] ?? '';
}

function fillFault(values) {
  for (const [name, value] of Object.entries(values)) {
    controls[name].value = value ?? '';
    if (name === 'fault') {
      fitFault();
    }
  }
  fitFault();
  controls.fault.focus();
}

function faultPanel() {
  const number = (min, max, extra = {}) => el('input', { type: 'number', min, max, ...extra });
  Object.assign(controls, {
    fault: el('select', {}),
    endpoint: el('select', {}),
    code: number('0', '9999999', { list: 'codes', value: '131056' }),
    status: number('400', '599'),
    retry_after: number('0', '86400'),
    delay_ms: number('0', '120000', { value: '5000' }),
    recipient: el('input', { autocomplete: 'off', list: 'recipients', spellcheck: 'false' }),
    times: number('1', '1000000'),
    probability: number('0', '1', { step: 'any' }),
    seed: el('input', { type: 'number', step: '1' }),
  });
  const codes = el('datalist', { id: 'codes' }, Object.entries(CODES).map(([code, words]) => el('option', { value: code, text: words })));
  const recipients = el('datalist', { id: 'recipients' });
  controls.recipient.addEventListener('focus', () => recipients.replaceChildren(...store.latest().slice(0, 30)
    .map((user) => el('option', { value: user.id, text: store.label(user) }))));
  const error = el('p', { class: 'form-error', role: 'alert' });
  faultFields = el('form', { class: 'fault-form', 'aria-label': 'Add a fault' },
    field('Fault', controls.fault), el('p', { class: 'field-hint explain' }),
    el('div', { class: 'two' }, field('Strikes at', controls.endpoint), field('Error code', controls.code), field('Delay (ms)', controls.delay_ms)),
    field('Only about this user', controls.recipient),
    el('details', {}, el('summary', { text: 'More options' }), el('div', { class: 'two' },
      field('Times', controls.times), field('Probability', controls.probability), field('Seed', controls.seed),
      field('HTTP status', controls.status), field('Retry-After (s)', controls.retry_after))),
    error,
    el('div', { class: 'actions' }, el('button', { type: 'submit', class: 'primary', text: 'Add fault' })),
    codes, recipients);
  controls.fault.addEventListener('change', fitFault);
  controls.endpoint.addEventListener('change', fitFault);
  faultFields.addEventListener('submit', async (event) => {
    event.preventDefault();
    const kind = controls.fault.value;
    const fault = { fault: kind, endpoint: controls.endpoint.value };
    for (const name of ['code', 'status', 'retry_after', 'delay_ms', 'recipient', 'times', 'probability', 'seed']) {
      const value = controls[name].value.trim();
      if (value && (!TAKES[name] || TAKES[name](kind, fault.endpoint))) {
        fault[name] = name === 'recipient' ? value : Number(value);
      }
    }
    error.textContent = '';
    try {
      await api.addFault(fault);
      store.onFaults(await api.faults());
      toast('The fault is set.', 'note');
    } catch (failure) {
      error.textContent = failure.message;
    }
  });
  faultList = el('div', { class: 'faults' });
  $('panel-faults').append(faultFields, faultList);
}

function drawFaults() {
  const kinds = store.state.settings.faults ?? [];
  if (controls.fault.options.length !== kinds.length) {
    controls.fault.replaceChildren(...kinds.map(({ fault }) => el('option', { value: fault, text: fault })));
    fitFault();
  }
  const list = store.state.faults;
  const live = list.filter((fault) => !over(fault)).length;
  $('fault-count').hidden = !live;
  $('fault-count').replaceChildren(String(live), unseen(' waiting'));
  faultList.replaceChildren(
    el('div', { class: 'detail-head' }, el('h3', { id: 'faults-title', text: list.length ? 'Faults that were set' : 'No fault is set' }),
      list.length > 0 && el('button', { type: 'button', class: 'plain small', text: 'Remove all', onclick: () => api.clearFaults()
        .then(() => store.onFaults([]))
        .then(() => controls.fault.focus())
        .catch((failure) => toast(failure.message)) })),
    el('ul', { 'aria-labelledby': 'faults-title' }, list.toReversed().slice(0, 200).map((fault) => el('li', { class: over(fault) ? 'over' : null },
      el('strong', { text: fault.fault }), ` at ${String(fault.endpoint).replaceAll('_', ' ')}`,
      el('span', { class: 'hits', text: over(fault) ? `used up (${fault.hits})` : `struck ${fault.hits}${fault.times ? ` of ${fault.times}` : ''}` }),
      el('small', { text: [fault.code !== undefined && `code ${fault.code}`, fault.delay_ms !== undefined && `${fault.delay_ms} ms`, fault.status && `HTTP ${fault.status}`,
        fault.retry_after !== undefined && `Retry-After ${fault.retry_after} s`, fault.recipient && `only ${store.shown(fault.recipient)}`,
        fault.probability < 1 && `probability ${fault.probability}, seed ${fault.seed}`].filter(Boolean).join(' · ') })))));
}

const over = (fault) => fault.times !== undefined && fault.hits >= fault.times;

// setup

function drawSetup() {
  const { settings } = store.state;
  const facts = [['Business number', settings.display_phone_number && store.shown(settings.display_phone_number)], ['phone_number_id', settings.phone_number_id],
    ['Account id', settings.account_id], ['Webhooks go to', settings.webhook_url],
    ['Graph API', settings.graph_version && `${location.origin}/graph/${settings.graph_version}`]];
  $('number').textContent = settings.display_phone_number ? `Business number ${store.shown(settings.display_phone_number)}` : '';
  $('panel-setup').replaceChildren(
    el('dl', { class: 'setup' }, facts.map(([name, value]) => el('div', {}, el('dt', { text: name }), el('dd', { text: value ?? '–' })))),
    el('h3', { text: 'Templates' }),
    settings.templates?.length ? el('ul', { class: 'templates' }, settings.templates.map((one) => el('li', {}, el('strong', { text: one.name }),
      el('small', { text: [one.language, one.category, one.status].filter(Boolean).join(' · ') })))) : el('p', { class: 'field-hint', text: 'None' }),
    el('p', { class: 'field-hint' }, 'Point any WhatsApp SDK at the Graph address above; nothing leaves this machine.'));
}

export function choose(name) {
  for (const tab of document.querySelectorAll('.inspector [role=tab]')) {
    const chosen = tab.id === `tab-${name}`;
    tab.setAttribute('aria-selected', String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    $(tab.getAttribute('aria-controls')).hidden = !chosen;
  }
}

export function start() {
  const tabs = [...document.querySelectorAll('.inspector [role=tab]')];
  for (const tab of tabs) {
    tab.addEventListener('click', () => choose(tab.id.slice(4)));
    tab.addEventListener('keydown', (event) => {
      if (moveFocus(event, tabs, 'ArrowLeft', 'ArrowRight')) {
        document.activeElement.click();
      }
    });
  }
  const select = (label, options, set) => el('select', { 'aria-label': label, onchange: (event) => {
    set(event.target.value);
    most = STEP;
    drawCalls();
  } }, options.map(([value, text]) => el('option', { value, text })));
  const mine = el('input', { type: 'checkbox', onchange: (event) => {
    filters.mine = event.target.checked;
    drawCalls();
  } });
  pause = el('button', { type: 'button', class: 'plain small', 'aria-pressed': 'false', text: 'Pause', onclick: () => {
    paused = paused ? null : [...store.state.calls];
    drawCalls();
  } });
  list = el('div', { class: 'calls', role: 'listbox', 'aria-label': 'Calls, newest first' });
  hint = el('p', { class: 'hint' });
  detail = el('section', { class: 'detail', 'aria-labelledby': 'detail-title', hidden: true });
  $('panel-calls').append(
    el('div', { class: 'filters' },
      select('Kind', [['', 'All kinds'], ...Object.entries(KINDS)], (value) => { filters.kind = value; }),
      select('Outcome', [['', 'All outcomes'], ['ok', 'Succeeded'], ['failed', 'Failed']], (value) => { filters.outcome = value; }),
      el('label', { class: 'check' }, mine, 'This user'),
      pause,
      el('input', { type: 'search', 'aria-label': 'Search calls', placeholder: 'Search calls', oninput: (event) => {
        filters.words = event.target.value.trim().toLowerCase();
        drawCalls();
      } })),
    el('div', { class: 'calls-box' }, list, hint), detail);
  const openRow = (row) => {
    rove(list, '[role=option]', row);
    showCall(Number(row.dataset.seq)).then(() => {
      if (document.activeElement === row || document.activeElement === document.body) {
        row.focus({ preventScroll: true });
      }
    });
  };
  list.addEventListener('click', (event) => {
    const row = event.target.closest('[role=option]');
    if (row) {
      openRow(row);
    }
  });
  list.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      openRow(document.activeElement);
    } else if (event.key === 'Escape' && open) {
      closeDetail();
    } else if (moveFocus(event, [...list.children])) {
      rove(list, '[role=option]', document.activeElement);
    }
  });
  detail.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      closeDetail();
    }
  });
  faultPanel();
  const calls = eachFrame(drawCalls, 100);
  store.on('calls', calls);
  store.on('chosen', () => filters.mine && calls());
  store.on('faults', eachFrame(drawFaults));
  store.on('settings', () => {
    drawSetup();
    drawFaults();
  });
  drawCalls();
  drawSetup();
}
