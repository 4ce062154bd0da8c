import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useNavigate } from 'react-router'
import { api, PAGE_SIZE } from '@/api/client'
import type { Customer } from '@/api/types'
import { AgentName } from '@/common/agent-name'
import { FilterBar } from '@/common/filter-bar'
import { IconUsers } from '@/common/icons'
import { Pager } from '@/common/pager'
import { PageHead, Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { TierBadge } from '@/common/tier-badge'
import { useFilters } from '@/common/use-filters'
import { phoneNumber } from '@/format'
import { type I18n, useI18n } from '@/i18n'

function columns({ t, word }: I18n): Column<Customer>[] {
  return [
    {
      key: 'tier',
      head: t('filter.tier'),
      width: '116px',
      phone: '98px',
      cell: (row) => <TierBadge tier={row.tier} />,
    },
    {
      key: 'name',
      head: t('customers.name'),
      width: '26%',
      phone: '38%',
      cell: (row) => <strong title={row.name}>{row.name}</strong>,
    },
    {
      key: 'company',
      head: t('customers.company'),
      phone: false,
      cell: (row) => (
        <span className="quiet" title={row.company ?? undefined}>
          {row.company || '–'}
        </span>
      ),
    },
    {
      key: 'numbers',
      head: t('customers.numbers'),
      width: '210px',
      phone: '150px',
      cell: (row) => (
        <span className="num">
          {phoneNumber(row.numbers[0])}
          {row.numbers.length > 1 ? <span className="faint"> +{row.numbers.length - 1}</span> : null}
        </span>
      ),
    },
    {
      key: 'language',
      head: t('customers.language'),
      width: '88px',
      phone: false,
      cell: (row) => <span className="quiet">{row.language ? word('lang', row.language) : '–'}</span>,
    },
    {
      key: 'owner',
      head: t('customers.owner'),
      width: '14%',
      phone: false,
      cell: (row) => <AgentName agent={row.owner} />,
    },
  ]
}

export default function CustomersPage() {
  const i18n = useI18n()
  const { t } = i18n
  const navigate = useNavigate()
  const filters = useFilters()
  const query = {
    limit: PAGE_SIZE,
    offset: filters.offset,
    search: filters.get('search'),
    tier: filters.get('tier'),
  }
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['customers', query],
    queryFn: () => api.customers(query),
    placeholderData: keepPreviousData,
  })
  const shown = useMemo(() => columns(i18n), [i18n])
  return (
    <>
      <PageHead title={t('customers.title')} note={t('customers.sub')} />
      <Panel flush testId="customers">
        <FilterBar filters={filters} search="customers.search" tier />
        {isPending ? <LoadingRows rows={10} /> : null}
        {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
        {data && data.items.length === 0 ? (
          <EmptyNote
            title={t('customers.empty')}
            detail={filters.any ? undefined : t('customers.empty.detail')}
            icon={<IconUsers size={22} stroke={1.6} />}
          />
        ) : null}
        {data && data.items.length > 0 ? (
          <>
            <DataTable
              testId="customers-table"
              label={t('customers.title')}
              minWidth={820}
              columns={shown}
              rows={data.items}
              rowKey={(row) => row.id}
              open={(row) => void navigate(`/customers/${encodeURIComponent(row.id)}`)}
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
