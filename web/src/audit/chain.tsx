/** Whether the chain of the audit log holds: asked for, since the server reads every line. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { accessApi } from '@/api/access'
import { ErrorNote } from '@/common/states'
import { WordBadge } from '@/common/word-badge'
import { count } from '@/format'
import { useI18n } from '@/i18n'
import classes from './page.module.css'

export function ChainCheck() {
  const { t } = useI18n()
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['audit-chain'],
    queryFn: accessApi.auditChain,
    enabled: false,
  })
  return (
    <div className={classes['chain']}>
      {error ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      {data && !error ? (
        <span role="status" title={t('audit.chain.last', { seal: data.last })} data-testid="audit-chain">
          <WordBadge tone={data.broken === null ? 'good' : 'bad'}>
            {data.broken === null
              ? t('audit.chain.holds', { lines: count(data.lines) })
              : t('audit.chain.broken', { line: String(data.broken) })}
          </WordBadge>
        </span>
      ) : null}
      <Button
        variant="default"
        loading={isFetching}
        onClick={() => void refetch()}
        data-testid="audit-chain-check"
      >
        {t('audit.chain.check')}
      </Button>
    </div>
  )
}
