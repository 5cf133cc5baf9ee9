/** @file Samples and those nearest to them. */
import type { Gallery, GalleryRow } from '../data.js';
import type { Classes } from './classes.js';
import { type Content, element, remark, section } from './element.js';
import { digits } from './numbers.js';
import { pictureMaker } from './pictures.js';

/** The gallery of nearest neighbours. */
export function gallerySection(gallery: Gallery | { readonly absent: string }, classes: Classes): HTMLElement {
  const title = 'Nearest neighbours';
  if ('absent' in gallery) return section('gallery', title, ...remark(gallery.absent));
  const { samples, pictures } = gallery;
  const picture = pictures === undefined ? undefined : pictureMaker(pictures);

  const item = (index: number, query: number, distance: number | undefined): HTMLElement => {
    const { name, label, text } = samples[index]!;
    const own = samples[query]!.label;
    const isKnown = label >= 0 && own >= 0;
    const isQuery = distance === undefined;
    const verdict: Content[] = isQuery
      ? [element('span', { class: 'verdict' }, 'query')]
      : isKnown
        ? [element('span', { class: 'verdict' }, label === own ? '✓ same' : '✗ other')]
        : [];
    const kind = isQuery ? 'query' : !isKnown ? 'plain' : label === own ? 'same' : 'other';
    return element(
      'li',
      { class: kind },
      ...(picture === undefined ? [] : [element('div', { class: 'frame' }, picture(index, 72, name))]),
      ...(label < 0
        ? []
        : [element('div', { class: 'class' }, classes.markOf(label), element('span', {}, classes.nameOf(label)))]),
      element('div', { class: 'name' }, name),
      ...(text === undefined ? [] : [element('div', { class: 'features' }, text)]),
      element('div', { class: 'told' }, ...verdict, ...(isQuery ? [] : [` ${digits(distance)} away`])),
    );
  };
  const list = (rows: readonly GalleryRow[]): HTMLElement =>
    element(
      'div',
      { class: picture === undefined ? 'gallery texts' : 'gallery' },
      ...rows.map(({ query, nearest, distances }) =>
        element(
          'ol',
          { 'aria-label': `${samples[query]!.name} and its ${nearest.length} nearest` },
          item(query, query, undefined),
          ...nearest.map((index, i) => item(index, query, distances[i])),
        ),
      ),
    );
  const mistakes = gallery.rows.filter(({ isMistake }) => isMistake);
  return section(
    'gallery',
    title,
    list(gallery.rows.filter(({ isMistake }) => !isMistake)),
    ...(mistakes.length > 0
      ? [element('h3', {}, 'Chosen because the nearest is of another class'), list(mistakes)]
      : []),
    ...remark(gallery.note),
  );
}
