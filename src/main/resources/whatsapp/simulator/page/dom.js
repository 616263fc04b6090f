// Small helpers for building the page. Everything that came from elsewhere goes in as text, never as markup.

const SVG = 'http://www.w3.org/2000/svg';

const ICONS = {
  attach: 'm20 11.500-8.500 8.300a5.300 5.300 0 0 1-7.500-7.500l8.700-8.600a3.500 3.500 0 0 1 5 5l-8.600 8.500a1.800 1.800 0 0 1-2.500-2.500l7.800-7.700',
  mic: 'M12 3a3 3 0 0 1 3 3v6a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM5 11v1a7 7 0 0 0 14 0v-1M12 19v3',
  send: 'M4 12 20 4l-5 16-3.500-6.500zM11.500 13.500 20 4',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  close: 'M6 6l12 12M18 6 6 18',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  file: 'M6 3h8l5 5v13H6zM14 3v5h5',
  pin: 'M12 21s7-6.500 7-12a7 7 0 0 0-14 0c0 5.500 7 12 7 12zM12 11.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4.500 3.600-7 8-7s8 2.500 8 7',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  link: 'M14 4h6v6M20 4l-9 9M18 14v6H4V6h6',
  reply: 'M9 8 4 12.500 9 17M4 12.500h9c4 0 7 2 7 6.500',
  forward: 'm15 8 5 4.500-5 4.500M20 12.500h-9c-4 0-7 2-7 6.500',
  cart: 'M3 4h2.500l2.500 11h10l2-8H6.300M9 20h.01M17 20h.01',
  image: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.500 9.500h.01',
  code: 'm8 7-5 5 5 5M16 7l5 5-5 5',
};

/** Makes an element. Properties: class, text, dataset, on* listeners, aria-* and other attributes; null ones are left out. */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) {
      continue;
    }
    if (key === 'class') {
      element.className = value;
    } else if (key === 'text') {
      element.textContent = value;
    } else if (key === 'value') {
      element.value = value;
    } else if (key === 'dataset') {
      Object.assign(element.dataset, value);
    } else if (key.startsWith('on')) {
      element.addEventListener(key.slice(2), value);
    } else {
      element.setAttribute(key, value === true ? '' : value);
    }
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const $ = (id) => document.getElementById(id);

export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'glyph');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

export const unseen = (text) => el('span', { class: 'unseen', text });

/**
 * Runs at most once a frame, and so seldom that it takes a fifth of the time at most: under load the page shows less often what
 * is new, and stays usable. When the page is in the background, where there are no frames, it runs four times a second.
 *
 * @param gap the least time between two runs, in ms
 */
export function eachFrame(work, gap = 0) {
  let due = false;
  let next = 0;
  const run = () => {
    due = false;
    const began = performance.now();
    work();
    const ended = performance.now();
    next = ended + Math.max(gap, 4 * (ended - began));
  };
  return () => {
    if (due) {
      return;
    }
    due = true;
    const wait = document.hidden ? 250 : next - performance.now();
    if (document.hidden) {
      setTimeout(run, wait);
    } else if (wait > 16) {
      setTimeout(() => requestAnimationFrame(run), wait);
    } else {
      requestAnimationFrame(run);
    }
  };
}

export function toast(text, kind = 'error') {
  const shown = el('div', { class: `toast ${kind}` }, el('p', { text }),
    el('button', { type: 'button', class: 'icon', 'aria-label': 'Dismiss', onclick: () => shown.remove() }, icon('close')));
  $('toasts').append(shown);
  while ($('toasts').children.length > 4) {
    $('toasts').firstChild.remove();
  }
  setTimeout(() => shown.remove(), kind === 'error' ? 12000 : 4000);
}

/**
 * Opens a modal dialog with a form. `submit` may be asynchronous; while it runs the dialog stays, and an error is shown in it.
 * The browser gives the focus back to where it was when the dialog closes.
 */
export function dialog({ title, body, submitLabel, submit, wide = false, onclose }) {
  const before = document.activeElement;
  const error = el('p', { class: 'form-error', role: 'alert' });
  const cancel = el('button', { type: 'button', class: 'plain', text: submit ? 'Cancel' : 'Close', onclick: () => box.close() });
  const act = submit && el('button', { type: 'submit', class: 'primary', text: submitLabel });
  const form = el('form', { method: 'dialog', novalidate: false }, el('h2', { id: 'dialog-title', text: title }),
    el('div', { class: 'dialog-body' }, body), error, el('div', { class: 'dialog-foot' }, cancel, act));
  const box = el('dialog', { class: wide ? 'wide' : null, 'aria-labelledby': 'dialog-title' }, form);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!submit || act.disabled) {
      return;
    }
    act.disabled = true;
    error.textContent = '';
    try {
      await submit();
      box.close();
    } catch (failure) {
      error.textContent = failure.message;
    } finally {
      act.disabled = false;
    }
  });
  box.addEventListener('close', () => {
    onclose?.();
    box.remove();
    if (document.contains(before)) {
      before.focus();
    }
  });
  box.addEventListener('click', (event) => {
    if (event.target === box) {
      box.close();
    }
  });
  document.body.append(box);
  box.showModal();
  return box;
}

export function field(label, control, hint) {
  const id = control.id || `field-${Math.random().toString(36).slice(2)}`;
  control.id = id;
  const note = hint && el('span', { class: 'field-hint', id: `${id}-hint`, text: hint });
  if (note) {
    control.setAttribute('aria-describedby', note.id);
  }
  return el('div', { class: 'field' }, el('label', { for: id, text: label }), control, note);
}

/** A menu under a button: arrow keys move, Escape closes, the focus goes back to the button. */
export function menu(anchor, label, items) {
  const close = (refocus) => {
    list.remove();
    document.removeEventListener('pointerdown', outside, true);
    anchor.setAttribute('aria-expanded', 'false');
    if (refocus && document.contains(anchor)) {
      anchor.focus();
    }
  };
  const outside = (event) => {
    if (!list.contains(event.target)) {
      close(false);
    }
  };
  const list = el('div', { class: 'menu', role: 'menu', 'aria-label': label }, items.map((item) =>
    el('button', { type: 'button', role: 'menuitem', tabindex: '-1', onclick: () => {
      close(true);
      item.act();
    } }, item.icon && icon(item.icon), el('span', { text: item.text }))));
  list.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      event.stopPropagation();
      close(true);
      return;
    }
    moveFocus(event, [...list.children]);
  });
  document.body.append(list);
  const at = anchor.getBoundingClientRect();
  const size = list.getBoundingClientRect();
  list.style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`;
  list.style.top = `${Math.max(8, at.bottom + size.height > innerHeight - 8 ? at.top - size.height - 4 : at.bottom + 4)}px`;
  anchor.setAttribute('aria-expanded', 'true');
  document.addEventListener('pointerdown', outside, true);
  list.firstChild.focus();
}

/** Moves the focus among items by arrow keys, Home and End; true if the key was one of them. */
export function moveFocus(event, items, previous = 'ArrowUp', next = 'ArrowDown') {
  const here = items.indexOf(document.activeElement);
  const to = { [previous]: here < 0 ? items.length - 1 : here - 1, [next]: here + 1, Home: 0, End: items.length - 1 }[event.key];
  if (to === undefined || !items.length) {
    return false;
  }
  event.preventDefault();
  items[Math.max(0, Math.min(items.length - 1, to))].focus();
  return true;
}

/** The one item of a list that Tab reaches. */
export function rove(container, selector, wanted) {
  const current = container.querySelector(`${selector}[tabindex="0"]`);
  const chosen = wanted ?? current ?? container.querySelector(selector);
  if (current && current !== chosen) {
    current.tabIndex = -1;
  }
  if (chosen) {
    chosen.tabIndex = 0;
  }
}

export function time(at) {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? '' : date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
}

export function timeWithMillis(at) {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? ''
    : date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hour12: false });
}

export function day(at) {
  const date = new Date(at);
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (date.toDateString() === today.toDateString()) {
    return 'Today';
  }
  if (date.toDateString() === yesterday.toDateString()) {
    return 'Yesterday';
  }
  return date.toLocaleDateString(undefined, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}

export function size(bytes) {
  return bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

export const plural = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;
