// The conversation with the chosen user: its bubbles, and what the user does with them.

import { $, day, dialog, eachFrame, el, field, icon, menu, moveFocus, rove, toast } from './dom.js';
import { amended, bubble, emojiOf, meta, reactedTo, summary } from './bubbles.js';
import * as api from './api.js';
import * as store from './store.js';
import { hue, initials } from './users.js';
import * as say from './say.js';

const STEP = 150;
const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🙏'];
const NEAR = 120;

let drawn = null;
let atEnd = true;
let most = STEP;
const bubbles = new Map();

const business = () => store.state.settings.display_phone_number ? store.shown(store.state.settings.display_phone_number) : 'The business';

function speaker(entry, user) {
  return entry.from === 'user' ? store.label(user) : 'Business';
}

/** Entries as they are shown: reactions and edits lie on what they are about. */
function arranged(user) {
  const entries = user.entries ?? new Map();
  const inOrder = [...entries.values()];
  const reactions = new Map();
  const edits = new Map();
  const revoked = new Set();
  for (const entry of inOrder) {
    if (entry.type === 'reaction' && ['failed', 'undelivered'].includes(entry.status)) {
      // nobody but the one who tried has seen it
    } else if (entry.type === 'reaction') {
      const about = reactions.get(reactedTo(entry)) ?? new Map();
      about.set(entry.from, emojiOf(entry));
      reactions.set(reactedTo(entry), about);
    } else if (entry.type === 'edit') {
      edits.set(amended(entry).id, amended(entry).text);
    } else if (entry.type === 'revoke') {
      revoked.add(amended(entry).id);
    }
  }
  const list = [];
  for (const entry of inOrder) {
    if (entry.type === 'reaction' && entries.has(reactedTo(entry)) && !['failed', 'undelivered'].includes(entry.status)) {
      continue;
    }
    list.push({
      entry: { ...entry, edited: edits.has(entry.id) ? { text: edits.get(entry.id) } : null, revoked: revoked.has(entry.id) },
      reactions: [...(reactions.get(entry.id)?.values() ?? [])].filter(Boolean),
    });
  }
  return list;
}

function draw() {
  const user = store.chosen();
  const log = $('log');
  const scroll = $('scroll');
  const changedUser = drawn !== user?.id;
  if (changedUser) {
    drawn = user?.id ?? null;
    most = STEP;
    bubbles.clear();
    // what was said earlier is not read out when a conversation is opened
    log.setAttribute('aria-live', 'off');
    log.replaceChildren();
    $('jump').hidden = true;
  }
  head(user);
  $('composer').hidden = !user;
  const list = user ? arranged(user) : [];
  empty(user, list.length);
  const shown = list.slice(-most);
  $('earlier').hidden = list.length <= shown.length;
  const follow = changedUser || atEnd;
  const before = bubbles.size;
  const kept = new Set();
  let lastDay = null;
  let at = log.firstChild;
  const place = (node) => {
    if (node === at) {
      at = at.nextSibling;
    } else {
      log.insertBefore(node, at);
    }
  };
  for (const { entry, reactions } of shown) {
    const heading = day(entry.at);
    if (heading !== lastDay) {
      lastDay = heading;
      if (at?.dataset?.day === heading) {
        at = at.nextSibling;
      } else {
        log.insertBefore(el('p', { class: 'day', dataset: { day: heading } }, el('span', { text: heading })), at);
      }
    }
    const old = bubbles.get(entry.id)?.node;
    const node = bubbleOf(entry, reactions, user);
    // a bubble drawn anew took the place of the old one
    at = old && at === old ? node : at;
    kept.add(entry.id);
    place(node);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
  for (const id of bubbles.keys()) {
    if (!kept.has(id)) {
      bubbles.delete(id);
    }
  }
  rove(log, 'article', log.querySelector('article[tabindex="0"]') ?? [...log.querySelectorAll('article')].at(-1));
  $('typing').hidden = !user || user.typingUntil < Date.now();
  log.setAttribute('aria-label', user ? `Conversation with ${store.label(user)}` : 'Conversation');
  if (follow) {
    toEnd();
  } else if (bubbles.size > before && list.at(-1)?.entry.from === 'business') {
    $('jump').hidden = false;
  }
  if (changedUser || log.getAttribute('aria-live') === 'off') {
    setTimeout(() => log.setAttribute('aria-live', 'polite'), 500);
  }
}

/** Shows more of what was said before, and keeps in view what is. */
function grow(count) {
  const scroll = $('scroll');
  const fromEnd = scroll.scrollHeight - scroll.scrollTop;
  most = count;
  atEnd = false;
  $('log').setAttribute('aria-live', 'off');
  draw();
  scroll.scrollTop = scroll.scrollHeight - fromEnd;
}

function toEnd() {
  const scroll = $('scroll');
  scroll.scrollTop = scroll.scrollHeight;
  atEnd = true;
  $('jump').hidden = true;
}

function head(user) {
  $('chat-title').textContent = user ? store.label(user) : 'No user chosen';
  $('chat-sub').textContent = user ? [store.label(user) === store.shown(user.id) ? null : store.shown(user.id),
    user.username && user.name && `@${user.username}`, `talks to ${business()}`, store.state.settings.numbers && store.state.settings.name].filter(Boolean).join(' · ') : '';
  $('chat-avatar').className = `avatar ${user ? hue(user.id) : ''}`;
  $('chat-avatar').textContent = user ? initials(user) : '';
  $('forget').hidden = !user;
}

function empty(user, count) {
  const box = $('empty');
  box.hidden = !!user && (count > 0 || !user.loaded);
  if (box.hidden) {
    return;
  }
  const words = user ? `Write as ${store.label(user)}: the message goes to your webhook, signed, as Meta would send it.`
    : 'Choose a user on the left, or add one, and talk to your application as they would.';
  if (box.textContent !== words) {
    box.replaceChildren(el('p', { text: words }));
  }
}

function bubbleOf(entry, reactions, user) {
  const { status, typing, ...rest } = entry;
  const known = bubbles.get(entry.id);
  const content = JSON.stringify([rest, reactions, status === 'failed' || status === 'undelivered', user.name, quotedSummary(entry, user)]);
  if (known?.content === content) {
    if (known.status !== status) {
      known.status = status;
      known.node.querySelector(':scope > .meta').replaceWith(meta(entry));
    }
    return known.node;
  }
  const node = bubble(entry, {
    business: 'Business',
    user: store.label(user),
    find: (id) => user.entries?.get(id),
    reactions,
    act: (kind, detail) => act(kind, detail, entry),
  });
  if (known) {
    node.tabIndex = known.node.tabIndex;
    const focused = known.node.contains(document.activeElement);
    known.node.replaceWith(node);
    if (focused) {
      node.focus({ preventScroll: true });
    }
  }
  bubbles.set(entry.id, { node, content, status });
  return node;
}

function quotedSummary(entry, user) {
  const id = entry.message?.context?.id ?? entry.message?.context?.message_id;
  const found = id && user.entries?.get(id);
  return found ? summary(found) : '';
}

function act(kind, detail, entry) {
  const user = store.chosen();
  switch (kind) {
    case 'menu':
      return entryMenu(detail, entry, user);
    case 'show': {
      if (!bubbles.has(detail)) {
        const list = arranged(user);
        const at = list.findIndex((one) => one.entry.id === detail);
        if (at >= 0) {
          grow(list.length - at + 20);
        }
      }
      const node = bubbles.get(detail)?.node;
      if (!node) {
        return toast('This message is no longer remembered.', 'note');
      }
      rove($('log'), 'article', node);
      node.focus();
      node.scrollIntoView({ block: 'center' });
      return null;
    }
    case 'button':
      return say.tap(user, entry, 'button', { id: detail.reply.id, title: detail.reply.title });
    case 'quick_reply':
      return say.tap(user, entry, 'quick_reply', { payload: detail.payload, text: detail.text });
    case 'list':
      return rowsDialog(detail.content, user, entry);
    case 'location':
      return say.locationDialog(user, { reply_to: entry.id });
    case 'contact':
      return say.send(user, { contacts: [{ name: { formatted_name: store.label(user) }, ...(/^\d+$/.test(user.id)
        ? { phones: [{ phone: `+${user.id}`, wa_id: user.id, type: 'CELL' }] } : {}) }], reply_to: entry.id });
    case 'calls':
      return say.tap(user, entry, 'raw', { type: 'interactive', interactive: { type: 'call_permission_reply',
        call_permission_reply: { response: detail.response, response_source: 'user_action',
          ...(detail.response === 'accept' ? { expiration_timestamp: Math.floor(Date.now() / 1000) + 7 * 86400 } : {}) } } });
    case 'flow':
      return say.flowDialog(user, entry, detail.parameters);
    case 'address':
      return say.addressDialog(user, entry, detail.parameters);
    case 'order':
      return say.orderDialog(user, detail.catalog, detail.products, { reply_to: entry.id });
    case 'copy':
      return copy(detail.text);
    default:
      return null;
  }
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast('Copied.', 'note');
  } catch {
    const area = el('textarea', { rows: '8', readonly: true, value: text, 'aria-label': 'Text to copy' });
    dialog({ title: 'Copy this', body: [area], wide: true });
    area.select();
  }
}

function entryMenu(button, entry, user) {
  const items = [
    { text: 'Reply', icon: 'reply', act: () => quote(entry) },
    { text: 'React', icon: 'person', act: () => reactionDialog(entry, user) },
  ];
  const words = entry.text ?? entry.message?.text?.body ?? entry.rendered?.body;
  if (words) {
    items.push({ text: 'Copy text', icon: 'file', act: () => copy(words) });
  }
  if (entry.from === 'user' && entry.type === 'text') {
    items.push({ text: 'Edit', icon: 'list', act: () => editDialog(entry, user) });
  }
  if (entry.from === 'user') {
    items.push({ text: 'Delete for everyone', icon: 'trash', act: () => say.send(user, { revoke: { original_message_id: entry.id } }) });
  }
  items.push({ text: 'Show JSON', icon: 'code', act: () => import('./format.js').then(({ json }) => dialog({
    title: 'Message', wide: true, body: [json(entry.message ?? entry, 'JSON of the message'), el('p', { class: 'field-hint', text: entry.id })] })) });
  menu(button, 'Message actions', items);
}

// what each user has begun to write, and the message it answers
const drafts = new Map();
let writer = null;
let quoted = null;

/** Keeps what one user has begun to write, and takes up what the chosen one has. */
function changeWriter() {
  const area = $('composer-text');
  if (writer === store.state.chosen) {
    return;
  }
  if (writer) {
    drafts.set(writer, { words: area.value, quoted });
  }
  writer = store.state.chosen;
  const draft = drafts.get(writer) ?? { words: '', quoted: null };
  area.value = draft.words;
  lines(area);
  quote(draft.quoted, false);
}

/** What goes with the next message of the user: the message it answers, once. */
function takeQuote(user) {
  const { quoted: answered } = user.id === writer ? { quoted } : drafts.get(user.id) ?? {};
  if (user.id === writer) {
    quote(null);
  } else if (answered) {
    drafts.get(user.id).quoted = null;
  }
  return answered ? { reply_to: answered.id } : {};
}

function quote(entry, focus = true) {
  quoted = entry;
  $('quoting').hidden = !entry;
  if (entry) {
    $('quoting-text').textContent = `Reply to ${speaker(entry, store.chosen())}: ${summary(entry)}`;
    if (focus) {
      setTimeout(() => $('composer-text').focus());
    }
  }
}

function reactionDialog(entry, user) {
  const own = [...user.entries.values()].findLast((one) => one.type === 'reaction' && one.from === 'user' && reactedTo(one) === entry.id);
  const react = (emoji) => say.send(user, { reaction: { message_id: entry.id, ...(emoji ? { emoji } : {}) } });
  const other = el('input', { maxlength: '16', autocomplete: 'off' });
  const box = dialog({
    title: 'React',
    body: [el('div', { class: 'emojis', role: 'group', 'aria-label': 'Reactions' }, QUICK.map((emoji) => el('button', {
      type: 'button', class: 'plain', 'aria-label': `React ${emoji}`, text: emoji, onclick: () => {
        react(emoji);
        box.close();
      } }))),
    field('Another emoji', other),
    own && emojiOf(own) && el('button', { type: 'button', class: 'plain', text: 'Take the reaction back', onclick: () => {
      react(null);
      box.close();
    } })],
    submitLabel: 'React',
    submit: async () => {
      if (!other.value.trim()) {
        throw new Error('Choose an emoji, or type one.');
      }
      await react(other.value.trim());
    },
  });
}

function editDialog(entry, user) {
  const area = el('textarea', { rows: '4', maxlength: '4096', required: true, value: entry.text ?? entry.message?.text?.body ?? '' });
  dialog({ title: 'Edit the message', body: [field('Text', area)], submitLabel: 'Save',
    submit: () => say.send(user, { edit: { text: area.value, original_message_id: entry.id } }) });
}

/** The rows of a list message; one is chosen and sent. */
function rowsDialog(content, user, entry) {
  const action = content.action ?? {};
  const name = `rows-${Math.random().toString(36).slice(2)}`;
  const rows = [];
  const sections = (action.sections ?? []).map((section) => el('fieldset', { class: 'rows' }, section.title && el('legend', { text: section.title }),
    (section.rows ?? []).map((row) => {
      const radio = el('input', { type: 'radio', name, value: String(rows.push(row) - 1) });
      return el('label', { class: 'row' }, el('span', {}, el('strong', { text: row.title ?? row.id }), row.description && el('small', { text: row.description })), radio);
    })));
  dialog({
    title: action.button ?? 'Choose',
    body: sections,
    submitLabel: 'Send',
    submit: async () => {
      const picked = document.querySelector(`input[name="${name}"]:checked`);
      if (!picked) {
        throw new Error('Choose one row.');
      }
      const { id, title, description } = rows[Number(picked.value)];
      await say.tap(user, entry, 'list', { id, title, ...(description ? { description } : {}) });
    },
  });
}

function lines(area) {
  area.rows = 1;
  const style = getComputedStyle(area);
  const needed = Math.round((area.scrollHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom)) / parseFloat(style.lineHeight));
  area.rows = Math.max(1, Math.min(7, needed));
}

async function submit() {
  const area = $('composer-text');
  const words = area.value.trim();
  const user = store.chosen();
  if (!words || !user) {
    return;
  }
  const reply = takeQuote(user);
  area.value = '';
  lines(area);
  toEnd();
  try {
    await say.send(user, { text: words, ...reply }, true);
  } catch (failure) {
    // one that was refused comes back to be corrected
    if (writer === user.id && !area.value) {
      area.value = words;
      lines(area);
    } else if (writer !== user.id && !drafts.get(user.id)?.words) {
      drafts.set(user.id, { words, quoted: null });
    }
    toast(failure.message);
  }
}

export function start() {
  $('forget').append(icon('trash'));
  $('attach').append(icon('attach'));
  $('voice').append(icon('mic'));
  $('send').append(icon('send'));
  $('quoting-off').append(icon('close'));
  const area = $('composer-text');
  const log = $('log');
  area.addEventListener('input', () => lines(area));
  area.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    } else if (event.key === 'Escape' && quoted) {
      quote(null);
    } else if (event.key === 'ArrowUp' && !area.value) {
      event.preventDefault();
      [...log.querySelectorAll('article')].at(-1)?.focus();
    }
  });
  area.addEventListener('paste', (event) => {
    const file = [...(event.clipboardData?.files ?? [])][0];
    if (file) {
      event.preventDefault();
      say.fileDialog(store.chosen(), file);
    }
  });
  $('composer').addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  $('quoting-off').addEventListener('click', () => {
    quote(null);
    area.focus();
  });
  say.answering(takeQuote);
  $('attach').addEventListener('click', () => say.attachMenu($('attach'), () => store.chosen()));
  $('voice').addEventListener('click', () => say.voiceDialog(store.chosen()));
  $('phone').addEventListener('dragover', (event) => event.preventDefault());
  $('phone').addEventListener('drop', (event) => {
    event.preventDefault();
    const file = event.dataTransfer?.files?.[0];
    if (file && store.chosen()) {
      say.fileDialog(store.chosen(), file);
    }
  });
  log.addEventListener('keydown', (event) => {
    const article = event.target.closest('article');
    if (event.target !== article) {
      if (event.key === 'Escape') {
        article?.focus();
      }
      return;
    }
    if (moveFocus(event, [...log.querySelectorAll('article')])) {
      rove(log, 'article', document.activeElement);
    } else if (event.key === 'Enter' || event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      event.preventDefault();
      article.querySelector('.more').click();
    } else if (event.key === 'Escape') {
      area.focus();
    }
  });
  log.addEventListener('focusin', (event) => {
    const article = event.target.closest('article');
    if (article) {
      rove(log, 'article', article);
    }
  });
  $('earlier').addEventListener('click', () => {
    grow(most + STEP);
  });
  $('jump').addEventListener('click', toEnd);
  $('scroll').addEventListener('scroll', () => {
    const scroll = $('scroll');
    atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;
    if (atEnd) {
      $('jump').hidden = true;
    }
  }, { passive: true });
  // a picture that arrives late, the keyboard of a phone, another width: the end stays in view
  const sizes = new ResizeObserver(() => atEnd && toEnd());
  sizes.observe($('scroll'));
  sizes.observe(log);
  $('forget').addEventListener('click', () => {
    const user = store.chosen();
    dialog({
      title: 'Forget this conversation?',
      body: [el('p', { text: `The simulator forgets what it and ${store.label(user)} said. What your application remembers stays.` })],
      submitLabel: 'Forget',
      submit: () => api.forget(user.id),
    });
  });
  const soon = eachFrame(draw);
  store.on('conversation', (id) => {
    if (id === store.state.chosen) {
      soon();
    }
  });
  store.on('chosen', () => {
    changeWriter();
    soon();
  });
  store.on('settings', soon);
  store.on('number', () => {
    drafts.clear();
    writer = null;
    $('composer-text').value = '';
    quote(null, false);
  });
  draw();
}
