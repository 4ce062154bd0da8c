/** Who did what, when and to whom; what was denied stands out. */
import { Button, Select } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { Link } from 'react-router'
import { type AuditLine, accessApi } from '@/api/access'
import { PAGE_SIZE } from '@/api/client'
import { PeriodFilter } from '@/common/filter-bar'
import bar from '@/common/filters.module.css'
import { Pager } from '@/common/pager'
import { PageHead, Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { useFilters } from '@/common/use-filters'
import { WordBadge } from '@/common/word-badge'
import { moment } from '@/format'
import { type I18n, isTextKey, type TextKey, useI18n } from '@/i18n'
import { ChainCheck } from './chain'
import classes from './page.module.css'
import { Words } from './words'

const ACTIONS = [
  'denied',
  'user.',
  'session.',
  'token.',
  'second_factor.',
  'recording.',
  'agents.',
  'customers.',
  'reviews.',
  'webhook.',
  'control.',
  'spy.',
  'password.',
  'agent.',
  'waiting.',
  'note.',
  'callback.',
  'rescue.',
  'surge.',
  'person.',
  'hold.',
] as const

export default function AuditPage() {
  const i18n = useI18n()
  const { t } = i18n
  const filters = useFilters('all')
  const query = {
    limit: PAGE_SIZE,
    offset: filters.offset,
    login: filters.get('login'),
    subject: filters.get('subject'),
    action: filters.get('action'),
    ...filters.bounds,
  }
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['audit', query],
    queryFn: () => accessApi.audit(query),
    placeholderData: keepPreviousData,
  })
  const shown = useMemo(() => columns(i18n), [i18n])
  return (
    <>
      <PageHead
        title={t('audit.title')}
        note={t('audit.sub')}
        right={
          <>
            <Button component={Link} to="/audit/listening" variant="default" data-testid="open-listening">
              {t('listening.title')}
            </Button>
            <ChainCheck />
          </>
        }
      />
      <Panel flush testId="audit">
        <div className={bar['bar']}>
          <PeriodFilter
            filters={filters}
            periods={['hour', 'today', 'week', 'all', 'own']}
            defaultPeriod="all"
          />
          <Words filters={filters} name="login" label={t('audit.login')} />
          <Words filters={filters} name="subject" label={t('audit.subject')} />
          <Select
            className={bar['choice'] ?? ''}
            aria-label={t('audit.action')}
            placeholder={t('audit.action')}
            data={ACTIONS.map((value) => ({ value, label: t(`audit.action.${value}` satisfies TextKey) }))}
            value={filters.get('action') || null}
            onChange={(value) => filters.set('action', value)}
            clearable
            clearButtonProps={{ 'aria-label': t('filter.clear') }}
            data-testid="filter-action"
          />
        </div>
        {isPending ? <LoadingRows rows={8} /> : null}
        {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
        {data?.total === 0 ? <EmptyNote title={t('audit.empty')} /> : null}
        {data && data.total > 0 ? (
          <>
            <DataTable
              testId="audit-table"
              label={t('audit.title')}
              minWidth={760}
              columns={shown}
              rows={data.items}
              rowKey={(row) => String(row.id)}
            />
            <Pager
              total={data.total}
              offset={filters.offset}
              move={(to) => filters.set('offset', String(to))}
            />
          </>
        ) : null}
      </Panel>
    </>
  )
}

function columns({ t, language }: I18n): Column<AuditLine>[] {
  return [
    {
      key: 'at',
      head: t('audit.at'),
      width: '128px',
      phone: '82px',
      cell: (row) => <span className="quiet num">{moment(row.at, language)}</span>,
    },
    {
      key: 'who',
      head: t('audit.who'),
      width: '18%',
      phone: '26%',
      cell: (row) => (
        <span className="cut" title={row.login}>
          {row.login}
        </span>
      ),
    },
    {
      key: 'what',
      head: t('audit.what'),
      width: '24%',
      phone: '44%',
      cell: (row) => (
        <>
          <Deed action={row.action} />
          <div className={`${classes['below']} faint`}>{row.subject}</div>
        </>
      ),
    },
    {
      key: 'whom',
      head: t('audit.whom'),
      phone: false,
      cell: (row) => <span className={classes['subject']}>{row.subject}</span>,
    },
    {
      key: 'seal',
      head: t('audit.seal'),
      width: '92px',
      phone: false,
      cell: (row) => (
        <code className="faint" title={row.seal}>
          {row.seal.slice(0, 8)}
        </code>
      ),
    },
  ]
}

function Deed({ action }: { action: string }) {
  const { t } = useI18n()
  const key = `audited.${action}`
  const words = isTextKey(key) ? t(key) : action
  return action === 'denied' ? (
    <WordBadge tone="bad">{words}</WordBadge>
  ) : (
    <span className="cut" title={action}>
      {words}
    </span>
  )
}
