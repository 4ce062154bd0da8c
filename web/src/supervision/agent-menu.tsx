/** What a supervisor can do about one agent, behind three dots. */
import { Menu } from '@mantine/core'
import { useState } from 'react'
import { useReasons } from '@/agent-work/use-work'
import { api } from '@/api/client'
import type { AgentFloor } from '@/api/types'
import { useNotice } from '@/common/notice'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { AskDialog } from './ask-dialog'
import { type SpyMode, supervision } from './requests'
import { RowMenu } from './row-menu'

const MODES: SpyMode[] = ['listen', 'whisper', 'barge']
const LONGEST_REASON = 200
export const LONGEST_NOTE = 500

type Asked = 'note' | 'logoff'

export function AgentMenu({ agent }: { agent: AgentFloor }) {
  const { t } = useI18n()
  const { may } = useSession()
  const [asking, setAsking] = useState<Asked | null>(null)
  if (!may('control_agents')) return null
  const close = () => setAsking(null)
  return (
    <>
      <RowMenu label={t('sup.actions', { name: agent.name })} testId="agent-menu">
        <Deeds agent={agent} ask={setAsking} />
      </RowMenu>
      {asking === 'note' ? (
        <AskDialog
          close={close}
          asked={{
            title: t('sup.note.to', { name: agent.name }),
            label: t('sup.note.text'),
            longest: LONGEST_NOTE,
            confirm: t('sup.note.send'),
            act: async (text) => {
              const sent = await supervision.write(text, { agent: agent.agent })
              return t('sup.note.sent', { n: sent.agents })
            },
          }}
        />
      ) : null}
      {asking === 'logoff' ? (
        <AskDialog
          close={close}
          asked={{
            title: t('sup.logoff.confirm', { name: agent.name }),
            label: t('sup.reason'),
            detail: t('sup.reason.audit'),
            longest: LONGEST_REASON,
            confirm: t('sup.logoff'),
            act: async (reason) => {
              await supervision.logOff(agent.agent, reason)
              return t('sup.done')
            },
          }}
        />
      ) : null}
    </>
  )
}

function Deeds({ agent, ask }: { agent: AgentFloor; ask: (what: Asked) => void }) {
  const { t, words } = useI18n()
  const reasons = useReasons()
  const { may } = useSession()
  const { attempt, say } = useNotice()
  const supervises = may('supervise')
  const on = agent.state !== 'logged_off'
  const spy = async (mode: SpyMode) => {
    if (await attempt(() => supervision.spy(agent.agent, mode))) say(t('sup.rings'))
  }
  return (
    <>
      {supervises && agent.state === 'busy' ? (
        <>
          <Menu.Label>{t('sup.incall')}</Menu.Label>
          {MODES.map((mode) => (
            <Menu.Item
              key={mode}
              title={t(`sup.${mode}.detail` as 'sup.listen.detail')}
              onClick={() => void spy(mode)}
              data-testid={`spy-${mode}`}
            >
              {t(`sup.${mode}` as 'sup.listen')}
            </Menu.Item>
          ))}
          <Menu.Item
            onClick={() => void attempt(() => supervision.leave(agent.agent))}
            data-testid="spy-leave"
          >
            {t('sup.leave')}
          </Menu.Item>
          <Menu.Divider />
        </>
      ) : null}
      {on ? (
        <>
          <Menu.Label>{t('sup.state')}</Menu.Label>
          <Menu.Item onClick={() => void attempt(() => api.ready(agent.agent))}>
            {t('agents.setready')}
          </Menu.Item>
          <Menu.Label>{t('agents.setnotready')}</Menu.Label>
          {reasons.map((reason) => (
            <Menu.Item
              key={reason.code}
              onClick={() => void attempt(() => api.notReady(agent.agent, reason.code))}
              data-testid={`agent-not-ready-${reason.code}`}
            >
              {words(reason.name)}
            </Menu.Item>
          ))}
        </>
      ) : null}
      {supervises ? (
        <>
          {on ? <Menu.Divider /> : null}
          <Menu.Item onClick={() => ask('note')} data-testid="agent-note">
            {t('sup.note')}
          </Menu.Item>
          {on ? (
            <Menu.Item color="red" onClick={() => ask('logoff')} data-testid="agent-logoff">
              {t('sup.logoff')}
            </Menu.Item>
          ) : null}
        </>
      ) : null}
    </>
  )
}
