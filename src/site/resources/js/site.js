// The search, over an index that is loaded with the first letter; and the menu's button on a narrow page.
const load = (file) => new Promise((done, failed) => {
  const script = document.createElement('script');
  script.src = root + file;
  script.onload = done;
  script.onerror = () => failed(new Error(file + ' cannot be loaded'));
  document.head.append(script);
});

let searching;
const searcher = () => searching ??= Promise.all([load('js/lunr.min.js'), load('js/search-index.js')]).then(() => {
  // whatsapp.on.text, WhatsAppUser and dead-letter are found by their parts
  lunr.tokenizer.separator = /[^\p{L}\p{N}]+/u;
  return lunr(function () {
    this.ref('index');
    this.field('title', { boost: 8 });
    this.field('page', { boost: 3 });
    this.field('text');
    sections.forEach((section, index) => this.add({ index, ...section }));
  });
});

const words = (text) => lunr.tokenizer(text).map(String).filter((word) => word && lunr.stopWordFilter(new lunr.Token(word)));

const find = (index, text) => {
  const asked = words(text);
  const ask = (presence) => asked.length ? index.query((query) => asked.forEach((word, at) => {
    query.term(word, { presence, boost: 10 });
    // the last word may not be written to its end
    if (at === asked.length - 1 && word.length > 2 && presence === lunr.Query.presence.OPTIONAL) {
      query.term(word, { wildcard: lunr.Query.wildcard.TRAILING, usePipeline: false });
    }
  })) : [];
  const all = ask(lunr.Query.presence.REQUIRED);
  return (all.length ? all : ask(lunr.Query.presence.OPTIONAL)).slice(0, 12).map((result) => sections[result.ref]);
};

const excerpt = (text, asked) => {
  const lower = text.toLowerCase();
  const at = Math.max(0, Math.min(...asked.map((word) => lower.indexOf(word)).filter((place) => place >= 0)) - 50 || 0);
  return (at > 0 && Number.isFinite(at) ? '…' : '') + text.substr(Number.isFinite(at) ? at : 0, 170) + '…';
};

const element = (name, attributes, ...children) => {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
};

const field = element('input', { type: 'search', id: 'search', placeholder: 'Search ( / )', autocomplete: 'off' });
field.setAttribute('aria-label', 'Search these pages');
const found = element('ol', { id: 'found', hidden: true });
const told = element('p', { id: 'told' });
told.setAttribute('role', 'status');

let turn = 0;
const show = async () => {
  const mine = ++turn;
  const text = field.value.trim();
  if (text.length < 2) {
    found.hidden = true;
    told.textContent = '';
    return;
  }
  const index = await searcher();
  if (mine !== turn) {
    return;
  }
  const results = find(index, text);
  found.replaceChildren(...results.map((section) => element('li', {}, element('a', { href: root + section.path + '#' + section.id },
    element('strong', {}, section.title), section.title === section.page ? '' : ' – ' + section.page,
    element('span', {}, excerpt(section.text, words(text)))))));
  found.hidden = results.length === 0;
  told.textContent = results.length ? '' : 'Nothing is found.';
};

field.addEventListener('input', () => show().catch((problem) => { told.textContent = problem.message; }));
field.addEventListener('keydown', (event) => {
  if (event.key === 'Enter') {
    found.querySelector('a')?.click();
  } else if (event.key === 'Escape') {
    field.value = '';
    show();
  }
});
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
    event.preventDefault();
    field.focus();
  }
});
found.addEventListener('click', () => { found.hidden = true; });

const menu = document.querySelector('#leftColumn');
const button = element('button', { id: 'menu', type: 'button' }, 'Menu');
button.setAttribute('aria-expanded', 'false');
button.addEventListener('click', () => button.setAttribute('aria-expanded', String(menu.classList.toggle('open'))));
menu.prepend(element('div', { id: 'searching' }, button, field, told, found));
menu.classList.add('folding');
