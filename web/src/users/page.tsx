/** Who may sign in, as what, and for which teams. */
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type Account, accessApi } from '@/api/access'
import filters from '@/common/filters.module.css'
import { IconPlus, IconSearch } from '@/common/icons'
import { PageHead, Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { WordBadge } from '@/common/word-badge'
import { type I18n, useI18n } from '@/i18n'
import { UserForm } from './form'

const SHOWN = ['all', 'active', 'inactive'] as const

export default function UsersPage() {
  const i18n = useI18n()
  const { t } = i18n
  const [text, setText] = useState('')
  const [state, setState] = useState<string>('all')
  const [open, setOpen] = useState<Account | 'new' | null>(null)
  const { data, error, isPending, refetch } = useQuery({ queryKey: ['users'], queryFn: accessApi.users })
  const wanted = text.trim().toLowerCase()
  const rows = (data?.items ?? []).filter(
    (row) =>
      (state === 'all' || row.active === (state === 'active')) &&
      [row.login, row.name, row.agent ?? '', ...row.teams].some((one) => one.toLowerCase().includes(wanted)),
  )
  return (
    <>
      <PageHead
        title={t('users.title')}
        note={t('users.sub')}
        right={
          <Button leftSection={<IconPlus size={15} />} onClick={() => setOpen('new')} data-testid="user-add">
            {t('users.add')}
          </Button>
        }
      />
      <Panel flush testId="users">
        <div className={filters['bar']}>
          <TextInput
            className={filters['search'] ?? ''}
            aria-label={t('filter.search')}
            placeholder={t('filter.search')}
            leftSection={<IconSearch size={15} />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            data-testid="filter-search"
          />
          <SegmentedControl
            aria-label={t('users.state')}
            value={state}
            onChange={setState}
            data={SHOWN.map((value) => ({
              value,
              label: t(value === 'all' ? 'users.filter.all' : `users.${value}`),
            }))}
          />
        </div>
        {isPending ? <LoadingRows rows={6} /> : null}
        {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
        {data && rows.length === 0 ? <EmptyNote title={t('users.empty')} /> : null}
        {rows.length > 0 ? (
          <DataTable
            testId="users-table"
            label={t('users.title')}
            minWidth={720}
            columns={columns(i18n)}
            rows={rows}
            rowKey={(row) => row.id}
            open={setOpen}
          />
        ) : null}
      </Panel>
      <UserForm shown={open} teams={data?.teams ?? []} close={() => setOpen(null)} />
    </>
  )
}

function columns({ t, word }: I18n): Column<Account>[] {
  return [
    {
      key: 'name',
      head: t('users.name'),
      phone: '46%',
      cell: (row) => (
        <>
          <div className="cut" title={row.name}>
            {row.name}
          </div>
          <div className="faint cut">{row.login}</div>
        </>
      ),
    },
    {
      key: 'role',
      head: t('users.role'),
      width: '130px',
      phone: '28%',
      cell: (row) => word('role', row.role),
    },
    {
      key: 'agent',
      head: t('users.agent'),
      width: '100px',
      phone: false,
      cell: (row) => <span className="num">{row.agent ?? '–'}</span>,
    },
    {
      key: 'teams',
      head: t('users.teams'),
      width: '26%',
      phone: false,
      cell: (row) =>
        row.teams.length ? (
          <span className="cut" title={row.teams.join(', ')}>
            {row.teams.join(', ')}
          </span>
        ) : (
          <span className="faint">{t('users.teams.all')}</span>
        ),
    },
    {
      key: 'factor',
      head: t('users.factor'),
      width: '110px',
      phone: false,
      cell: (row) => (row.second_factor ? t('users.factor.on') : <span className="faint">–</span>),
    },
    {
      key: 'state',
      head: t('users.state'),
      width: '120px',
      phone: '26%',
      cell: (row) => (
        <WordBadge tone={row.active ? 'good' : 'plain'}>
          {t(row.active ? 'users.active' : 'users.inactive')}
        </WordBadge>
      ),
    },
  ]
}
