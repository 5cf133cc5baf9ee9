/** @file How the site is built: its pages, navigation, search and formulas. */
import { katex } from '@mdit/plugin-katex';
import { type DefaultTheme, defineConfig, type UserConfig } from 'vitepress';
import { buildOfflineLab } from './offline/build.js';
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

/** From how many characters of TeX on a formula may be wider than a phone. */
const LONG = 40;

/** The markup of a formula; one that KaTeX cannot read ends the build. */
function formula(html: string): string {
  if (html.includes('katex-error')) throw new Error(`KaTeX cannot read ${html}`);
  // Braces in TeX must not reach Vue, and a display that scrolls must be reached by keyboard.
  return html.replace('<span', '<span v-pre').replace(/^<p /, '<p tabindex="0" ');
}

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
      // VitePress brings types of markdown-it of its own.
      katex(md as unknown as Parameters<typeof katex>[0], { delimiters: 'dollars', transformer: formula });
      // A comma after a formula does not begin the next line.
      md.core.ruler.push('closing-marks', ({ tokens, Token }) => {
        for (const { children } of tokens) {
          for (let i = (children?.length ?? 0) - 2; i >= 0; i--) {
            const [formula, next] = [children![i]!, children![i + 1]!];
            const mark =
              formula.type === 'math_inline' && next.type === 'text' && /^[,.;:)?!]+/.exec(next.content)?.[0];
            if (!mark) continue;
            const [opening, text, closing] = ['html_inline', 'text', 'html_inline'].map(
              (type) => new Token(type, '', 0),
            );
            opening!.content = '<span class="closed">';
            text!.content = mark;
            closing!.content = '</span>';
            next.content = next.content.slice(mark.length);
            children!.splice(i, 1, opening!, formula, text!, closing!);
          }
        }
      });
      // Paragraphs that scroll on narrow screens, since a formula in them is long, must be reached by keyboard.
      md.core.ruler.push('long-formulas', ({ tokens }) => {
        for (const [index, { children }] of tokens.entries()) {
          const isLong = children?.some(({ type, content }) => type === 'math_inline' && content.length > LONG);
          const opening = tokens[index - 1];
          if (isLong && opening?.type === 'paragraph_open') opening.attrSet('tabindex', '0');
        }
      });
    },
  },
  // The search index is one large chunk, loaded by the search only.
  vite: { build: { chunkSizeWarningLimit: 2000 }, worker: { format: 'es' } },
  themeConfig: {
    logo: '/logo.svg',
    nav: [
      {
        text: 'Guide',
        link: '/guide/tensors',
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
