"""The keyboard map of the design, as far as one look at a page can tell whether it is kept."""

from tests.browser.people import Person

BROKEN = """() => {
  const seen = e => e.offsetParent !== null && (!e.checkVisibility || e.checkVisibility());
  const say = e => (e.innerText || e.getAttribute('aria-label') || e.name || e.id || '')
    .trim().replace(/\\s+/g, ' ').slice(0, 30);
  const all = query => [...document.querySelectorAll(query)].filter(seen);
  const found = [], byKey = {}, byLetter = {}, twins = {F9: 's', F2: 'x', F8: 'p'};
  const add = (map, key, e) => (map[key] = map[key] || []).push(e);
  for (const e of all('[data-key]')) add(byKey, e.dataset.key, e);
  for (const e of all('[accesskey]')) add(byLetter, e.accessKey, e);

  const filled = all('.btn-primary').filter(e => !e.closest('.stop, .decide'));
  if (filled.length > 1) found.push(`filled buttons: ${filled.map(say).join(' / ')}`);
  for (const e of filled) {
    if (!e.accessKey || twins[e.dataset.key] !== e.accessKey) found.push(`no F9: ${say(e)}`);
  }
  for (const map of [byKey, byLetter]) {
    for (const key in map) {
      if (map[key].length > 1) found.push(`${key} twice: ${map[key].map(say).join(' / ')}`);
    }
  }
  for (const key in twins) {
    for (const e of byKey[key] || []) {
      if (e.accessKey !== twins[key]) found.push(`${key} without its Alt key: ${say(e)}`);
    }
    for (const e of byLetter[twins[key]] || []) {
      if (e.dataset.key !== key) found.push(`Alt ${twins[key]} without ${key}: ${say(e)}`);
    }
  }
  if (document.querySelector('.shell')) {
    const hints = all('kbd').map(e => e.innerText.trim());
    for (const key in byKey) if (!hints.includes(key)) found.push(`${key} is not shown`);
    for (const key in byLetter) {
      const isTold = /[0-9]/.test(key) || Object.values(twins).includes(key);
      const cap = `Alt ${key.toUpperCase()}`;
      if (!isTold && !hints.includes(cap)) found.push(`${cap} is not shown`);
    }
    const finds = document.querySelector('.rail a[href="/patients/"]');
    const isError = document.querySelector('main > .empty'); // it has nothing but a way out
    const isHanded = location.pathname === '/switch/'; // to somebody who is not signed in yet
    if (finds && !isError && !isHanded && !byLetter.q) found.push('no patient search');
  }

  const typed = 'input:not([type=hidden]):not([type=radio]):not([type=checkbox]), select, textarea';
  for (const form of all('main form[method=post]')) {
    const fields = [...form.querySelectorAll(typed)].filter(seen);
    const walked = form.closest('[data-enter]') || form.querySelector('[data-enter]');
    if (fields.length > 2 && !walked) found.push(`Enter leaves the form ${form.id || form.action}`);
  }
  if (document.querySelectorAll('[autofocus]').length > 1) found.push('two wait for the focus');
  if ([...document.querySelectorAll('[tabindex]')].some(e => e.tabIndex > 0)) {
    found.push('an order of its own for Tab');
  }
  const wrong = all('[aria-invalid=true]')[0];
  if (wrong) {
    const group = wrong.type === 'radio' ? wrong.closest('fieldset') || wrong : wrong;
    const has = group.contains(document.activeElement);
    if (!has) found.push(`the focus is not in the first wrong field: ${say(wrong)}`);
  }
  return found;
}"""


def broken(person: Person) -> list[str]:
    """Where the page in front of this person doesn't keep to the map."""
    return [f"keys: {line}" for line in person.page.evaluate(BROKEN)]
