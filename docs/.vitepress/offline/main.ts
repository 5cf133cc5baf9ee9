/** @file The loss lab as a page of its own, in one file that needs no server. */
import { createApp } from 'vue';
import 'katex/dist/katex.min.css';
import './page.css';
import LossLab from '../theme/lab/LossLab.vue';

const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = (): void => {
  document.documentElement.classList.toggle('dark', dark.matches);
};
dark.addEventListener('change', follow);
follow();
createApp(LossLab).mount('#app');
