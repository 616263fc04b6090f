// Small graphs of rates, from the counters that the gateway counts for Prometheus: two scrapes make a rate.

import { $, el, say, svg } from './view.js';

const KEPT = 120;
const WIDTH = 240;
const HEIGHT = 56;

const GRAPHS = [
  { title: 'Received', metric: 'whatsapp_messages_received_total' },
  { title: 'Sent', metric: 'whatsapp_messages_sent_total', where: 'status="success"' },
  { title: 'Not sent', metric: 'whatsapp_messages_sent_total', not: 'status="success"' },
  { title: 'Dead letters', metric: 'whatsapp_dead_letters_total' },
];

const shown = [];
let before = null;

/** The sum of a counter over its series. */
export function total(text, { metric, where = '', not }) {
  return text.split('\n')
    .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    .filter((line) => line.includes(where) && !(not && line.includes(not)))
    // a label's value may hold a space, what follows the labels is the number
    .map((line) => Number.parseFloat(line.slice(Math.max(line.lastIndexOf('}') + 1, metric.length))) || 0)
    .reduce((sum, value) => sum + value, 0);
}

export function build() {
  for (const graph of GRAPHS) {
    const line = svg('polyline', { class: 'line', 'vector-effect': 'non-scaling-stroke' });
    const area = svg('polygon', { class: 'area' });
    const picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    picture.append(area, line);
    const value = el('output', { class: 'rate', 'aria-live': 'off' }, '–');
    const most = el('span', { class: 'most' });
    $('rates').append(el('figure', {}, el('figcaption', {}, el('span', { class: 'rate-title' }, graph.title), value, most), picture));
    shown.push({ graph, line, area, value, most, points: [] });
  }
}

/** @param at when it was scraped, ms */
export function draw(text, at) {
  const now = { at, totals: GRAPHS.map((graph) => total(text, graph)) };
  if (before && at > before.at) {
    shown.forEach((one, index) => {
      // a gateway that was started anew counts from zero
      const more = now.totals[index] >= before.totals[index] ? now.totals[index] - before.totals[index] : now.totals[index];
      one.points.push((more * 1000) / (at - before.at));
      one.points.splice(0, one.points.length - KEPT);
      paint(one);
    });
  }
  before = now;
}

function paint({ line, area, value, most, points }) {
  const top = Math.max(...points);
  const x = (index) => WIDTH - (points.length - 1 - index) * (WIDTH / (KEPT - 1));
  const y = (rate) => HEIGHT - 2 - (top > 0 ? (rate / top) * (HEIGHT - 6) : 0);
  const path = points.map((rate, index) => `${x(index).toFixed(1)},${y(rate).toFixed(1)}`);
  line.setAttribute('points', path.join(' '));
  area.setAttribute('points', [`${x(0).toFixed(1)},${HEIGHT}`, ...path, `${WIDTH},${HEIGHT}`].join(' '));
  say(value, `${rate(points[points.length - 1])} a second`);
  say(most, `peak ${rate(top)}`);
}

const rate = (value) => value.toLocaleString('en-GB', { maximumFractionDigits: value < 10 ? 1 : 0 });
