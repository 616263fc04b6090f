// Small helpers for building the page. Everything goes in as text, never as markup.

export const $ = (id) => document.getElementById(id);

/** Makes an element; children are elements and texts. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
  return element;
}

export function svg(tag, attributes) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  set(element, attributes);
  return element;
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
}

/** Writes only what differs: a live region is not read again, and a selection is not lost. */
export function say(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** A button that is switched off under somebody's finger takes the focus with it: it only says that it is off, and does nothing. */
export function able(id, on) {
  const button = $(id);
  button.disabled = !on && document.activeElement !== button;
  button.setAttribute('aria-disabled', String(!on));
}

/**
 * Rows that are chosen by their checkboxes, and one checkbox for all of them.
 *
 * @param shown gives the items that the table shows, each with an id
 * @param changed is called when somebody has chosen
 * @returns brings the checkboxes in line with what is chosen
 */
export function choosing(body, all, chosen, shown, changed) {
  const choose = (id, on) => (on ? chosen.add(id) : chosen.delete(id));
  all.addEventListener('change', () => {
    shown().forEach(({ id }) => choose(id, all.checked));
    changed();
  });
  body.addEventListener('change', ({ target }) => {
    choose(target.dataset.id, target.checked);
    changed();
  });
  return () => {
    body.querySelectorAll('input').forEach((box) => {
      box.checked = chosen.has(box.dataset.id);
    });
    all.checked = shown().length > 0 && chosen.size === shown().length;
    all.indeterminate = chosen.size > 0 && !all.checked;
  };
}

/** Of what is no longer shown nothing stays chosen. */
export function keepChosen(chosen, shown) {
  const ids = new Set(shown.map(({ id }) => id));
  chosen.forEach((id) => ids.has(id) || chosen.delete(id));
}

document.addEventListener('click', (event) => {
  if (event.target.closest?.('[aria-disabled=true]')) {
    event.preventDefault();
    event.stopPropagation();
  }
}, true);

export const count = (number) => Number(number ?? 0).toLocaleString('en-GB');

export const plural = (number, one, many) => `${count(number)} ${Number(number) === 1 ? one : many}`;

/** A time as this machine writes it, of today without the day unless asked for; what is no time is shown as it is. */
export function time(instant, whole = false) {
  const date = new Date(instant ?? '');
  if (Number.isNaN(date.getTime())) {
    return instant ?? '';
  }
  const today = !whole && date.toDateString() === new Date().toDateString();
  const shown = today ? date.toLocaleTimeString() : date.toLocaleString();
  return el('time', { datetime: date.toISOString(), title: date.toLocaleString() }, shown);
}

/**
 * Brings the rows of a table body up to date by their keys. A row that says the same stays the same element, so focus and choice stay.
 *
 * @param items of {key, same, cells}: same is a text that differs when the row does; cells makes its cells
 */
export function rows(body, items) {
  const before = new Map([...body.rows].map((row) => [row.dataset.key, row]));
  const after = items.map(({ key, same, cells }) => {
    const row = before.get(key);
    if (row?.dataset.same === same) {
      return row;
    }
    const fresh = el('tr', {}, ...cells());
    fresh.dataset.key = key;
    fresh.dataset.same = same;
    return fresh;
  });
  if (after.length === body.rows.length && after.every((row, at) => row === body.rows[at])) {
    return;
  }
  const focused = body.contains(document.activeElement) ? document.activeElement : null;
  const column = focused ? [...focused.closest('tr').querySelectorAll('input, button')].indexOf(focused) : -1;
  const key = focused?.closest('tr').dataset.key;
  body.replaceChildren(...after);
  if (focused && document.activeElement !== focused) {
    const here = after.find((row) => row.dataset.key === key)?.querySelectorAll('input, button')[column];
    (here ?? body.closest('[tabindex]')).focus();
  }
}

/** Only if there are others than before: a list that somebody has open stays. */
export function options(list, names, none) {
  const same = names.join('\n');
  if (list.dataset.same !== same) {
    const { value } = list;
    list.dataset.same = same;
    const first = none ? [el('option', { value: '' }, none)] : [];
    list.replaceChildren(...first, ...names.map((name) => el('option', { value: name }, none ? name : '')));
    if (none) {
      list.value = value ?? '';
    }
  }
}
