// Everything a user can say, and the dialogs for what is more than a line of text.

import { dialog, el, field, icon, menu, size, toast } from './dom.js';
import * as api from './api.js';
import * as store from './store.js';

const MAX_FILE = 16 * 1024 * 1024;

const PATIENCE = 1500;

/**
 * Sends what a user says; name and username go along, as a profile's do. The simulator answers when the webhook has; a slow
 * one is not waited for.
 *
 * @param loud whether a refusal is thrown, for the caller to show; otherwise, and when it comes late, it is shown here
 */
export function send(user, message, loud = false) {
  const profile = { ...(user.name ? { name: user.name } : {}), ...(user.username ? { username: user.username } : {}) };
  let waiting = loud;
  const sent = api.say(user.id, { ...message, ...profile }).catch((failure) => {
    // a message that the webhook did not take is in the conversation all the same
    if (waiting && !failure.answer?.message_id) {
      throw failure;
    }
    toast(failure.message);
  });
  return Promise.race([sent, new Promise((done) => setTimeout(() => {
    waiting = false;
    done();
  }, PATIENCE))]);
}

/**
 * Answers one message of the conversation. The simulator takes a tap as one on the last message of the business; on an
 * earlier one the webhook's message is given whole, with its context.
 */
export function tap(user, entry, kind, value, loud = false) {
  const last = [...user.entries.values()].findLast((one) => one.from === 'business');
  if (kind !== 'raw' && last?.id === entry.id) {
    return send(user, { [kind]: value }, loud);
  }
  const message = {
    button: () => ({ type: 'interactive', interactive: { type: 'button_reply', button_reply: value } }),
    list: () => ({ type: 'interactive', interactive: { type: 'list_reply', list_reply: value } }),
    quick_reply: () => ({ type: 'button', button: value }),
    raw: () => value,
  }[kind]();
  const from = entry.from === 'business' ? store.state.settings.display_phone_number : user.id;
  return send(user, { raw: { ...message, context: { ...(from ? { from } : {}), id: entry.id } } }, loud);
}

let takeReply = () => ({});

/** @param take gives and takes away what a user's next message answers: {reply_to} or {} */
export function answering(take) {
  takeReply = take;
}

export function attachMenu(button, who) {
  menu(button, 'Attach', [
    { text: 'Photo or video', icon: 'image', act: () => pick('image/*,video/*', who()) },
    { text: 'Document', icon: 'file', act: () => pick('', who(), 'document') },
    { text: 'Voice message', icon: 'mic', act: () => voiceDialog(who()) },
    { text: 'Location', icon: 'pin', act: () => locationDialog(who()) },
    { text: 'Contact', icon: 'person', act: () => contactDialog(who()) },
    { text: 'Anything else', icon: 'code', act: () => otherDialog(who()) },
  ]);
}

function pick(accept, user, kind) {
  const input = el('input', { type: 'file', accept: accept || null, class: 'unseen', 'aria-label': 'File' });
  input.addEventListener('change', () => {
    input.remove();
    if (input.files[0]) {
      fileDialog(user, input.files[0], kind);
    }
  });
  input.addEventListener('cancel', () => input.remove());
  document.body.append(input);
  input.click();
}

function check(file) {
  if (file.size > MAX_FILE) {
    throw new Error(`The file has ${size(file.size)}; the simulator takes 16 MB.`);
  }
  if (!file.size) {
    throw new Error('The file is empty.');
  }
}

/** A file with a caption; the kind follows its type. */
export function fileDialog(user, file, forced) {
  if (!user) {
    return;
  }
  const family = file.type.split('/')[0];
  const kind = forced ?? (file.type === 'image/webp' ? 'sticker' : ['image', 'video', 'audio'].includes(family) ? family : 'document');
  if (kind === 'audio') {
    voiceDialog(user, file);
    return;
  }
  const address = URL.createObjectURL(file);
  const preview = kind === 'image' || kind === 'sticker' ? el('img', { src: address, alt: 'Preview', class: 'preview' })
    : kind === 'video' ? el('video', { src: address, controls: true, class: 'preview', 'aria-label': 'Preview' }) : null;
  const caption = el('textarea', { rows: '2', maxlength: '1024' });
  dialog({
    title: `Send ${{ image: 'a photo', video: 'a video', sticker: 'a sticker', document: 'a document' }[kind]}`,
    body: [preview, el('p', { class: 'file' }, icon('file'), el('span', {}, el('strong', { text: file.name }), el('small', { text: size(file.size) }))),
      kind !== 'sticker' && field('Caption', caption)],
    submitLabel: 'Send',
    submit: async () => {
      check(file);
      const { id } = await api.upload(user.id, file, { filename: file.name });
      send(user, { [kind]: { id, ...(kind !== 'sticker' && caption.value.trim() ? { caption: caption.value.trim() } : {}),
        ...(kind === 'document' ? { filename: file.name } : {}) }, ...takeReply(user) });
    },
    onclose: () => URL.revokeObjectURL(address),
  });
}

/** A voice message: recorded, from a file, or only words, of which the simulator makes a file. */
export function voiceDialog(user, given = null) {
  if (!user) {
    return;
  }
  let audio = given;
  let recorder = null;
  let stream = null;
  let address = null;
  let ticking = null;
  const player = el('audio', { controls: true, 'aria-label': 'Preview of the voice message', hidden: true });
  const state = el('p', { class: 'record-state', role: 'status' });
  const words = el('textarea', { rows: '3', maxlength: '1000' });
  const record = el('button', { type: 'button', class: 'record plain' }, icon('mic'), el('span', { text: 'Record' }));
  const upload = el('input', { type: 'file', accept: 'audio/*' });
  const show = (file, note) => {
    audio = file;
    if (address) {
      URL.revokeObjectURL(address);
    }
    address = URL.createObjectURL(file);
    player.src = address;
    player.hidden = false;
    state.textContent = note;
  };
  const release = () => {
    clearInterval(ticking);
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
  };
  const stop = () => new Promise((done) => {
    if (recorder?.state !== 'recording') {
      done();
      return;
    }
    recorder.addEventListener('stop', done, { once: true });
    recorder.stop();
  });
  record.addEventListener('click', async () => {
    if (recorder?.state === 'recording') {
      await stop();
      return;
    }
    if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) {
      state.textContent = 'This browser cannot record here. Upload a file, or send the words alone.';
      return;
    }
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    } catch (failure) {
      state.textContent = failure.name === 'NotAllowedError' ? 'The browser did not allow the microphone.' : 'There is no microphone. Upload a file, or send the words alone.';
      return;
    }
    if (!box.open) {
      release();
      return;
    }
    const chunks = [];
    const began = Date.now();
    recorder = new MediaRecorder(stream);
    recorder.addEventListener('dataavailable', (event) => chunks.push(event.data));
    recorder.addEventListener('stop', () => {
      release();
      const type = recorder.mimeType || 'audio/webm';
      const seconds = Math.max(1, Math.round((Date.now() - began) / 1000));
      record.lastChild.textContent = 'Record again';
      record.classList.remove('on');
      show(new Blob(chunks, { type }), `Recorded ${seconds} s.`);
    }, { once: true });
    recorder.start();
    record.lastChild.textContent = 'Stop';
    record.classList.add('on');
    state.textContent = 'Recording…';
    ticking = setInterval(() => {
      record.lastChild.textContent = `Stop (${Math.round((Date.now() - began) / 1000)} s)`;
    }, 1000);
  });
  upload.addEventListener('change', () => {
    if (upload.files[0]) {
      show(upload.files[0], `${upload.files[0].name}, ${size(upload.files[0].size)}`);
    }
  });
  const box = dialog({
    title: 'Voice message',
    body: [
      field('What is said', words, 'The simulated transcription returns these words. With neither a recording nor a file, the simulator makes a voice note of them.'),
      el('div', { class: 'recorder' }, record, field('or a file', upload)), state, player],
    submitLabel: 'Send',
    submit: async () => {
      await stop();
      const said = words.value.trim();
      if (!audio) {
        if (!said) {
          throw new Error('Write what is said, record it, or choose a file.');
        }
        send(user, { voice: said, ...takeReply(user) });
        return;
      }
      check(audio);
      const { id } = await api.upload(user.id, audio, { words: said, filename: audio.name });
      send(user, { audio: { id, voice: true }, ...takeReply(user) });
    },
    onclose: () => {
      if (recorder?.state === 'recording') {
        recorder.stop();
      }
      release();
      if (address) {
        URL.revokeObjectURL(address);
      }
    },
  });
  if (given) {
    show(given, `${given.name}, ${size(given.size)}`);
  }
  words.focus();
}

export function locationDialog(user, reply = null) {
  const latitude = el('input', { required: true, inputmode: 'decimal', value: '52.5163' });
  const longitude = el('input', { required: true, inputmode: 'decimal', value: '13.3777' });
  const name = el('input', { maxlength: '1000', value: 'Brandenburg Gate' });
  const address = el('input', { maxlength: '1000', value: 'Pariser Platz, Berlin' });
  dialog({
    title: 'Send a location',
    body: [el('div', { class: 'two' }, field('Latitude', latitude), field('Longitude', longitude)), field('Name', name), field('Address', address)],
    submitLabel: 'Send',
    submit: () => send(user, { location: {
      latitude: Number(latitude.value.replace(',', '.')),
      longitude: Number(longitude.value.replace(',', '.')),
      ...(name.value.trim() ? { name: name.value.trim() } : {}),
      ...(address.value.trim() ? { address: address.value.trim() } : {}),
    }, ...(reply ?? takeReply(user)) }, true),
  });
}

function contactDialog(user) {
  const name = el('input', { required: true, maxlength: '200', autocomplete: 'off' });
  const phone = el('input', { inputmode: 'tel', autocomplete: 'off' });
  dialog({
    title: 'Send a contact',
    body: [field('Name', name), field('Phone number', phone)],
    submitLabel: 'Send',
    submit: () => send(user, { contacts: [{ name: { formatted_name: name.value.trim() },
      ...(phone.value.trim() ? { phones: [{ phone: phone.value.trim(), type: 'CELL' }] } : {}) }], ...takeReply(user) }, true),
  });
}

export function flowDialog(user, entry, parameters) {
  const screen = parameters.flow_action_payload?.screen;
  const area = el('textarea', { rows: '8', spellcheck: 'false', class: 'mono',
    value: JSON.stringify({ ...(parameters.flow_token ? { flow_token: parameters.flow_token } : {}), ...(screen ? { screen } : {}), answer: 'yes' }, null, 2) });
  dialog({
    title: parameters.flow_cta ?? 'Flow',
    body: [el('p', { class: 'field-hint', text: 'The simulator does not draw flows. Give what the completed flow answers, as JSON.' }), field('response_json', area)],
    submitLabel: 'Complete the flow',
    submit: () => tap(user, entry, 'raw', { type: 'interactive', interactive: { type: 'nfm_reply',
      nfm_reply: { name: 'flow', body: 'Sent', response_json: JSON.stringify(object(area.value)) } } }, true),
  });
}

export function addressDialog(user, entry, parameters) {
  const values = parameters.values ?? {};
  const inputs = { name: 'Name', phone_number: 'Phone number', address: 'Street', city: 'City', in_pin_code: 'Postal code' };
  const made = Object.entries(inputs).map(([key, label]) => [key, label, el('input', { maxlength: '200', value: values[key] ?? '' })]);
  dialog({
    title: 'Provide an address',
    body: made.map(([, label, input]) => field(label, input)),
    submitLabel: 'Send',
    submit: () => {
      const filled = Object.fromEntries(made.map(([key, , input]) => [key, input.value.trim()]).filter(([, value]) => value));
      return tap(user, entry, 'raw', { type: 'interactive', interactive: { type: 'nfm_reply', nfm_reply: { name: 'address_message',
        body: Object.values(filled).join('\n') || 'Sent', response_json: JSON.stringify({ values: filled }) } } }, true);
    },
  });
}

export function orderDialog(user, catalog, products, reply) {
  const rows = products.map((id) => [id, el('input', { type: 'number', min: '0', max: '99', value: products.length === 1 ? '1' : '0' })]);
  const price = el('input', { type: 'number', min: '0', step: '0.01', value: '10' });
  const currency = el('input', { maxlength: '3', value: 'USD' });
  dialog({
    title: 'Order',
    body: [rows.map(([id, input]) => field(id, input)), el('div', { class: 'two' }, field('Price of each', price), field('Currency', currency))],
    submitLabel: 'Place the order',
    submit: async () => {
      const items = rows.filter(([, input]) => Number(input.value) > 0).map(([id, input]) => ({ product_retailer_id: id,
        quantity: Number(input.value), item_price: Number(price.value), currency: currency.value }));
      if (!items.length) {
        throw new Error('Order at least one product.');
      }
      await send(user, { order: { catalog_id: String(catalog), product_items: items }, ...reply }, true);
    },
  });
}

const SAMPLES = {
  text: 'hello',
  voice: 'where is my order',
  button: { id: 'yes', title: 'Yes' },
  list: { id: 'row-1', title: 'First row' },
  quick_reply: { payload: 'STOP', text: 'Stop promotions' },
  image: { caption: 'a sample picture' },
  video: true,
  document: { filename: 'invoice.pdf' },
  sticker: true,
  audio: true,
  flow: { response_json: { answer: 'yes' } },
  call_permission: { response: 'accept' },
  location: { latitude: 52.5163, longitude: 13.3777 },
  contacts: [{ name: { formatted_name: 'Alex' } }],
  order: { catalog_id: 'catalog', product_items: [{ product_retailer_id: 'sku-1', quantity: 1, item_price: 10, currency: 'USD' }] },
  reaction: { emoji: '👍' },
  system: { body: 'Kim changed from 15555550101 to 15555550199', type: 'user_changed_number' },
  edit: { text: 'what I meant' },
  revoke: {},
  unsupported: { type: 'poll_creation' },
  raw: { type: 'text', text: { body: 'as Meta would send it' } },
};

function object(text) {
  try {
    return JSON.parse(text);
  } catch (failure) {
    throw new Error(`This is not JSON: ${failure.message}`);
  }
}

/** Any kind of message as JSON, for what no dialog is there for. */
function otherDialog(user) {
  const kinds = store.state.settings.kinds?.length ? store.state.settings.kinds : Object.keys(SAMPLES);
  const select = el('select', {}, kinds.map((kind) => el('option', { value: kind, text: kind.replaceAll('_', ' ') })));
  const area = el('textarea', { rows: '9', spellcheck: 'false', class: 'mono' });
  const fill = () => {
    area.value = JSON.stringify(SAMPLES[select.value] ?? {}, null, 2);
  };
  select.value = kinds.includes('raw') ? 'raw' : kinds[0];
  select.addEventListener('change', fill);
  fill();
  dialog({
    title: 'Say anything',
    body: [field('Kind', select), field('Content, as JSON', area)],
    submitLabel: 'Send',
    submit: () => send(user, { [select.value]: object(area.value) }, true),
  });
}
