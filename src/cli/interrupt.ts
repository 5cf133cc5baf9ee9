/** @file Ctrl-C and termination: the first asks to stop, the second stops at once. */

/** The exit status of each signal, as shells have it. */
const STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

/** Whether a signal came. */
export interface Stop {
  readonly signal: keyof typeof STATUS | null;
  /** 0 where none came. */
  readonly exitCode: number;
  /** Listens no longer. */
  dispose(): void;
}

/** Listens for the first signal; the next one finds nobody listening, and ends the process. */
export function listenForStop(): Stop {
  const stop: { signal: keyof typeof STATUS | null } = { signal: null };
  const onSignal = (signal: NodeJS.Signals): void => {
    stop.signal = signal as keyof typeof STATUS;
    dispose();
  };
  const dispose = (): void => {
    for (const signal of Object.keys(STATUS)) process.removeListener(signal, onSignal);
  };
  for (const signal of Object.keys(STATUS)) process.on(signal, onSignal);
  return {
    get signal() {
      return stop.signal;
    },
    get exitCode() {
      return stop.signal === null ? 0 : STATUS[stop.signal];
    },
    dispose,
  };
}
