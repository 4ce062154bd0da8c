/** How much each reviewer has in hand, has done, and how his scores stood up to disputes. */
import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { Panel } from '@/common/panel'
import { type Column, DataTable } from '@/common/table'
import { WordBadge } from '@/common/word-badge'
import { percent } from '@/format'
import { useI18n } from '@/i18n'
import { judging, type ReviewerLoad } from './api'
import classes from './judging.module.css'

const THIRTY_DAYS = 30 * 86_400

export function ReviewersPanel() {
  const { t } = useI18n()
  const { data } = useQuery({
    queryKey: ['reviewers', 'month'],
    queryFn: () => judging.reviewers(Math.floor(Date.now() / 1000) - THIRTY_DAYS),
    refetchInterval: 30_000,
  })
  if (!data || data.items.length === 0) return null
  const number = (
    key: keyof ReviewerLoad & ('assigned' | 'claimed' | 'scored' | 'disputed'),
    head: string,
  ): Column<ReviewerLoad> => ({
    key,
    head,
    width: '92px',
    phone: key === 'assigned' || key === 'scored' ? '72px' : false,
    right: true,
    cell: (row) => <span className="num">{row[key]}</span>,
  })
  const columns: Column<ReviewerLoad>[] = [
    {
      key: 'who',
      head: t('load.who'),
      cell: (row) => (
        <span className={classes['cell']}>
          <span className="cut">{row.reviewer}</span>
          {row.must_calibrate ? (
            <Link
              to="/reviews/calibration"
              title={t('load.calibrate.why', { n: percent(data.alarm, 0) })}
              data-testid="must-calibrate"
            >
              <WordBadge tone="warn">
                {t(row.calibration ? 'load.calibrate.open' : 'load.calibrate')}
              </WordBadge>
            </Link>
          ) : null}
        </span>
      ),
    },
    number('assigned', t('load.waiting')),
    number('claimed', t('load.claimed')),
    {
      key: 'late',
      head: t('load.late'),
      width: '80px',
      phone: false,
      right: true,
      cell: (row) =>
        row.late > 0 ? <WordBadge tone="warn">{String(row.late)}</WordBadge> : <span className="num">0</span>,
    },
    number('scored', t('load.scored')),
    number('disputed', t('load.disputed')),
    {
      key: 'overturned',
      head: t('load.overturned'),
      width: '110px',
      phone: false,
      right: true,
      cell: (row) => (
        <span className="num">{row.overturn_rate === null ? '–' : percent(row.overturn_rate, 0)}</span>
      ),
    },
  ]
  return (
    <Panel
      flush
      title={t('load.title')}
      note={t('load.note')}
      className={classes['below']}
      testId="reviewers"
    >
      <DataTable
        testId="reviewers-table"
        label={t('load.title')}
        minWidth={640}
        columns={columns}
        rows={data.items}
        rowKey={(row) => row.reviewer}
      />
    </Panel>
  )
}
