/** The agent's own state, and the way to change it. */
import { Button, Menu } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'react-router'
import { workApi } from '@/agent-work/api'
import { useReasonName, useReasons } from '@/agent-work/use-work'
import { api } from '@/api/client'
import type { AgentFloor, OwnState } from '@/api/types'
import { useNotice } from '@/common/notice'
import { Ticking } from '@/common/ticking'
import { STATE_ICONS } from '@/floor/agent-look'
import { useI18n } from '@/i18n'
import { useLive } from '@/stream/live'
import classes from './own-state.module.css'

/** The floor's row of this agent, overtaken by the agent's own message when that is newer. */
export function useOwn(agent: string | null): (AgentFloor & OwnState) | null {
  const row = useLive((state) => state.floor?.agents.find((other) => other.agent === agent) ?? null)
  const own = useLive((state) => (state.own?.agent === agent ? state.own : null))
  if (!row)
    return own
      ? ({ queues: [], handled: 0, aht_seconds: null, name: '', ...own } as AgentFloor & OwnState)
      : null
  return own && own.since > row.since ? { ...row, ...own } : row
}

export function useStateChange(agent: string) {
  const { attempt, say } = useNotice()
  const here = useOwn(agent)?.state !== 'logged_off'
  const client = useQueryClient()
  const [busy, setBusy] = useState(false)
  const change = async (action: () => Promise<unknown>) => {
    setBusy(true)
    await attempt(action)
    setBusy(false)
    void client.invalidateQueries({ queryKey: ['floor'] })
    void client.invalidateQueries({ queryKey: ['shift'] })
  }
  const begin = async () => {
    const { problems } = await workApi.begin(agent)
    if (problems.length > 0) say(problems.join(' '), true)
  }
  return {
    busy,
    /** Who is logged off comes first, to the queues that are open to him. */
    ready: () => change(here ? () => api.ready(agent) : begin),
    notReady: (reason: string) => change(() => api.notReady(agent, reason)),
    finish: () => change(() => api.wrapUpDone(agent)),
  }
}

export function StateChip({ own }: { own: OwnState }) {
  const { word } = useI18n()
  const nameOf = useReasonName()
  const Icon = STATE_ICONS[own.state] ?? STATE_ICONS.logged_off
  return (
    <span className={classes['chip']} data-state={own.state} data-testid="own-state">
      <Icon size={15} stroke={2} />
      <span className="cut">
        {own.state === 'not_ready' && own.reason ? nameOf(own.reason) : word('agent', own.state)}
      </span>
      <Ticking since={own.since} />
    </span>
  )
}

export function NotReadyMenu({
  choose,
  busy,
  size = 'xs',
}: {
  choose: (reason: string) => void
  busy: boolean
  size?: string
}) {
  const { t, words } = useI18n()
  const reasons = useReasons()
  return (
    <Menu shadow="md" position="bottom-end">
      <Menu.Target>
        <Button size={size} variant="default" loading={busy} data-testid="not-ready">
          {t('desk.notready')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {reasons.map((reason) => (
          <Menu.Item
            key={reason.code}
            onClick={() => choose(reason.code)}
            data-testid={`not-ready-${reason.code}`}
          >
            {words(reason.name)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

/** In the bar above every page. */
export function OwnStateButton({ agent }: { agent: string }) {
  const own = useOwn(agent)
  const { pathname } = useLocation()
  if (pathname === '/desk') return null // there it stands beside the buttons that change it
  return own ? <StateChip own={own} /> : null
}
