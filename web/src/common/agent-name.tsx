import { useQuery } from '@tanstack/react-query'
import { api } from '@/api/client'
import { useSession } from '@/session/session'

/** People know each other by name; who may not see the floor sees the agent's number. */
export function useAgentName(): (agent: string | null | undefined) => string {
  const { may } = useSession()
  const { data } = useQuery({
    queryKey: ['agents'],
    queryFn: api.agents,
    staleTime: 60_000,
    enabled: may('see_floor'),
  })
  return (agent) => data?.items.find((item) => item.agent === agent)?.name || agent || '–'
}

export function AgentName({ agent }: { agent: string | null | undefined }) {
  const name = useAgentName()(agent)
  return (
    <span className="cut" title={agent && name !== agent ? `${name} · ${agent}` : undefined}>
      {name}
    </span>
  )
}
