/** What an agent may do next about his own state. Pure. */

export interface NextDeeds {
  /** The main button: come (log on to one's queues), be ready, or be done with after-call work. */
  main: 'begin' | 'ready' | 'finish' | null
  /** Whether he may be not ready: who is logged off is that already. */
  notReady: boolean
}

export function nextDeeds(state: string): NextDeeds {
  if (state === 'logged_off') return { main: 'begin', notReady: false }
  if (state === 'not_ready') return { main: 'ready', notReady: false }
  return { main: state === 'working_after_call' ? 'finish' : null, notReady: true }
}
