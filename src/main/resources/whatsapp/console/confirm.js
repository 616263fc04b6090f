// One dialog that asks once before anything is changed.

import { $, say } from './view.js';

$('confirm-cancel').addEventListener('click', () => $('confirm').close());

/**
 * Asks; gives null for no, else the reason that was given.
 *
 * @param why null: no reason is asked for; else what a missing one is told
 */
export function confirmed({ title, text, action, why = null }) {
  const dialog = $('confirm');
  const reason = $('confirm-reason');
  say($('confirm-title'), title);
  say($('confirm-text'), text);
  $('confirm-reason-label').hidden = why === null;
  reason.value = '';
  say($('confirm-problem'), '');
  reason.removeAttribute('aria-invalid');
  say($('confirm-do'), action);
  return new Promise((resolve) => {
    let answer = null;
    $('confirm-form').onsubmit = (event) => {
      event.preventDefault();
      if (why !== null && reason.value.trim() === '') {
        say($('confirm-problem'), why);
        reason.setAttribute('aria-invalid', 'true');
        reason.focus();
        return;
      }
      answer = reason.value.trim();
      dialog.close();
    };
    dialog.addEventListener('close', () => resolve(answer), { once: true });
    dialog.showModal();
    (why === null ? $('confirm-do') : reason).focus();
  });
}
