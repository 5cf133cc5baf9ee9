/** @file VitePress' own theme, in this project's colours, with the formulas' style sheet and fonts. */
import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme-without-fonts';
import 'katex/dist/katex.min.css';
import StartPage from './StartPage.vue';
import './style.css';

const theme: Theme = {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('StartPage', StartPage);
  },
};

export default theme;
