import { useNavigate } from 'react-router'
import type { DissatisfiedCall } from '@/api/types-quality'
import { AgentName } from '@/common/agent-name'
import { EmptyNote } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { TierBadge } from '@/common/tier-badge'
import { moment } from '@/format'
import { useI18n } from '@/i18n'

/** Calls that passed and whose customers are dissatisfied; each leads to its review. */
export function DissatisfiedCalls({ calls }: { calls: DissatisfiedCall[] }) {
  const { t, language } = useI18n()
  const navigate = useNavigate()
  if (calls.length === 0) return <EmptyNote title={t('sat.list.empty')} />
  const columns: Column<DissatisfiedCall>[] = [
    {
      key: 'at',
      head: t('sat.call'),
      width: '142px',
      phone: '84px',
      cell: (row) => <span className="quiet num">{moment(row.started_at, language)}</span>,
    },
    {
      key: 'tier',
      head: t('filter.tier'),
      width: '110px',
      phone: '46px',
      cell: (row) => <TierBadge tier={row.tier} />,
    },
    { key: 'agent', head: t('filter.agent'), width: '17%', cell: (row) => <AgentName agent={row.agent} /> },
    { key: 'queue', head: t('filter.queue'), width: '11%', phone: false, cell: (row) => row.queue },
    {
      key: 'score',
      head: t('reviews.score'),
      width: '76px',
      phone: '58px',
      right: true,
      cell: (row) => <strong className="num">{row.score === null ? '–' : row.score.toFixed(0)}</strong>,
    },
    {
      key: 'said',
      head: t('sat.said'),
      width: '128px',
      phone: '84px',
      right: true,
      cell: (row) => <span className="num">{t('sat.of', { n: row.said, all: row.scale })}</span>,
    },
    {
      key: 'comment',
      head: t('sat.comment'),
      phone: false,
      cell: (row) => (
        <span className="quiet cut" title={row.comment}>
          {row.comment || '–'}
        </span>
      ),
    },
  ]
  return (
    <DataTable
      columns={columns}
      rows={calls}
      rowKey={(row) => row.review}
      open={(row) => void navigate(`/reviews/${encodeURIComponent(row.review)}`)}
      testId="sat-calls"
      label={t('sat.list')}
    />
  )
}
