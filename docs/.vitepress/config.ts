/** @file How the site is built: its pages, navigation, search and formulas. */
import { katex } from '@mdit/plugin-katex';
import { type DefaultTheme, defineConfig, type UserConfig } from 'vitepress';
import { buildOfflineLab } from './offline/build.js';
import { reference } from './reference.js';

const guide: DefaultTheme.SidebarItem[] = [
  {
    text: 'Guide',
    items: [
      { text: 'Tensors', link: '/guide/tensors' },
      { text: 'Autograd', link: '/guide/autograd' },
      { text: 'Losses', link: '/guide/losses' },
      { text: 'Operations of your own', link: '/guide/custom-ops' },
      { text: 'Check a gradient', link: '/guide/gradcheck' },
      { text: 'Explain a loss', link: '/guide/explain' },
    ],
  },
  {
    text: 'Tables',
    items: [
      { text: 'Operations', link: '/operations' },
      { text: 'Conventions', link: '/conventions' },
      { text: 'Published code, repaired', link: '/published-code' },
    ],
  },
];

const lessons: DefaultTheme.SidebarItem[] = [
  {
    text: 'Lessons',
    items: [
      { text: 'Contrastive loss', link: '/lessons/contrastive' },
      { text: 'Triplet loss', link: '/lessons/triplet' },
      { text: 'InfoNCE', link: '/lessons/infonce' },
    ],
  },
];

/** Where the site is published, with a slash at both ends. */
const base: string = process.env.SITE_BASE ?? '/';

const config: UserConfig<DefaultTheme.Config> = defineConfig({
  title: 'contragrad',
  description: 'A small autograd engine with contrastive losses, that explains its own backward pass.',
  base,
  srcExclude: ['adr/**'],
  buildEnd: ({ outDir }) => buildOfflineLab(outDir),
  head: [['link', { rel: 'icon', href: `${base}logo.svg`, type: 'image/svg+xml' }]],
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config(md) {
      // VitePress brings types of markdown-it of its own. Braces in TeX must not reach Vue.
      katex(md as unknown as Parameters<typeof katex>[0], {
        delimiters: 'dollars',
        throwOnError: true,
        transformer: (html) => html.replace('<span', '<span v-pre'),
      });
    },
  },
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    logo: '/logo.svg',
    nav: [
      { text: 'Guide', link: '/guide/tensors', activeMatch: '^/(guide/|operations|conventions|published-code)' },
      { text: 'Lessons', link: '/lessons/contrastive', activeMatch: '^/lessons/' },
      { text: 'Loss lab', link: '/lab' },
      { text: 'Reference', link: '/api/', activeMatch: '^/api/' },
    ],
    sidebar: {
      '/': guide,
      '/lessons/': lessons,
      ...reference,
    },
    outline: [2, 3],
    search: {
      provider: 'local',
      options: {
        // Formulas are many words of markup, and nobody searches for them.
        _render: (text, env, md) => md.render(text.replace(/\$[^$\n]+\$/g, ' '), env),
      },
    },
    footer: { message: 'MIT licence' },
  },
});

export default config;
