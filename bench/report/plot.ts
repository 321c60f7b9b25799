/** One line of a plot. */
export interface Series {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
}

/** One pair of axes, both logarithmic. */
export interface Panel {
  title: string;
  xLabel: string;
  series: readonly Series[];
}

const PANEL_WIDTH = 440;
const HEIGHT = 340;
const MARGIN = { left: 64, right: 16, top: 64, bottom: 52 };
const PLOT_WIDTH = PANEL_WIDTH - MARGIN.left - MARGIN.right;
const PLOT_HEIGHT = HEIGHT - MARGIN.top - MARGIN.bottom;

/** Mid-tones that are visible on white and on black. Shapes and dashes distinguish the lines without colour. */
const INK = '#76797f';
const STYLES = [
  { colour: '#2f7de1', dash: '', marker: 'circle' },
  { colour: '#d1690e', dash: '7 4', marker: 'square' },
  { colour: '#1f9d55', dash: '2 4', marker: 'triangle' },
] as const;

type Style = (typeof STYLES)[number];

/** A logarithmic axis: its range in powers of ten, and the position of a value. */
interface Axis {
  from: number;
  to: number;
  at: (value: number) => number;
}

/** Panels side by side, as an SVG file without a background. */
export function plotSvg(title: string, panels: readonly Panel[]): string {
  const width = PANEL_WIDTH * panels.length;
  const style = `text { font: 12px system-ui, 'DejaVu Sans', sans-serif; fill: ${INK}; } .title { font-size: 14px; font-weight: 600; }`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" role="img" aria-label="${escapeXml(title)}">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${style}</style>`,
    ...panels.map((panel, index) => panelSvg(panel, index * PANEL_WIDTH)),
    '</svg>\n',
  ].join('\n');
}

function panelSvg({ title, xLabel, series }: Panel, offset: number): string {
  const points = series.flatMap((one) => one.points);
  const x = axis(
    points.map(([value]) => value),
    MARGIN.left,
    PLOT_WIDTH,
  );
  const y = axis(
    points.map(([, value]) => value),
    MARGIN.top + PLOT_HEIGHT,
    -PLOT_HEIGHT,
  );
  const middle = MARGIN.left + PLOT_WIDTH / 2;
  return [
    `<g transform="translate(${offset} 0)">`,
    `<text class="title" x="${MARGIN.left}" y="20">${escapeXml(title)}</text>`,
    legend(series),
    ...decades(x).map((value) => verticalLine(round(x.at(value)), tickLabel(value))),
    ...decades(y).map((value) => horizontalLine(round(y.at(value)), tickLabel(value))),
    `<text x="${middle}" y="${HEIGHT - 10}" text-anchor="middle">${escapeXml(xLabel)}</text>`,
    ...series.map((one, index) => seriesSvg(one, styleOf(index), x, y)),
    '</g>',
  ].join('\n');
}

function axis(values: readonly number[], start: number, length: number): Axis {
  const exponents = values.filter((value) => value > 0).map(Math.log10);
  const from = exponents.length === 0 ? 0 : Math.floor(Math.min(...exponents));
  const to = exponents.length === 0 ? 1 : Math.max(from + 1, Math.ceil(Math.max(...exponents)));
  return { from, to, at: (value) => start + (length * (Math.log10(value) - from)) / (to - from) };
}

function decades({ from, to }: Axis): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index));
}

/** Large and small values are shorter as powers of ten (`10⁷`). Values near one are printed in full. */
function tickLabel(value: number): string {
  const exponent = Math.round(Math.log10(value));
  if (exponent >= -3 && exponent <= 3) return String(Number(value.toPrecision(1)));
  return `10<tspan dy="-5" font-size="9">${exponent}</tspan>`;
}

function verticalLine(x: number, label: string): string {
  const bottom = MARGIN.top + PLOT_HEIGHT;
  return [
    `<line x1="${x}" y1="${MARGIN.top}" x2="${x}" y2="${bottom}" stroke="${INK}" stroke-opacity="0.3"/>`,
    `<text x="${x}" y="${bottom + 18}" text-anchor="middle">${label}</text>`,
  ].join('\n');
}

function horizontalLine(y: number, label: string): string {
  return [
    `<line x1="${MARGIN.left}" y1="${y}" x2="${MARGIN.left + PLOT_WIDTH}" y2="${y}" stroke="${INK}" stroke-opacity="0.3"/>`,
    `<text x="${MARGIN.left - 8}" y="${y + 4}" text-anchor="end">${label}</text>`,
  ].join('\n');
}

function legend(series: readonly Series[]): string {
  const step = PLOT_WIDTH / Math.max(1, series.length);
  return series
    .map(({ name }, index) => {
      const x = MARGIN.left + index * step;
      const style = styleOf(index);
      return [
        stroke(`M${x} 42 H${x + 28}`, style),
        marker(x + 14, 42, style),
        `<text x="${x + 36}" y="46">${escapeXml(name)}</text>`,
      ].join('\n');
    })
    .join('\n');
}

function seriesSvg({ points }: Series, style: Style, x: Axis, y: Axis): string {
  const places = points
    .filter(([, value]) => value > 0)
    .map(([across, up]) => [round(x.at(across)), round(y.at(up))] as const);
  if (places.length === 0) return '';
  const path = places.map(([left, top], index) => `${index === 0 ? 'M' : 'L'}${left} ${top}`).join(' ');
  return [stroke(path, style), ...places.map(([left, top]) => marker(left, top, style))].join('\n');
}

function stroke(path: string, { colour, dash }: Style): string {
  const dashes = dash === '' ? '' : ` stroke-dasharray="${dash}"`;
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"${dashes}/>`;
}

function marker(x: number, y: number, { colour, marker: shape }: Style): string {
  switch (shape) {
    case 'circle':
      return `<circle cx="${x}" cy="${y}" r="4" fill="${colour}"/>`;
    case 'square':
      return `<rect x="${round(x - 3.5)}" y="${round(y - 3.5)}" width="7" height="7" fill="${colour}"/>`;
    case 'triangle':
      return `<path d="M${x} ${round(y - 5)} l5 9 h-10 z" fill="${colour}"/>`;
  }
}

function styleOf(index: number): Style {
  return STYLES[index % STYLES.length] ?? STYLES[0];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
