/** @file Samples and those nearest to them. */
import type { Gallery, GalleryRow } from '../data.js';
import type { Classes } from './classes.js';
import { element, remark, section } from './element.js';
import { digits } from './numbers.js';
import { pictureMaker } from './pictures.js';

/** The gallery of nearest neighbours. */
export function gallerySection(gallery: Gallery | { readonly absent: string }, classes: Classes): HTMLElement {
  const title = 'Nearest neighbours';
  if ('absent' in gallery) return section('gallery', title, ...remark(gallery.absent));
  const { samples, pictures } = gallery;
  const picture = pictures === undefined ? undefined : pictureMaker(pictures);

  const isWide = pictures !== undefined && pictures.width >= 2 * pictures.height;

  const item = (index: number, query: number, distance: number | undefined): HTMLElement => {
    const { name, label, text } = samples[index]!;
    const own = samples[query]!.label;
    const isKnown = label >= 0 && own >= 0;
    const isQuery = distance === undefined;
    const kind = isQuery ? 'query' : !isKnown ? 'plain' : label === own ? 'same' : 'other';
    const verdict = isQuery
      ? 'query'
      : `${{ same: '✓ ', other: '✗ ', plain: '' }[kind as 'same']}${digits(distance, 3)}`;
    return element(
      'li',
      { class: kind },
      ...(picture === undefined ? [] : [element('div', { class: 'frame' }, picture(index, isWide ? 176 : 72, name))]),
      ...(label < 0
        ? []
        : [element('div', { class: 'class' }, classes.markOf(label), element('span', {}, classes.nameOf(label)))]),
      element('div', { class: 'verdict' }, verdict),
      element('div', { class: 'name' }, name),
      ...(text === undefined ? [] : [element('div', { class: 'features' }, text)]),
    );
  };
  const list = (rows: readonly GalleryRow[]): HTMLElement =>
    element(
      'div',
      { class: `gallery${picture === undefined ? ' texts' : isWide ? ' wide' : ''}` },
      ...rows.map(({ query, nearest, distances }) =>
        element(
          'ol',
          { 'aria-label': `${samples[query]!.name} and its ${nearest.length} nearest` },
          item(query, query, undefined),
          ...nearest.map((index, i) => item(index, query, distances[i])),
        ),
      ),
    );
  const isMarked = samples.some(({ label }) => label >= 0);
  const mistakes = gallery.rows.filter(({ isMistake }) => isMistake);
  return section(
    'gallery',
    title,
    list(gallery.rows.filter(({ isMistake }) => !isMistake)),
    ...(mistakes.length > 0
      ? [element('h3', {}, 'Chosen because the nearest is of another class'), list(mistakes)]
      : []),
    ...remark(
      `${gallery.note} The numbers are distances from the query${isMarked ? '; ✓ is of its class, ✗ of another' : ''}.`,
    ),
  );
}
