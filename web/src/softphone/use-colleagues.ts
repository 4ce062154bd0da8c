import { useQuery } from '@tanstack/react-query'
import { api } from '@/api/client'
import type { AgentState, Directory } from '@/api/types'
import { useLive } from '@/stream/live'

const ANEW_MS = 30_000

export interface Colleague {
  agent: string
  name: string
  /** What is dialled. */
  number: string
  state: AgentState
}

export function useDirectory(): Directory | null {
  const { data } = useQuery({ queryKey: ['directory'], queryFn: api.directory, refetchInterval: ANEW_MS })
  return data ?? null
}

/** The whole house, of whatever team; whom the stream tells of, in the state of this moment. */
export function useColleagues(): Colleague[] {
  const directory = useDirectory()
  const seen = useLive((state) => state.floor?.agents) ?? []
  if (!directory) return seen.map(({ agent, name, state }) => ({ agent, name, number: agent, state }))
  return directory.items.flatMap(({ agent, name, extension, state }) => {
    const now = seen.find((row) => row.agent === agent)?.state ?? state
    return extension === null ? [] : [{ agent, name, number: extension, state: now }]
  })
}
