// The light formatting of WhatsApp texts, and pretty JSON, as elements.
// Source: WhatsApp Help Center, "How to format your messages".

import { el } from './dom.js';

const BLOCK = /```([\s\S]+?)```/;
const MARKS = { '*': 'strong', _: 'em', '~': 's' };
// a mark opens after a non-word character and before a non-space; it closes after a non-space and before a non-word character
const INLINE = /(?<![\p{L}\p{N}])([*_~])(?=\S)((?:(?!\1)[^\n])*\S)\1(?![\p{L}\p{N}])|`([^`\n]+)`|(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}])/u;

/** A text as a list of nodes. */
export function formatted(text) {
  const nodes = [];
  let rest = String(text ?? '');
  for (let block = BLOCK.exec(rest); block; block = BLOCK.exec(rest)) {
    nodes.push(...lines(rest.slice(0, block.index)), el('code', { class: 'block', text: block[1].replace(/^\n|\n$/g, '') }));
    rest = rest.slice(block.index + block[0].length);
  }
  nodes.push(...lines(rest));
  return nodes;
}

function lines(text) {
  const nodes = [];
  let plain = [];
  const flush = () => {
    if (plain.length) {
      nodes.push(...inline(plain.join('\n')));
      plain = [];
    }
  };
  let list = null;
  for (const line of text.split('\n')) {
    const item = /^(?:[-*] |(\d{1,3})\. )(\S.*)$/.exec(line);
    const quote = /^> (.*)$/.exec(line);
    if (item) {
      flush();
      const tag = item[1] ? 'OL' : 'UL';
      if (list?.tagName !== tag) {
        list = el(tag.toLowerCase(), item[1] ? { start: item[1] } : {});
        nodes.push(list);
      }
      list.append(el('li', { dir: 'auto' }, inline(item[2])));
      continue;
    }
    list = null;
    if (quote) {
      flush();
      nodes.push(el('blockquote', { dir: 'auto' }, inline(quote[1])));
    } else {
      plain.push(line);
    }
  }
  flush();
  return nodes;
}

function inline(text) {
  const nodes = [];
  let rest = text;
  let before = '';
  for (let found = INLINE.exec(rest); found; found = INLINE.exec(rest)) {
    if (found.index) {
      nodes.push(rest.slice(0, found.index));
    }
    if (found[1]) {
      nodes.push(el(MARKS[found[1]], {}, inline(found[2])));
    } else if (found[3]) {
      nodes.push(el('code', { text: found[3] }));
    } else {
      nodes.push(outside(found[4], found[4]));
    }
    rest = rest.slice(found.index + found[0].length);
    before = found[0];
  }
  if (rest || !before) {
    nodes.push(rest);
  }
  return nodes;
}

/** A link that leaves the page; anything but http, https, mailto and tel is shown as text. */
export function outside(address, label, className) {
  if (!/^(https?|mailto|tel):/i.test(address ?? '')) {
    return el('span', { class: className, text: label ?? address });
  }
  return el('a', { class: className, href: address, target: '_blank', rel: 'noopener noreferrer', text: label ?? address });
}

/** The words of a text without its marks, on one line. */
export function plain(text) {
  return String(text ?? '').replace(/```|[*_~`]/g, '').replace(/\s+/g, ' ').trim();
}

const MAX_COLOURED = 200_000;
const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** A value as indented JSON with its parts in colour; a string as it is. */
export function json(value, label) {
  const isText = typeof value === 'string';
  const text = isText ? value : JSON.stringify(value, null, 2);
  const code = el('code');
  if (isText || text.length > MAX_COLOURED) {
    code.textContent = text;
  } else {
    let at = 0;
    for (const token of text.matchAll(TOKEN)) {
      code.append(text.slice(at, token.index));
      const kind = token[2] ? 'key' : token[1] ? 'string' : token[3] ? 'word' : 'digits';
      code.append(el('span', { class: `json-${kind}`, text: token[1] ?? token[0] }), token[2] ?? '');
      at = token.index + token[0].length;
    }
    code.append(text.slice(at));
  }
  return el('pre', { class: 'json', tabindex: '0', role: 'region', 'aria-label': label }, code);
}
