/** @file The width of a drawing's place, so that a pixel is a pixel and text keeps its size. */
import { onBeforeUnmount, onMounted, type Ref, ref, type ShallowRef } from 'vue';

/** How wide an element is now; 320 until it is there. */
export function useWidth(frame: Readonly<ShallowRef<HTMLElement | null>>): Ref<number> {
  const width = ref(320);
  let observer: ResizeObserver | undefined;
  onMounted(() => {
    const measure = (): void => {
      width.value = Math.max(Math.floor(frame.value!.clientWidth), 200);
    };
    measure();
    observer = new ResizeObserver(measure);
    observer.observe(frame.value!);
  });
  onBeforeUnmount(() => observer?.disconnect());
  return width;
}
