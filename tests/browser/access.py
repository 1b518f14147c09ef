"""What people who do not see well, or use no mouse, meet on a page: contrasts, names and stops of the Tab key."""

CONTRASTS = """() => {
  const parse = text => {
    const n = (text.match(/[\\d.]+(?:e-?\\d+)?/g) || []).map(Number);
    const scale = text.startsWith('color(') ? 1 : 255;
    return { rgb: n.slice(0, 3).map(x => x / scale), alpha: n.length > 3 ? n[3] : 1 };
  };
  const over = (top, alpha, ground) => top.map((x, i) => alpha * x + (1 - alpha) * ground[i]);
  const groundOf = element => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.push(parse(getComputedStyle(e).backgroundColor));
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    return layers.reverse().reduce((ground, { rgb, alpha }) => over(rgb, alpha, ground), dark ? [0, 0, 0] : [1, 1, 1]);
  };
  const luminance = rgb => rgb
    .map(x => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4))
    .reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0);
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    const field = element.matches('input[type=text], select');
    const own = field ? element.value : [...element.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join('');
    if (!own.trim() || !element.checkVisibility() || element.closest('script, style, option')) continue;
    if (element.closest('.stnb-live')) continue;
    const { rgb, alpha } = parse(getComputedStyle(element).color);
    let seen = alpha;
    for (let e = element; e; e = e.parentElement) seen *= Number(getComputedStyle(e).opacity);
    const ground = groundOf(element);
    const [low, high] = [luminance(ground), luminance(over(rgb, seen, ground))].sort((a, b) => a - b);
    found.push([own.trim().slice(0, 40), (high + 0.05) / (low + 0.05)]);
  }
  return found;
}"""

NAMELESS = """() => {
  const nameOf = element => {
    const by = (element.getAttribute('aria-labelledby') || '').split(' ').map(id => document.getElementById(id));
    const labels = [...(element.labels || []), ...by].map(other => other?.textContent || '').join('');
    const own = element.matches('select') ? '' : element.textContent;
    return (element.getAttribute('aria-label') || labels || own || element.alt || element.title || '').trim();
  };
  const wanted = 'button, select, input, textarea, canvas, img, [tabindex], [role=button], [role=img], [role=region]';
  return [...document.querySelectorAll(wanted)]
    .filter(element => !nameOf(element))
    .map(element => element.outerHTML.slice(0, 160));
}"""

FOCUSED = """() => {
  const element = document.activeElement;
  return [element.tagName.toLowerCase(), element.dataset.stnb || element.className, element.matches(':focus-visible')];
}"""

DUPLICATES = """() => {
  const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
  return ids.filter((id, i) => ids.indexOf(id) !== i);
}"""
