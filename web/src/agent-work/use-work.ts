/** What the server knows of agents' work; asked again when the stream says that something changed. */
import { useQuery } from '@tanstack/react-query'
import { useLive } from '@/stream/live'
import { type Ending, type Reason, workApi } from './api'

const LOOK_MS = 5000
const HOUR_MS = 3_600_000
const NO_REASONS: Reason[] = []
const NO_ENDINGS: Ending[] = []

export function useReasons(): Reason[] {
  const { data } = useQuery({ queryKey: ['reasons'], queryFn: workApi.reasons, staleTime: HOUR_MS })
  return data?.items ?? NO_REASONS
}

export function useEnding(queue: string | null): Ending | null {
  const { data } = useQuery({ queryKey: ['endings'], queryFn: workApi.endings, staleTime: HOUR_MS })
  const endings = data?.items ?? NO_ENDINGS
  if (queue === null) return null
  return endings.find((one) => one.queue === queue) ?? endings.find((one) => one.queue === 'default') ?? null
}

/** The word that something changed, and the agent's own state: either makes the page ask again at once. */
function useNews(): string {
  const news = useLive((state) => `${state.work} ${state.own?.state ?? ''} ${state.own?.since ?? ''}`)
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

export function useAlerts() {
  return useQuery({
    queryKey: ['alerts', useNews()],
    queryFn: workApi.alerts,
    refetchInterval: LOOK_MS,
    placeholderData: (before) => before,
  })
}
