/** @file The reference's side bars, from the list of pages that TypeDoc leaves beside them. */
import { existsSync, readFileSync } from 'node:fs';
import type { DefaultTheme } from 'vitepress';

/** A page, or a kind of pages: entries and namespaces are pages that hold kinds, and kinds have no link. */
interface Item {
  readonly text: string;
  readonly link?: string;
  readonly items?: readonly Item[];
}

const LIST = new URL('../api/typedoc-sidebar.json', import.meta.url);

/** Entries and namespaces, with all that lie within them. */
function modulesIn(items: readonly Item[]): Item[] {
  return items.flatMap((item) => [
    ...(item.link !== undefined && item.items !== undefined ? [item] : []),
    ...modulesIn(item.items ?? []),
  ]);
}

/** As users write it: the name of an entry is its path. */
const nameOf = ({ text, link = '' }: Item): string =>
  link.includes('/namespaces/') ? `contragrad: ${text}` : link.replace(/^\/api\/|\/$/g, '');

/** Empty before TypeDoc ran. */
const modules = modulesIn(existsSync(LIST) ? JSON.parse(readFileSync(LIST, 'utf8')) : []);

const top: DefaultTheme.SidebarItem = {
  text: 'Reference',
  link: '/api/',
  items: modules.map((module) => ({ text: nameOf(module), link: module.link! })),
};

/** For each folder of the reference the modules, and below them the pages beside the one that is open. */
export const reference: Record<string, DefaultTheme.SidebarItem[]> = {
  '/api/': [top],
  ...Object.fromEntries(
    modules.flatMap((module) =>
      // Namespaces are among the modules.
      module
        .items!.filter(({ text, link }) => link === undefined && text !== 'Namespaces')
        .map(({ text, items = [] }) => [
          items[0]!.link!.replace(/[^/]+\/?$/, ''),
          [
            top,
            {
              text: `${nameOf(module)}, ${text.toLowerCase()}`,
              items: items.map((page) => ({ text: page.text, link: page.link! })),
            },
          ],
        ]),
    ),
  ),
};
