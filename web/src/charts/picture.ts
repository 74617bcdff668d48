/*
 * A chart as a picture of its own: what it is of above it, what its colours are and what it was read from below.
 * Colours, sizes and the font stand in the file, so that it looks the same anywhere. On light ground, as paper is;
 * a chart on a canvas is taken as it was painted.
 */
export interface Caption {
  title: string;
  lines: readonly string[];
  legend: readonly { label: string; colour: string; dotted?: boolean }[]; /* colours may be tokens */
  source: string;
  file: string; /* without its ending */
}

const SVG = 'http://www.w3.org/2000/svg';
const EDGE = 24;
const SCALE = 2; /* pixels of a PNG for one of the page */
const FAMILY = 'Inter, system-ui, sans-serif';
const TITLE = { size: 16, weight: 600, line: 22 };
const LINE = { size: 12.5, weight: 400, line: 18 };
const SMALL = { size: 11, weight: 400, line: 15 };

type Style = typeof TITLE;

const element = (name: string, attributes: Record<string, string | number>): SVGElement => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
};

const tokens = (text: string, style: CSSStyleDeclaration): string =>
  text.replace(/var\((--[\w-]+)\)/g, (_, name: string) => style.getPropertyValue(name).trim() || 'currentColor');

/** What style sheets say of a text, as attributes. */
function writeText(text: Element, copy: Element): void {
  const style = getComputedStyle(text);
  copy.setAttribute('font-size', style.fontSize);
  copy.setAttribute('font-weight', style.fontWeight);
  copy.setAttribute('fill', style.fill);
  if (style.stroke !== 'none') {
    copy.setAttribute('stroke', style.stroke);
    copy.setAttribute('stroke-width', style.strokeWidth);
    copy.setAttribute('stroke-linejoin', 'round');
    copy.setAttribute('paint-order', 'stroke');
  }
}

function copyOf(svg: SVGElement): SVGElement {
  const copy = svg.cloneNode(true) as SVGElement;
  const root = getComputedStyle(document.documentElement);
  const from = [svg, ...svg.querySelectorAll('*')];
  [copy, ...copy.querySelectorAll('*')].forEach((node, i) => {
    for (const { name, value } of [...node.attributes]) if (value.includes('var(')) node.setAttribute(name, tokens(value, root));
    if (node.tagName === 'text') writeText(from[i]!, node);
    node.removeAttribute('class');
    node.removeAttribute('style');
  });
  copy.removeAttribute('role');
  copy.setAttribute('overflow', 'visible'); /* names at the right end may reach beyond it */
  return copy;
}

/** Runs with the tokens of the light theme; nothing is painted meanwhile. */
function inLight<T>(run: () => T): T {
  const root = document.documentElement;
  const theme = root.dataset['theme'];
  root.dataset['theme'] = 'light';
  try {
    return run();
  } finally {
    if (theme === undefined) delete root.dataset['theme'];
    else root.dataset['theme'] = theme;
  }
}

const context = document.createElement('canvas').getContext('2d');

function widthOf(text: string, style: Style): number {
  if (!context) return text.length * style.size * 0.55;
  context.font = `${style.weight} ${style.size}px ${FAMILY}`;
  return context.measureText(text).width;
}

/** Lines of at most so many pixels; a word that is wider stands alone. */
function wrapped(text: string, style: Style, room: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && widthOf(longer, style) <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

class Sheet {
  readonly svg = element('svg', { xmlns: SVG, 'font-family': FAMILY });
  y = EDGE;
  constructor(readonly width: number, readonly ink: CSSStyleDeclaration) {}

  colour(token: string): string {
    return tokens(`var(${token})`, this.ink);
  }
  text(text: string, style: Style, token: string): void {
    for (const line of wrapped(text, style, this.width)) {
      const made = element('text', { x: EDGE, y: this.y + style.size, 'font-size': style.size, 'font-weight': style.weight, fill: this.colour(token) });
      made.textContent = line;
      this.svg.append(made);
      this.y += style.line;
    }
  }
  legend(entries: Caption['legend']): void {
    let x = EDGE;
    for (const { label, colour, dotted } of entries) {
      const wide = 16 + widthOf(label, LINE) + 18;
      if (x > EDGE && x + wide > EDGE + this.width) {
        x = EDGE;
        this.y += LINE.line;
      }
      const fill = tokens(colour, this.ink);
      this.svg.append(dotted
        ? element('path', { d: `M${x} ${this.y + 8.5}h11`, stroke: fill, 'stroke-width': 1.5, 'stroke-dasharray': '1 3.2', 'stroke-linecap': 'round' })
        : element('rect', { x, y: this.y + 3, width: 10, height: 10, rx: 2, fill }));
      const made = element('text', { x: x + 16, y: this.y + LINE.size, 'font-size': LINE.size, fill: this.colour('--text-2') });
      made.textContent = label;
      this.svg.append(made);
      x += wide;
    }
    if (entries.length) this.y += LINE.line;
  }
}

/** All of it as one drawing; the chart is what `figure` has at the moment. */
export function drawn(figure: Element, caption: Caption): SVGElement | null {
  const chart = figure.querySelector('.chart');
  const parts = [...(chart?.querySelectorAll<SVGElement | HTMLCanvasElement>(':scope > svg, :scope > canvas') ?? [])];
  if (!chart || !parts.length) return null;
  const { width, height } = chart.getBoundingClientRect();
  const draw = (): SVGElement => {
    const sheet = new Sheet(width, getComputedStyle(document.documentElement));
    const paper = element('rect', { width: '100%', height: '100%', fill: sheet.colour('--bg') });
    sheet.svg.append(paper);
    sheet.text(caption.title, TITLE, '--text');
    for (const line of caption.lines) sheet.text(line, LINE, '--text-2');
    sheet.y += 12;
    const at = element('g', { transform: `translate(${EDGE} ${sheet.y})` });
    for (const part of parts)
      at.append(part instanceof HTMLCanvasElement ? element('image', { href: part.toDataURL(), width, height }) : copyOf(part));
    sheet.svg.append(at);
    sheet.y += height + 12;
    sheet.legend(caption.legend);
    sheet.y += 8;
    sheet.text(caption.source, SMALL, '--text-3');
    const whole = { width: Math.ceil(width + 2 * EDGE), height: Math.ceil(sheet.y + EDGE - 8) };
    for (const [key, value] of Object.entries({ ...whole, viewBox: `0 0 ${whole.width} ${whole.height}` })) sheet.svg.setAttribute(key, String(value));
    const title = element('title', {});
    title.textContent = [caption.title, ...caption.lines].join(' ');
    sheet.svg.prepend(title);
    return sheet.svg;
  };
  return chart.querySelector('canvas') ? draw() : inLight(draw);
}

/** The page's font as a rule that needs no other file; nothing where it cannot be had. */
async function fontRule(): Promise<string> {
  const source = document.querySelector<HTMLLinkElement>('link[rel=preload][as=font]')?.href;
  const answer = source ? await fetch(source).catch(() => null) : null;
  if (!answer?.ok) return '';
  const bytes = new Uint8Array(await answer.arrayBuffer());
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return `@font-face{font-family:Inter;font-weight:100 900;src:url(data:font/woff2;base64,${btoa(text)}) format("woff2")}`;
}

async function painted(svg: SVGElement, text: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Number(svg.getAttribute('width')) * SCALE;
  canvas.height = Number(svg.getAttribute('height')) * SCALE;
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error('The picture is too large for this browser.'))), 'image/png'));
}

export async function savePicture(figure: Element, caption: Caption, form: 'svg' | 'png'): Promise<void> {
  const svg = drawn(figure, caption);
  if (!svg) throw new Error('There is no chart to be seen.');
  const style = element('style', {});
  style.textContent = `${await fontRule()}text{font-family:${FAMILY};font-variant-numeric:tabular-nums}`;
  svg.prepend(style);
  const text = new XMLSerializer().serializeToString(svg);
  const blob = form === 'svg' ? new Blob([text], { type: 'image/svg+xml' }) : await painted(svg, text);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${caption.file}.${form}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
