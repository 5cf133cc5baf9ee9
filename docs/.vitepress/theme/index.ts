/** @file VitePress' own theme, in this project's colours, with the formulas' style sheet and fonts, the loss lab and the microscope. */
import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme-without-fonts';
import { defineAsyncComponent, h } from 'vue';
import 'katex/dist/katex.min.css';
import { figures } from './figures/index.js';
import NotFound from './NotFound.vue';
import StartPage from './StartPage.vue';
import './style.css';

const theme: Theme = {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { 'not-found': () => h(NotFound) }),
  enhanceApp({ app }) {
    app.component('StartPage', StartPage);
    // Pages without the lab load neither it nor the engine.
    app.component(
      'LossLab',
      defineAsyncComponent(() => import('./lab/LossLab.vue')),
    );
    for (const [name, figure] of Object.entries(figures)) app.component(name, figure);
    app.component(
      'BackpropMicroscope',
      defineAsyncComponent(() => import('./microscope/TheMicroscope.vue')),
    );
    app.component(
      'EncoderTrainer',
      defineAsyncComponent(() => import('./trainer/EncoderTrainer.vue')),
    );
  },
};

export default theme;
