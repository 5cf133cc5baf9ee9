/** @file How the site is built: its pages, navigation and search. */
import { type DefaultTheme, defineConfig, type UserConfig } from 'vitepress';
import { extend } from './markdown.js';
import { buildOfflineLab } from './offline/build.js';
import { prerendering } from './prerendering.js';
import { reference } from './reference.js';

const guide: DefaultTheme.SidebarItem[] = [
  {
    text: 'Guide',
    items: [
      { text: 'Your first encoder', link: '/guide/first-encoder' },
      { text: 'Tensors', link: '/guide/tensors' },
      { text: 'Autograd', link: '/guide/autograd' },
      { text: 'Losses', link: '/guide/losses' },
      { text: 'Data', link: '/guide/data' },
      { text: 'Training', link: '/guide/training' },
      { text: 'In a page of your own', link: '/guide/in-a-page' },
      { text: 'Compile a step', link: '/guide/compile' },
      { text: 'On a GPU', link: '/guide/gpu' },
      { text: 'The command', link: '/guide/command' },
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
      { text: 'Benchmarks', link: '/benchmarks' },
    ],
  },
];

const lessons: DefaultTheme.SidebarItem[] = [
  {
    text: 'Lessons',
    items: [
      { text: 'A number and its gradient', link: '/lessons/number' },
      { text: 'A matrix product backward', link: '/lessons/matrix-product' },
      { text: 'Distance and normalisation', link: '/lessons/normalisation' },
      { text: 'Contrastive loss', link: '/lessons/contrastive' },
      { text: 'Triplet loss', link: '/lessons/triplet' },
      { text: 'InfoNCE', link: '/lessons/infonce' },
      { text: 'Mutual information', link: '/lessons/mutual-information' },
      { text: 'Collapse', link: '/lessons/collapse' },
      { text: 'Checking a gradient', link: '/lessons/gradient-check' },
      { text: 'Train an encoder here', link: '/trainer' },
      { text: 'For teachers', link: '/teachers' },
    ],
  },
];

const exercises: DefaultTheme.SidebarItem[] = [
  {
    text: 'Exercises',
    link: '/exercises/',
    items: [
      { text: "1. tanh's pull-back", link: '/exercises/tanh' },
      { text: '2. Un-broadcasting', link: '/exercises/unbroadcasting' },
      { text: "3. Softmax's pull-back", link: '/exercises/softmax' },
      { text: '4. The triplet loss', link: '/exercises/triplet' },
      { text: '5. InfoNCE', link: '/exercises/infonce' },
      { text: '6. An operation of your own', link: '/exercises/custom-op' },
    ],
  },
];

/** Where the site is published, with a slash at both ends. */
const base: string = process.env.SITE_BASE ?? '/';

const config: UserConfig<DefaultTheme.Config> = defineConfig({
  title: 'contragrad',
  description: 'A small autograd engine with contrastive losses, that explains its own backward pass.',
  base,
  // A page loads what it shows, and not what its links lead to.
  router: { prefetchLinks: false },
  srcExclude: ['adr/**'],
  buildEnd: ({ outDir }) => buildOfflineLab(outDir),
  head: [['link', { rel: 'icon', href: `${base}logo.svg`, type: 'image/svg+xml' }]],
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: extend,
  },
  // The search index is one large chunk, loaded by the search only.
  vite: { build: { chunkSizeWarningLimit: 2000 }, worker: { format: 'es' }, plugins: [prerendering] },
  themeConfig: {
    logo: '/logo.svg',
    nav: [
      {
        text: 'Guide',
        link: '/guide/first-encoder',
        activeMatch: '^/(guide/|operations|conventions|published-code|benchmarks)',
      },
      { text: 'Lessons', link: '/lessons/number', activeMatch: '^/(lessons/|trainer|teachers)' },
      { text: 'Exercises', link: '/exercises/', activeMatch: '^/exercises/' },
      { text: 'Loss lab', link: '/lab' },
      { text: 'Microscope', link: '/microscope' },
      { text: 'Reference', link: '/api/', activeMatch: '^/api/' },
    ],
    sidebar: {
      // Of two that fit a page the first one counts.
      '/trainer': lessons,
      '/teachers': lessons,
      '/': guide,
      '/lessons/': lessons,
      '/exercises/': exercises,
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
