import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useMemo } from 'react'
import { api } from '@/api/client'
import type { AgentFloor, AgentState, Directory } from '@/api/types'
import { useLive } from '@/stream/live'

const ANEW_MS = 30_000
const NOBODY: AgentFloor[] = []

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

/** The whole house, of whatever team; whom the stream tells of, in the state of this moment. A call that comes goes before. */
export function useColleagues(): Colleague[] {
  const directory = useDirectory()
  const seen = useDeferredValue(useLive((state) => state.floor?.agents) ?? NOBODY)
  return useMemo(() => {
    if (!directory) return seen.map(({ agent, name, state }) => ({ agent, name, number: agent, state }))
    const states = new Map(seen.map((row) => [row.agent, row.state]))
    return directory.items.flatMap(({ agent, name, extension, state }) => {
      const now = states.get(agent) ?? state
      return extension === null ? [] : [{ agent, name, number: extension, state: now }]
    })
  }, [directory, seen])
}
