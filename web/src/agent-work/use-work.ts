/** What the server knows of agents' work; asked again when the stream says that something changed. */
import { useQuery } from '@tanstack/react-query'
import { useI18n } from '@/i18n'
import { useLive } from '@/stream/live'
import { type Ending, type Reason, workApi } from './api'

export const LOOK_MS = 60_000 // for a word the stream lost
const HOUR_MS = 3_600_000
const NO_REASONS: Reason[] = []
const NO_ENDINGS: Ending[] = []

export function useReasons(): Reason[] {
  const { data } = useQuery({ queryKey: ['reasons'], queryFn: workApi.reasons, staleTime: HOUR_MS })
  return data?.items ?? NO_REASONS
}

/** What the policy calls a reason; the server's own reasons, and those of an earlier policy, by the page's words. */
export function useReasonName(): (code: string) => string {
  const { word, words } = useI18n()
  const reasons = useReasons()
  return (code) => {
    const known = reasons.find((one) => one.code === code)
    return known ? words(known.name) : word('reason', code)
  }
}

export function useEnding(queue: string | null): Ending | null {
  const { data } = useQuery({ queryKey: ['endings'], queryFn: workApi.endings, staleTime: HOUR_MS })
  const endings = data?.items ?? NO_ENDINGS
  if (queue === null) return null
  return endings.find((one) => one.queue === queue) ?? endings.find((one) => one.queue === 'default') ?? null
}

/** States that bring something to do or to know besides; a call rings and is answered without. */
const TELLING = new Set(['working_after_call', 'not_ready', 'unreachable'])

/** The word that something changed, and the agent's own state: either makes the page ask again at once. */
function useNews(): string {
  const news = useLive(({ work, own }) =>
    own && TELLING.has(own.state) ? `${work} ${own.since}` : `${work}`,
  )
  return news ?? ''
}

export function useWork(agent: string) {
  return useQuery({
    queryKey: ['work', agent, useNews()],
    queryFn: () => workApi.work(agent),
    refetchInterval: LOOK_MS,
    placeholderData: (before) => before,
  })
}

/** After-call work of this agent ends by saying how the call ended, not by a button that skips it. */
export function useMustComplete(agent: string): boolean {
  const work = useWork(agent).data?.after_call ?? null
  const ending = useEnding(work?.queue ?? null)
  return work !== null && ending?.required === true && ending.codes.length > 0
}

export function useAlerts() {
  return useQuery({
    queryKey: ['alerts', useNews()],
    queryFn: workApi.alerts,
    refetchInterval: LOOK_MS,
    placeholderData: (before) => before,
  })
}
