import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { accessApi, type SessionLine } from '@/api/access'
import { useNotice } from '@/common/notice'
import { Panel } from '@/common/panel'
import { ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { WordBadge } from '@/common/word-badge'
import { moment } from '@/format'
import { useI18n } from '@/i18n'
import { browserName } from './browser'

export function SessionsPanel({ className }: { className: string | undefined }) {
  const { t, language } = useI18n()
  const { attempt, say } = useNotice()
  const client = useQueryClient()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['account', 'sessions'],
    queryFn: accessApi.sessions,
    refetchInterval: 30_000,
  })
  const end = async (action: () => Promise<unknown>) => {
    if (await attempt(action)) say(t('account.sessions.ended'))
    void client.invalidateQueries({ queryKey: ['account', 'sessions'] })
  }
  const columns: Column<SessionLine>[] = [
    {
      key: 'browser',
      head: t('account.sessions.browser'),
      cell: (row) => (
        <span className="cut" title={row.browser}>
          {browserName(row.browser) || t('account.sessions.unknown')}
        </span>
      ),
    },
    {
      key: 'address',
      head: t('account.sessions.address'),
      width: '22%',
      phone: false,
      cell: (row) => <span className="quiet num">{row.address || '–'}</span>,
    },
    {
      key: 'opened',
      head: t('account.sessions.opened'),
      width: '130px',
      phone: false,
      cell: (row) => <span className="quiet num">{moment(row.opened_at, language)}</span>,
    },
    {
      key: 'seen',
      head: t('account.sessions.seen'),
      width: '130px',
      phone: '92px',
      cell: (row) => <span className="quiet num">{moment(row.seen_at, language)}</span>,
    },
    {
      key: 'act',
      head: '',
      width: '120px',
      phone: '92px',
      right: true,
      cell: (row) =>
        row.current ? (
          <WordBadge tone="accent">{t('account.sessions.current')}</WordBadge>
        ) : (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => void end(() => accessApi.endSession(row.id))}
            data-testid="session-end"
          >
            {t('account.sessions.end')}
          </Button>
        ),
    },
  ]
  return (
    <Panel
      title={t('account.sessions')}
      note={t('account.sessions.sub')}
      flush
      className={className}
      testId="account-sessions"
      right={
        data && data.total > 1 ? (
          <Button
            variant="default"
            onClick={() => void end(accessApi.endOtherSessions)}
            data-testid="sessions-end-others"
          >
            {t('account.sessions.others')}
          </Button>
        ) : null
      }
    >
      {isPending ? <LoadingRows rows={2} /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      {data ? (
        <DataTable
          testId="sessions-table"
          label={t('account.sessions')}
          columns={columns}
          rows={data.items}
          rowKey={(row) => row.id}
        />
      ) : null}
    </Panel>
  )
}
