/** @file The figures of the lessons, by the names that pages call them; each is loaded where it is used. */
import { type Component, defineAsyncComponent } from 'vue';

/** The figures, by name. */
export const figures: Readonly<Record<string, Component>> = {
  NudgeFigure: defineAsyncComponent(() => import('./NudgeFigure.vue')),
  MatrixFigure: defineAsyncComponent(() => import('./MatrixFigure.vue')),
  TangentFigure: defineAsyncComponent(() => import('./TangentFigure.vue')),
  EstimatorsFigure: defineAsyncComponent(() => import('./EstimatorsFigure.vue')),
  CollapseFigure: defineAsyncComponent(() => import('./CollapseFigure.vue')),
  GradcheckFigure: defineAsyncComponent(() => import('./GradcheckFigure.vue')),
  StepSizeFigure: defineAsyncComponent(() => import('./StepSizeFigure.vue')),
};
