// The management API. The token is kept in memory only: a page that is closed has forgotten it.

const PATIENCE_MILLIS = 60_000;

let token = '';

export function useToken(text) {
  token = text.trim();
}

export const hasToken = () => token !== '';

/** What the API answered when it refused, in its words. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

async function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (token) {
    headers.Authorization = `Bearer ${token}`;
  }
  const response = await fetch(`../${path}`, { ...options, headers, cache: 'no-store', credentials: 'omit', redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MILLIS) });
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new Refused(response.status, problem.detail ?? `The gateway answered ${response.status}.`);
  }
  return response;
}

const query = (values) => new URLSearchParams(Object.entries(values).filter(([, value]) => value !== '')).toString();

export const numbers = async () => (await ask('manage/numbers')).json();

export const queues = async () => (await ask('manage/queues')).json();

export const pauses = async () => (await ask('manage/pauses')).json();

export const waiting = async (number, skip, limit) => (await ask(`manage/waiting?${query({ number, skip, limit })}`)).json();

export const metrics = async () => (await ask('observe/metrics')).text();

export const list = async (shelf, criteria, skip, limit) => (await ask(`manage/messages/${shelf}?${query({ ...criteria, skip, limit })}`)).json();

export const show = async (shelf, id, unmask) => (await ask(
  `manage/messages/${shelf}/${encodeURIComponent(id)}${unmask ? '?unmask=true' : ''}`,
)).json();

const post = async (path, request) => (await ask(path,
  { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(request) })).json();

export const change = (shelf, what, request) => post(`manage/messages/${shelf}/${what}`, request);

/** @param what pause, resume, waiting/release or waiting/give-up */
export const order = (what, request) => post(`manage/${what}`, request);

/** Asks for a message that is not there, as it is: only who has the token hears that it is not. */
export async function checkToken() {
  try {
    await show('dead-letters', 'none', true);
  } catch (refused) {
    if (refused.status !== 404) {
      throw refused;
    }
  }
}
