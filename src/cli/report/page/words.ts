/** @file The parts of the page that are words and figures. */
import type { Fact, Figure, ReportData } from '../data.js';
import { element, remark, section } from './element.js';
import { percent, spread } from './numbers.js';

function facts(list: readonly Fact[]): HTMLElement {
  return element(
    'dl',
    {},
    ...list.map(({ name, value }) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );
}

/** The top of the page. */
export function header({ title, facts: list }: ReportData): HTMLElement {
  return element(
    'header',
    {},
    element('p', { class: 'kind' }, 'contragrad report'),
    element('h1', {}, title),
    facts(list),
  );
}

function written(value: number | null | undefined, format: Figure['format'], unit = true): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  return format === 'percent' ? (unit ? percent(value) : (100 * value).toFixed(2)) : value.toFixed(4);
}

function encoderFigure({ values, format }: Figure): string {
  const { mean, deviation, count } = spread(values);
  if (values.length < 2) return written(values[0], format);
  if (count < 2) return written(mean, format);
  return `${written(mean, format, false)} ±\u00a0${written(deviation, format)}`;
}

const rawFigure = ({ raw, format }: Figure): string => (raw === undefined ? '' : written(raw, format));

/** The figures of the run. */
export function figuresSection({ figures }: ReportData): HTMLElement {
  const title = 'Figures';
  if (figures.length === 0) return section('figures', title, ...remark('No figure was measured.'));
  const hasRaw = figures.some(({ raw }) => raw !== undefined);
  const seeds = Math.max(...figures.map(({ values }) => values.length));
  const table = element(
    'table',
    {},
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        element('th', { scope: 'col' }, 'figure'),
        element('th', { scope: 'col', class: 'number' }, 'encoder'),
        ...(hasRaw ? [element('th', { scope: 'col', class: 'number' }, 'raw features')] : []),
      ),
    ),
    element(
      'tbody',
      {},
      ...figures.map((figure) =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, figure.name, ...(figure.note ? [element('small', {}, figure.note)] : [])),
          element('td', { class: 'number main' }, encoderFigure(figure)),
          ...(hasRaw ? [element('td', { class: 'number' }, rawFigure(figure))] : []),
        ),
      ),
    ),
  );
  const note = seeds > 1 ? `Mean ± standard deviation over ${seeds} seeds.` : '';
  return section('figures', title, table, ...remark(note));
}

/** What is wrong, in words. */
export function diagnosisSection({ diagnosis }: ReportData): HTMLElement {
  const title = 'Diagnosis';
  if ('absent' in diagnosis) return section('diagnosis', title, ...remark(diagnosis.absent));
  const { verdict, findings } = diagnosis;
  return section(
    'diagnosis',
    title,
    element('p', { class: findings.length === 0 ? 'finding fine' : 'finding' }, verdict),
    ...(findings.length > 1
      ? [
          element(
            'ul',
            {},
            ...findings
              .slice(1)
              .map(({ message, advice }) => element('li', {}, `${message}. `, element('em', {}, `${advice}.`))),
          ),
        ]
      : []),
  );
}

/** How to make the run again. */
export function settingsSection({ settings, command }: ReportData): HTMLElement {
  return section(
    'settings',
    'Settings',
    element('p', {}, 'This command makes the run again:'),
    element('pre', { tabindex: '0', 'aria-label': 'command line' }, element('code', {}, command)),
    facts(settings),
  );
}
