/** @file The reference's side bars, from the list of pages that TypeDoc leaves beside them. */
import { existsSync, readFileSync } from 'node:fs';
import type { DefaultTheme } from 'vitepress';

type Item = DefaultTheme.SidebarItem;

const LIST = new URL('../api/typedoc-sidebar.json', import.meta.url);

/** The modules; none before TypeDoc ran. */
const modules: Item[] = existsSync(LIST) ? JSON.parse(readFileSync(LIST, 'utf8')) : [];

const namesOf = (items: readonly Item[]): Item[] => items.map(({ text, link }) => ({ text, link }) as Item);

const top: Item = { text: 'Reference', link: '/api/', items: namesOf(modules) };

/** For the pages of one kind in a module, for example its functions: a list of them below the modules. */
function* listsOf(module: Item): Generator<[string, Item[]]> {
  for (const { text, items = [] } of module.items ?? []) {
    const folder = items[0]!.link!.replace(/[^/]*\/?$/, '');
    yield [folder, [top, { text: `${module.text}: ${text}`, items: namesOf(items) }]];
    if (text === 'Namespaces') for (const namespace of items) yield* listsOf(namespace);
  }
}

/** One side bar for each folder of the reference. */
export const reference: Record<string, Item[]> = {
  '/api/': [top],
  ...Object.fromEntries(modules.flatMap((module) => [...listsOf(module)])),
};
