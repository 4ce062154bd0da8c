import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { accessApi, type Token } from '@/api/access'
import { IconKey, IconPlus } from '@/common/icons'
import { useNotice } from '@/common/notice'
import { Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { WordBadge } from '@/common/word-badge'
import { day, moment } from '@/format'
import { useI18n } from '@/i18n'
import { NewTokenForm } from './new-token'
import classes from './page.module.css'

export function TokensPanel({ className }: { className: string | undefined }) {
  const { t } = useI18n()
  const [adding, add] = useState(false)
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['account', 'tokens'],
    queryFn: accessApi.tokens,
  })
  return (
    <Panel
      title={t('account.tokens')}
      note={t('account.tokens.sub')}
      flush
      className={className}
      testId="account-tokens"
      right={
        <Button
          variant="light"
          leftSection={<IconPlus size={15} />}
          onClick={() => add(true)}
          data-testid="token-add"
        >
          {t('account.tokens.add')}
        </Button>
      }
    >
      <NewTokenForm opened={adding} close={() => add(false)} />
      {isPending ? <LoadingRows rows={2} /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      {data?.total === 0 ? (
        <EmptyNote title={t('account.tokens.empty')} icon={<IconKey size={22} stroke={1.6} />} />
      ) : null}
      {data && data.total > 0 ? <TokenTable tokens={data.items} /> : null}
    </Panel>
  )
}

function TokenTable({ tokens }: { tokens: Token[] }) {
  const { t, word, language } = useI18n()
  const { attempt, say } = useNotice()
  const client = useQueryClient()
  const revoke = async (token: Token) => {
    if (await attempt(() => accessApi.revokeToken(token.id))) say(t('account.tokens.revoked'))
    void client.invalidateQueries({ queryKey: ['account', 'tokens'] })
  }
  const columns: Column<Token>[] = [
    {
      key: 'name',
      head: t('account.tokens.name'),
      width: '24%',
      phone: '36%',
      cell: (row) => (
        <span className="cut" title={row.name}>
          {row.name}
        </span>
      ),
    },
    {
      key: 'scopes',
      head: t('account.tokens.scopes'),
      phone: false,
      cell: (row) => (
        <span className={`${classes['wrap']} quiet`}>
          {row.scopes.map((scope) => word('permission', scope)).join(' · ')}
        </span>
      ),
    },
    {
      key: 'expires',
      head: t('account.tokens.expires'),
      width: '156px',
      phone: '34%',
      cell: (row) =>
        row.expires_at === null ? (
          t('account.tokens.never')
        ) : row.expires_at * 1000 < Date.now() ? (
          <WordBadge tone="bad">{t('account.tokens.expired')}</WordBadge>
        ) : (
          <span className="quiet num">{day(row.expires_at, language)}</span>
        ),
    },
    {
      key: 'used',
      head: t('account.tokens.used'),
      width: '130px',
      phone: false,
      cell: (row) => (
        <span className="quiet num">
          {row.used_at === null ? t('account.tokens.unused') : moment(row.used_at, language)}
        </span>
      ),
    },
    {
      key: 'act',
      head: '',
      width: '110px',
      phone: '84px',
      right: true,
      cell: (row) => (
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => void revoke(row)}
          data-testid="token-revoke"
        >
          {t('account.tokens.revoke')}
        </Button>
      ),
    },
  ]
  return (
    <DataTable
      testId="tokens-table"
      label={t('account.tokens')}
      columns={columns}
      rows={tokens}
      rowKey={(row) => row.id}
    />
  )
}
