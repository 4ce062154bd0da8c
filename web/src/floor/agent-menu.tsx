import { ActionIcon, Menu } from '@mantine/core'
import { memo } from 'react'
import { api } from '@/api/client'
import { IconDots } from '@/common/icons'
import { useNotice } from '@/common/notice'
import { useI18n } from '@/i18n'
import { REASONS } from './agent-look'

/** What a supervisor may do about an agent. */
export const AgentMenu = memo(function AgentMenu({ agent, name }: { agent: string; name: string }) {
  const { t } = useI18n()
  const { attempt } = useNotice()
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon size="sm" aria-label={t('agents.actions', { name })}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => attempt(() => api.ready(agent))}>{t('agents.setready')}</Menu.Item>
        <Menu.Label>{t('agents.setnotready')}</Menu.Label>
        {REASONS.map((reason) => (
          <Menu.Item key={reason} onClick={() => attempt(() => api.notReady(agent, reason))}>
            {t(`reason.${reason}` as 'reason.break')}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
})
