// Draws a Grafana dashboard's panels from what Prometheus answers to their queries: its rows, sizes, titles, thresholds and units, as far as
// ours use them. It is not Grafana, and stands for it where a picture is to be made on a machine that has none.
async (dashboard) => {
  const COLORS = ['#73bf69', '#f2cc0c', '#8ab8ff', '#ff9830', '#f2495c', '#5794f2', '#b877d9', '#705da0', '#37872d', '#fade2a'];
  const STATES = { green: '#2f7d3b', orange: '#b25e00', red: '#b3262f' };
  const end = Math.floor(Date.now() / 1000);
  const start = end - dashboard.seconds;
  const step = Math.max(5, Math.round(dashboard.seconds / 120));
  document.body.innerHTML = '';
  Object.assign(document.body.style, { margin: 0, background: '#111217', color: '#ccccdc', font: '12px system-ui, "Liberation Sans", sans-serif' });
  const grid = document.body.appendChild(document.createElement('main'));
  Object.assign(grid.style, { display: 'grid', gridTemplateColumns: 'repeat(24, 1fr)', gridAutoRows: '22px', gap: '6px', padding: '10px' });

  const ask = async (path, parameters) => {
    const answer = await (await fetch(`/api/v1/${path}?${new URLSearchParams(parameters)}`)).json();
    if (answer.status !== 'success') throw new Error(`${parameters.query}: ${answer.error}`);
    return answer.data.result;
  };
  const query = (text) => text.replaceAll('$__rate_interval', '30s').replaceAll('$instance', '.*').replaceAll('$number', '.*');
  const label = (format, metric) => format.replace(/{{(\w+)}}/g, (all, name) => metric[name] ?? '');
  const show = (value, unit) => {
    const round = (number) => (Math.abs(number) >= 100 ? number.toFixed(0) : String(Number(number.toPrecision(3))));
    if (unit === 'percentunit') return `${round(value * 100)}%`;
    if (unit === 'bytes') return value >= 2 ** 30 ? `${round(value / 2 ** 30)} GiB` : `${round(value / 2 ** 20)} MiB`;
    if (unit === 's') return value > 0 && value < 1 ? `${round(value * 1000)} ms` : value >= 120 ? `${round(value / 60)} min` : `${round(value)} s`;
    return unit === 'ops' ? `${round(value)}/s` : round(value);
  };
  const box = (panel, tag = 'section') => {
    const { x, y, w, h } = panel.gridPos;
    const made = grid.appendChild(document.createElement(tag));
    made.style.gridArea = `${y + 1} / ${x + 1} / span ${h} / span ${w}`;
    made.append(Object.assign(document.createElement('div'), { textContent: panel.title }));
    made.firstChild.style.fontWeight = 600;
    if (tag === 'section') Object.assign(made.style, { background: '#181b1f', padding: '4px 8px', overflow: 'hidden', display: 'flex', flexDirection: 'column' });
    return made;
  };

  const stat = async (panel) => {
    const made = box(panel);
    const found = await ask('query', { query: query(panel.targets[0].expr), time: end });
    const value = found.length ? Number(found[0].value[1]) : NaN;
    const { thresholds, mappings, unit } = panel.fieldConfig.defaults;
    made.style.background = STATES[thresholds.steps.filter((one) => one.value == null || value >= one.value).at(-1).color];
    const text = mappings[0]?.options[value]?.text ?? (Number.isNaN(value) ? 'no data' : show(value, unit));
    made.append(Object.assign(document.createElement('div'), { textContent: text }));
    Object.assign(made.lastChild.style, { fontSize: '30px', textAlign: 'center', margin: 'auto', color: '#fff' });
  };

  const series = async (panel) => {
    const all = [];
    for (const target of panel.targets) {
      for (const found of await ask('query_range', { query: query(target.expr), start, end, step })) {
        const points = new Map(found.values.filter((one) => Number.isFinite(Number(one[1]))).map(([at, value]) => [at, Number(value)]));
        if (points.size) all.push({ name: label(target.legendFormat, found.metric), points });
      }
    }
    return all;
  };

  const graph = async (panel) => {
    const made = box(panel);
    const all = await series(panel);
    const { unit, custom } = panel.fieldConfig.defaults;
    if (custom.stacking.mode === 'normal') {
      const sums = new Map();
      all.forEach((one) => one.points.forEach((value, at) => { sums.set(at, (sums.get(at) ?? 0) + value); one.points.set(at, sums.get(at)); }));
      all.reverse();
    }
    const top = Math.max(1e-9, ...all.flatMap((one) => [...one.points.values()])) * 1.1;
    const x = (at) => ((at - start) / (end - start)) * 1000;
    const y = (value) => 200 - (value / top) * 196;
    const runs = (points) => [...points].reduce((parts, [at, value]) => {
      if (!parts.length || at - parts.at(-1).at(-1)[0] > step * 1.5) parts.push([]);
      parts.at(-1).push([at, value]);
      return parts;
    }, []);
    const color = (index) => COLORS[index % COLORS.length];
    const lines = all.map((one, index) => runs(one.points).map((run) => {
      const line = run.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
      return `<polygon points="${x(run[0][0])},200 ${line} ${x(run.at(-1)[0])},200" fill="${color(index)}" opacity="${custom.fillOpacity / 100}"/>`
        + `<polyline points="${line}" fill="none" stroke="${color(index)}" stroke-width="1.5" vector-effect="non-scaling-stroke"/>`;
    }).join('')).join('');
    const plot = made.appendChild(document.createElement('div'));
    Object.assign(plot.style, { position: 'relative', flex: 1, minHeight: 0 });
    plot.innerHTML = `<svg viewBox="0 0 1000 200" preserveAspectRatio="none" style="width:100%;height:100%">
      <path d="M0 2H1000M0 101H1000M0 199H1000" stroke="#2c3235" vector-effect="non-scaling-stroke"/>${lines}</svg>`;
    const most = plot.appendChild(Object.assign(document.createElement('span'), { textContent: all.length ? show(top, unit) : 'no data' }));
    Object.assign(most.style, { position: 'absolute', left: 0, top: 0, color: '#8e8e9a', fontSize: '10px' });
    const legend = made.appendChild(document.createElement('div'));
    Object.assign(legend.style, { whiteSpace: 'nowrap', overflow: 'hidden', fontSize: '10px' });
    all.forEach((one, index) => {
      const key = legend.appendChild(Object.assign(document.createElement('span'), { textContent: `▬ ${one.name}  ` }));
      Object.assign(key.style, { color: color(index), marginRight: '8px' });
    });
  };

  for (const panel of dashboard.panels) {
    if (panel.type === 'row') box(panel, 'div');
    else await (panel.type === 'stat' ? stat(panel) : graph(panel));
  }
}
