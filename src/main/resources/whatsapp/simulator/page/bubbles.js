// One entry of a conversation as an element: what was said, its quote, its reactions, its ticks.

import { el, icon, plural, size, time, unseen } from './dom.js';
import { formatted, json, outside, plain } from './format.js';

const BASE = '/simulator/files/';

/** What an entry says in one line, for lists, quotes and notifications. */
export function summary(entry, find = () => null) {
  const message = entry.message ?? {};
  const content = message[entry.type];
  switch (entry.type) {
    case 'text':
      return plain(entry.text ?? content?.body);
    case 'audio':
      return `Voice message${wordsOf(entry) ? `: ${wordsOf(entry)}` : ''}`;
    case 'image': case 'video': case 'sticker': case 'document': {
      const caption = entry.media?.caption ?? content?.caption;
      const name = entry.media?.filename ?? content?.filename;
      return `${{ image: 'Photo', video: 'Video', sticker: 'Sticker', document: 'Document' }[entry.type]}${
        caption || name ? `: ${plain(caption || name)}` : ''}`;
    }
    case 'location':
      return `Location${content?.name ? `: ${content.name}` : ''}`;
    case 'contacts':
      return `Contact: ${(Array.isArray(content) ? content : []).map((one) => one?.name?.formatted_name).filter(Boolean).join(', ')}`;
    case 'interactive': {
      const answer = content?.button_reply ?? content?.list_reply;
      return plain(answer?.title ?? content?.nfm_reply?.body ?? content?.body?.text ?? entry.button?.title ?? entry.list?.title
        ?? entry.text ?? 'Interactive message');
    }
    case 'button':
      return plain(content?.text ?? entry.quick_reply?.text);
    case 'template':
      return plain(entry.rendered?.body ?? `Template ${content?.name ?? ''}`);
    case 'reaction':
      return emojiOf(entry) ? `Reacted ${emojiOf(entry)}${about(find(reactedTo(entry)))}` : 'Took a reaction back';
    case 'order':
      return `Order: ${plural(content?.product_items?.length ?? 0, 'product')}`;
    case 'edit':
      return 'Edited a message';
    case 'revoke':
      return 'Deleted a message';
    default:
      return plain(entry.text ?? `${String(entry.type ?? 'unknown').replaceAll('_', ' ')} message`);
  }
}

const about = (original) => (original ? ` to: ${summary(original)}` : '');
const wordsOf = (entry) => entry.media?.transcript ?? (typeof entry.voice === 'string' ? entry.voice : '');
const emojiOf = (entry) => entry.reaction?.emoji ?? entry.message?.reaction?.emoji ?? '';

/** The id of the message that a reaction is about. */
export const reactedTo = (entry) => entry.reaction?.message_id ?? entry.message?.reaction?.message_id;
export { emojiOf };

/** What an edit or a deletion is about. */
export function amended(entry) {
  const content = entry.message?.[entry.type];
  return { id: content?.original_message_id, text: content?.message?.text?.body ?? entry.edit?.text };
}

const STEPS = {
  accepted: ['◷', 'accepted'],
  sent: ['✓', 'sent'],
  delivered: ['✓✓', 'delivered'],
  read: ['✓✓', 'read'],
  played: ['✓✓', 'played'],
  failed: ['!', 'failed'],
  undelivered: ['!', 'webhook failed'],
};

/** Time and ticks; the live region does not speak them. */
export function meta(entry) {
  const [sign, words] = STEPS[entry.status] ?? ['', entry.status ?? ''];
  return el('span', { class: 'meta', 'aria-live': 'off' },
    entry.edited && el('span', { text: 'edited' }),
    el('time', { datetime: entry.at, text: time(entry.at) }),
    sign && el('span', { class: `ticks ${entry.status}`, role: 'img', 'aria-label': words, title: words, text: sign }));
}

/**
 * A bubble.
 *
 * @param entry   as the simulator gives it, with `edited` and `revoked` where those apply
 * @param context {business, user: names, find(id): entry, reactions: [emoji], act(kind, detail), menu(button)}
 */
export function bubble(entry, context) {
  const mine = entry.from === 'user';
  const content = entry.revoked ? [el('p', { class: 'gone', text: 'This message was deleted' })] : body(entry, context);
  const quoted = entry.message?.context?.id ?? entry.message?.context?.message_id;
  const more = el('button', { type: 'button', class: 'icon more', tabindex: '-1', 'aria-label': 'Message actions', 'aria-haspopup': 'menu',
    'aria-expanded': 'false', onclick: () => context.act('menu', more) }, icon('more'));
  const failed = entry.error && el('p', { class: 'failure' }, el('strong', { text: `Failed: ${entry.error.code ?? 'unknown'}` }),
    entry.error.title && ` ${entry.error.title}`);
  const undelivered = entry.status === 'undelivered' && el('p', { class: 'failure' }, el('strong', { text: 'The webhook did not answer 200.' }),
    ' See the inspector.');
  return el('article', { class: `bubble ${mine ? 'mine' : 'theirs'} type-${/^\w+$/.test(entry.type) ? entry.type : 'other'}`, tabindex: '-1',
    dataset: { id: entry.id } },
    unseen(`${mine ? context.user : context.business}: `),
    origin(entry.message ?? {}),
    quoted && quote(quoted, context),
    el('div', { class: 'content', dir: 'auto' }, content),
    failed, undelivered, meta(entry), more,
    context.reactions.length > 0 && el('p', { class: 'reactions' }, unseen('Reactions: '), counted(context.reactions)));
}

/** Each emoji once, and how many there are if there are more. */
function counted(reactions) {
  const kinds = [...new Set(reactions)].join(' ');
  return reactions.length > 1 ? `${kinds} ${reactions.length}` : kinds;
}

/** Where a message comes from: a group, somebody else's words passed on, an advertisement that was tapped. */
function origin(message) {
  const { forwarded, frequently_forwarded: often, referred_product: asked } = message.context ?? {};
  const ad = message.referral;
  return [
    message.group_id && el('p', { class: 'origin' }, icon('person'), `In the group ${message.group_id}`),
    (forwarded || often) && el('p', { class: 'origin' }, icon('forward'), often ? 'Forwarded many times' : 'Forwarded'),
    ad && el('div', { class: 'ad', role: 'group', 'aria-label': 'Advertisement' }, el('span', { class: 'kind', text: ad.source_type === 'post' ? 'Post' : 'Ad' }),
      ad.headline && el('strong', { dir: 'auto', text: ad.headline }), ad.body && el('span', { dir: 'auto', text: ad.body }),
      ad.source_url && el('small', {}, outside(ad.source_url, ad.source_url))),
    asked && el('p', { class: 'origin' }, icon('cart'), `About the product ${asked.product_retailer_id ?? ''}`),
  ];
}

function quote(id, context) {
  const original = context.find(id);
  return el('button', { type: 'button', class: 'quote', disabled: !original, onclick: () => context.act('show', id) },
    unseen('In reply to '),
    el('strong', { dir: 'auto', text: original ? (original.from === 'user' ? context.user : context.business) : 'Earlier message' }),
    el('span', { dir: 'auto', text: original ? summary(original) : 'It is no longer remembered' }));
}

function body(entry, context) {
  const message = entry.message ?? {};
  const content = message[entry.type];
  switch (entry.type) {
    case 'text':
      return text(entry.edited?.text ?? entry.text ?? content?.body ?? '');
    case 'image': case 'video': case 'audio': case 'document': case 'sticker':
      return media(entry.type, entry.media ?? content ?? {}, wordsOf(entry));
    case 'location':
      return location(content ?? entry.location ?? {});
    case 'contacts':
      return contacts(content ?? entry.contacts ?? []);
    case 'interactive':
      return entry.from === 'user' ? answer(content ?? {}, entry) : interactive(content ?? {}, entry, context);
    case 'button':
      return [el('p', { class: 'tapped', dir: 'auto' }, unseen('Tapped '), content?.text ?? entry.quick_reply?.text ?? '')];
    case 'template':
      return template(entry, content ?? {}, context);
    case 'order':
      return order(content ?? entry.order ?? {});
    case 'edit':
      return [el('p', { class: 'event', text: `Edited a message: ${amended(entry).text ?? ''}` })];
    case 'revoke':
      return [el('p', { class: 'event', text: 'Deleted a message' })];
    case 'system':
      return [el('p', { class: 'event', text: content?.body ?? entry.system?.body ?? 'System message' })];
    case 'reaction':
      return [el('p', { class: 'event', text: summary(entry) })];
    default:
      return unknown(entry);
  }
}

const text = (words) => [el('div', { class: 'text', dir: 'auto' }, formatted(words))];

function unknown(entry) {
  const shown = entry.message ?? Object.fromEntries(Object.entries(entry).filter(([key]) => !['from', 'id', 'at', 'status'].includes(key)));
  return [el('p', { class: 'kind', text: `${entry.type ?? 'unknown'} (shown as JSON)` }), json(shown, `JSON of the ${entry.type} message`)];
}

function media(type, file, words) {
  const address = file.url?.startsWith(BASE) ? file.url : file.id && !file.link ? BASE + encodeURIComponent(file.id) : null;
  const caption = file.caption && el('div', { class: 'text', dir: 'auto' }, formatted(file.caption));
  const link = file.link ?? (file.url && !address ? file.url : null);
  if (!address) {
    return [el('p', { class: 'file' }, icon(type === 'image' || type === 'sticker' ? 'image' : 'file'),
      el('span', {}, el('strong', { text: file.filename ?? `${type} by link` }), link && el('small', {}, outside(link)))), caption];
  }
  const missing = () => el('p', { class: 'file' }, icon('file'), el('span', { text: `This ${type} is no longer kept` }));
  switch (type) {
    case 'image': case 'sticker': {
      const image = el('img', { class: type, src: address, alt: file.caption ? plain(file.caption) : type === 'image' ? 'Photo' : 'Sticker',
        loading: 'lazy', onerror: () => image.replaceWith(missing()) });
      return [image, caption];
    }
    case 'video':
      return [el('video', { src: address, controls: true, preload: 'metadata', 'aria-label': 'Video' }), caption];
    case 'audio':
      return [el('audio', { src: address, controls: true, preload: 'metadata', 'aria-label': file.voice === false ? 'Audio' : 'Voice message' }),
        words && el('p', { class: 'transcript', dir: 'auto' }, el('span', { class: 'kind', text: 'Transcript' }), ` ${words}`)];
    default:
      return [el('a', { class: 'file', href: address, download: file.filename ?? '', target: '_blank', rel: 'noopener' }, icon('file'),
        el('span', {}, el('strong', { text: file.filename ?? 'Document' }),
          el('small', { text: [file.mime_type, file.bytes && size(file.bytes)].filter(Boolean).join(' · ') }))), caption];
  }
}

function location({ latitude, longitude, name, address }) {
  return [el('div', { class: 'place' }, icon('pin'), el('div', {},
    el('strong', { text: name ?? 'Location' }), address && el('span', { text: address }),
    el('small', { text: `${latitude}, ${longitude}` })))];
}

function contacts(list) {
  return (Array.isArray(list) ? list : [list]).map((one) => el('div', { class: 'place' }, icon('person'), el('div', {},
    el('strong', { text: one?.name?.formatted_name ?? 'Contact' }),
    one?.org?.company && el('span', { text: one.org.company }),
    (one?.phones ?? []).map((phone) => el('small', { text: phone?.phone ?? phone?.wa_id ?? '' })),
    (one?.emails ?? []).map((mail) => el('small', { text: mail?.email ?? '' })))));
}

function order(content) {
  const items = content.product_items ?? [];
  return [el('div', { class: 'place' }, icon('cart'), el('div', {}, el('strong', { text: `Order: ${plural(items.length, 'product')}` }),
    items.map((item) => el('small', { text: `${item.quantity ?? 1} × ${item.product_retailer_id ?? '?'}${
      item.item_price !== undefined ? ` at ${item.item_price} ${item.currency ?? ''}` : ''}` })))),
    content.text && el('div', { class: 'text', dir: 'auto' }, formatted(content.text))];
}

/** What a user chose. */
function answer(content, entry) {
  const chosen = content.button_reply ?? content.list_reply ?? entry.button ?? entry.list;
  if (chosen) {
    return [el('p', { class: 'tapped', dir: 'auto' }, unseen('Tapped '), chosen.title ?? chosen.id),
      chosen.description && el('p', { class: 'small', text: chosen.description })];
  }
  if (content.nfm_reply) {
    return [el('p', { class: 'tapped', text: content.nfm_reply.body ?? 'Sent' }),
      el('details', {}, el('summary', { text: 'Answers' }), json(parsed(content.nfm_reply.response_json), 'Answers'))];
  }
  if (content.call_permission_reply) {
    return [el('p', { class: 'tapped', text: content.call_permission_reply.response === 'accept' ? 'You may call' : 'Please do not call' })];
  }
  return unknown(entry);
}

function parsed(value) {
  try {
    return JSON.parse(value);
  } catch {
    return String(value ?? '');
  }
}

function head(header) {
  if (!header) {
    return null;
  }
  if (typeof header === 'string') {
    return el('p', { class: 'head', dir: 'auto', text: header });
  }
  const type = String(header.type ?? 'text').toLowerCase();
  if (type === 'text') {
    return el('p', { class: 'head', dir: 'auto', text: header.text ?? '' });
  }
  if (type === 'location') {
    return location(header.location ?? {});
  }
  return media(type, header[type] ?? header.media ?? header, '');
}

const part = (words, name) => (words ? el('div', { class: name, dir: 'auto' }, formatted(words)) : null);
const option = (label, glyph, act) => el('button', { type: 'button', class: 'option', dir: 'auto', onclick: act }, glyph && icon(glyph), label);
const row = (...buttons) => el('div', { class: 'options' }, buttons);

function interactive(content, entry, context) {
  const action = content.action ?? {};
  const base = [head(content.header), part(content.body?.text, 'text'), part(content.footer?.text, 'foot')];
  const act = (kind, detail) => () => context.act(kind, { entry, ...detail });
  switch (content.type) {
    case 'button':
      return [base, row((action.buttons ?? []).map(({ reply }) => option(reply?.title ?? '', 'reply', act('button', { reply }))))];
    case 'list':
      return [base, row(option(action.button ?? 'Choose', 'list', act('list', { content })))];
    case 'cta_url':
      return [base, el('div', { class: 'options' }, outside(action.parameters?.url, action.parameters?.display_text ?? 'Open', 'option'),
        el('small', { class: 'address', text: action.parameters?.url ?? '' }))];
    case 'flow':
      return [base, row(option(action.parameters?.flow_cta ?? 'Open', 'list', act('flow', { parameters: action.parameters ?? {} })))];
    case 'address_message':
      return [base, row(option('Provide address', 'pin', act('address', { parameters: action.parameters ?? {} })))];
    case 'location_request_message':
      return [base, row(option('Send location', 'pin', act('location', {})))];
    case 'request_contact_info':
      return [base, row(option('Share contact', 'person', act('contact', {})))];
    case 'call_permission_request':
      return [base, row(option('Allow calls', null, act('calls', { response: 'accept' })), option('Do not allow', null, act('calls', { response: 'reject' })))];
    case 'voice_call':
      return [base, el('p', { class: 'kind', text: `Button: ${action.parameters?.display_text ?? 'Call'} (calls are not simulated)` })];
    case 'product':
      return [base, product(action.product_retailer_id), row(option('Order', 'cart', act('order', { catalog: action.catalog_id, products: [action.product_retailer_id] })))];
    case 'product_list': {
      const products = (action.sections ?? []).flatMap((section) => (section.product_items ?? []).map((item) => item.product_retailer_id));
      return [base, el('p', { class: 'kind', text: plural(products.length, 'product') }), products.slice(0, 3).map(product),
        row(option('View products', 'cart', act('order', { catalog: action.catalog_id, products })))];
    }
    case 'catalog_message':
      return [base, row(option('View catalogue', 'cart', act('order', { catalog: action.catalog_id ?? 'catalog',
        products: [action.parameters?.thumbnail_product_retailer_id ?? 'product-1'] })))];
    case 'carousel':
      return [base, el('div', { class: 'cards', tabindex: '0', role: 'group', 'aria-label': `${plural(action.cards?.length ?? 0, 'card')}, scrolls sideways` },
        (action.cards ?? []).map((card) => el('div', { class: 'card' }, head(card.header), part(card.body?.text, 'text'), cardAction(card, act))))];
    default:
      return [base, unknown(entry)];
  }
}

const product = (id) => el('p', { class: 'file' }, icon('cart'), el('span', { text: id ?? 'product' }));

function cardAction(card, act) {
  const action = card.action ?? {};
  if (action.product_retailer_id) {
    return [product(action.product_retailer_id),
      row(option('Order', 'cart', act('order', { catalog: action.catalog_id, products: [action.product_retailer_id] })))];
  }
  if (action.parameters?.url) {
    return el('div', { class: 'options' }, outside(action.parameters.url, action.parameters.display_text ?? 'Open', 'option'));
  }
  return row((action.buttons ?? []).map((button) => {
    const reply = button.quick_reply ?? button.reply;
    return reply && option(reply.title, 'reply', act('button', { reply }));
  }));
}

function template(entry, content, context) {
  const shown = entry.rendered;
  const note = el('p', { class: 'kind', text: `Template ${content.name ?? ''}${content.language?.code ? ` · ${content.language.code}` : ''}` });
  if (!shown) {
    return [note, json(content, 'JSON of the template')];
  }
  const act = (kind, detail) => () => context.act(kind, { entry, ...detail });
  const buttons = (shown.buttons ?? []).map((button) => {
    const type = String(button.type).toUpperCase();
    // the words of these are WhatsApp's own
    const words = button.text || { COPY_CODE: 'Copy offer code', OTP: 'Copy code' }[type] || type;
    switch (type) {
      case 'QUICK_REPLY':
        return option(words, 'reply', act('quick_reply', { payload: button.payload ?? words, text: words }));
      case 'URL':
        return outside(button.url, words, 'option');
      case 'FLOW':
        return option(words, 'list', act('flow', { parameters: { flow_cta: words, flow_token: button.payload } }));
      case 'COPY_CODE': case 'OTP':
        return option(words, 'code', act('copy', { text: button.payload ?? words }));
      case 'PHONE_NUMBER':
        return el('span', { class: 'option flat', text: `${words}${button.phone_number ? `: ${button.phone_number}` : ''}` });
      default:
        return el('span', { class: 'option flat', text: words });
    }
  });
  return [note, head(shown.header), shown.header_media && head(shown.header_media), part(shown.body, 'text'), part(shown.footer, 'foot'), buttons.length > 0 && el('div', { class: 'options' }, buttons)];
}
