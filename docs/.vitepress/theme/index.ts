/** @file VitePress' own theme, in this project's colours, with the formulas' style sheet and fonts, and the loss lab. */
import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme-without-fonts';
import { defineAsyncComponent } from 'vue';
import 'katex/dist/katex.min.css';
import StartPage from './StartPage.vue';
import './style.css';

const theme: Theme = {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('StartPage', StartPage);
    // Pages without the lab load neither it nor the engine.
    app.component(
      'LossLab',
      defineAsyncComponent(() => import('./lab/LossLab.vue')),
    );
  },
};

export default theme;
