/** @file What the bundle that the pages are rendered from can do without: nobody downloads it. */
import type { UserConfig } from 'vitepress';

type Plugins = NonNullable<NonNullable<UserConfig['vite']>['plugins']>;

/** Spares that bundle what makes scripts small, and a second index of the search. */
export const prerendering: Plugins[number] = {
  name: 'prerendering',
  enforce: 'pre',
  config: (_, { isSsrBuild }) =>
    isSsrBuild ? { build: { target: 'esnext', rollupOptions: { treeshake: false } } } : undefined,
  load: (id, { ssr } = {}) => (ssr && id.startsWith('/@localSearchIndex') ? 'export default {}' : undefined),
};
