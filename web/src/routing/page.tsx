/** The routing policy: its versions, the text of one, a trial on a past day, and how good the estimated waits are. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { api } from '@/api/client'
import type { PolicyVersion } from '@/api/types-routing'
import { PageHead, Panel } from '@/common/panel'
import { ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { WordBadge } from '@/common/word-badge'
import { dayAndTime } from '@/format'
import { useI18n } from '@/i18n'
import { DryRunPanel } from './dry-run'
import { PolicyEditor } from './editor'
import { EstimatesPanel } from './estimates'
import classes from './page.module.css'

export default function RoutingPage() {
  const { t } = useI18n()
  const client = useQueryClient()
  const [chosen, choose] = useState<number | null>(null)
  const [tried, tryOut] = useState<number | null>(null)
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['routing', 'versions'],
    queryFn: api.policyVersions,
  })
  const drafts = useRef(new Map<number, string>()).current
  const shown = chosen ?? (data?.live || data?.items[0]?.number) ?? null
  const refresh = () => void client.invalidateQueries({ queryKey: ['routing'] })
  return (
    <>
      <PageHead
        title={t('routing.title')}
        note={t('routing.sub')}
        right={
          data ? (
            <span className="quiet" data-testid="routing-live">
              {data.live === 0 ? t('routing.live.file') : t('routing.live', { n: data.live })}
            </span>
          ) : null
        }
      />
      {isPending ? <LoadingRows /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} tall /> : null}
      {data && shown !== null ? (
        <div className={classes['parts']} data-testid="routing">
          <PolicyEditor
            key={shown}
            number={shown}
            live={data.live}
            drafts={drafts}
            kept={(number) => {
              choose(number)
              refresh()
            }}
            wentLive={refresh}
            tryOut={tryOut}
          />
          <div className={classes['side']}>
            <Panel title={t('routing.versions')} flush>
              <Versions
                versions={data.items}
                shown={shown}
                choose={(number) => {
                  choose(number)
                  tryOut(null)
                }}
              />
            </Panel>
            <EstimatesPanel />
          </div>
          {tried === null ? null : <DryRunPanel key={tried} number={tried} live={data.live} />}
        </div>
      ) : null}
    </>
  )
}

interface VersionsProps {
  versions: PolicyVersion[]
  shown: number
  choose: (number: number) => void
}

function Versions({ versions, shown, choose }: VersionsProps) {
  const { t, language } = useI18n()
  const columns: Column<PolicyVersion>[] = [
    {
      key: 'number',
      head: t('routing.col.version'),
      width: '72px',
      cell: (row) => <span className="num">{row.number}</span>,
    },
    {
      key: 'note',
      head: t('routing.col.note'),
      cell: (row) => (
        <>
          <div className={classes['note']}>{row.note}</div>
          <div className="faint">
            {row.author} · {dayAndTime(row.at, language)}
          </div>
        </>
      ),
    },
    {
      key: 'live',
      head: '',
      width: '92px',
      right: true,
      cell: (row) => (row.live ? <WordBadge tone="good">{t('routing.mark.live')}</WordBadge> : null),
    },
  ]
  return (
    <div className={classes['list']}>
      <DataTable
        columns={columns}
        rows={versions}
        rowKey={(row) => String(row.number)}
        open={(row) => choose(row.number)}
        chosen={(row) => row.number === shown}
        testId="routing-versions"
        label={t('routing.versions')}
      />
    </div>
  )
}
