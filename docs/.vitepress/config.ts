/** @file How the site is built: its pages, navigation, search and formulas. */
import { existsSync, readFileSync } from 'node:fs';
import { katex } from '@mdit/plugin-katex';
import { type DefaultTheme, defineConfig, type UserConfig } from 'vitepress';
import { buildOfflineLab } from './offline/build.js';

const REFERENCE = new URL('../api/typedoc-sidebar.json', import.meta.url);

/** The reference's pages, as TypeDoc left them; none before it ran. */
const reference: DefaultTheme.SidebarItem[] = existsSync(REFERENCE) ? JSON.parse(readFileSync(REFERENCE, 'utf8')) : [];

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

const config: UserConfig<DefaultTheme.Config> = defineConfig({
  title: 'contragrad',
  description: 'A small autograd engine with contrastive losses, that explains its own backward pass.',
  base: process.env.SITE_BASE ?? '/',
  cleanUrls: false,
  srcExclude: ['adr/**'],
  buildEnd: ({ outDir }) => buildOfflineLab(outDir),
  head: [['link', { rel: 'icon', href: `${process.env.SITE_BASE ?? '/'}logo.svg`, type: 'image/svg+xml' }]],
  markdown: {
    config(md) {
      md.use(katex, { delimiters: 'dollars', throwOnError: true });
    },
  },
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
      '/api/': [{ text: 'Reference', link: '/api/', items: reference }],
    },
    outline: [2, 3],
    search: { provider: 'local' },
  },
});

export default config;
