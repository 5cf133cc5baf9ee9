/** @file A state that the page's address holds: a link brings it back. */
import { onBeforeUnmount, onMounted, type ShallowRef, watch } from 'vue';

/** Changes that follow each other sooner, in milliseconds, are written as one. */
const PAUSE = 250;

/**
 * Keeps the part of the address behind `#` equal to a state, and the state equal to an address that is followed.
 *
 * @param addressOf - The state as an address.
 * @param restore - Takes what an address holds, or says that it holds none.
 */
export function useAddress<State>(
  state: ShallowRef<State>,
  addressOf: (state: State) => string,
  restore: (address: string) => void,
): void {
  function read(): void {
    const address = location.hash.slice(1);
    if (address !== '' && address !== addressOf(state.value)) restore(address);
  }
  let writing = 0;
  onMounted(() => {
    read();
    window.addEventListener('hashchange', read);
    watch(state, (now) => {
      clearTimeout(writing);
      writing = window.setTimeout(() => history.replaceState(history.state, '', `#${addressOf(now)}`), PAUSE);
    });
  });
  onBeforeUnmount(() => {
    clearTimeout(writing);
    window.removeEventListener('hashchange', read);
  });
}
