/** Draws what the server tells about itself, whatever that is: names become headings, lists tables. */
import { useQuery } from '@tanstack/react-query'
import { api } from '@/api/client'
import { PageHead, Panel } from '@/common/panel'
import { ErrorNote, LoadingRows } from '@/common/states'
import { isTextKey, useI18n } from '@/i18n'
import { JobsPanel } from './jobs'
import classes from './page.module.css'
import { isScalar, label, type Plain, Scalar } from './scalar'
import { Something } from './something'

export default function OperationsPage() {
  const { t } = useI18n()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['operations'],
    queryFn: api.operations,
    refetchInterval: 5000,
  })
  const entries = Object.entries(data ?? {})
  const single = entries.filter((entry): entry is [string, Plain] => isScalar(entry[1]))
  const parts = entries.filter(([, value]) => !isScalar(value))
  const name = (key: string) =>
    isTextKey(`operations.${key}`) ? t(`operations.${key}` as 'operations.links') : label(key)
  return (
    <div data-testid="operations">
      <PageHead title={t('operations.title')} note={`${t('operations.sub')} · ${t('operations.refresh')}`} />
      {isPending ? <LoadingRows rows={6} height={60} /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} tall /> : null}
      {single.length > 0 ? (
        <dl className={classes['tiles']}>
          {single.map(([key, value]) => (
            <div key={key} data-testid="operations-fact" data-name={key}>
              <dt>{name(key)}</dt>
              <dd>
                <Scalar name={key} value={value} />
              </dd>
            </div>
          ))}
        </dl>
      ) : null}
      <div className={classes['parts']}>
        {parts.map(([key, value]) => (
          <Panel key={key} title={name(key)} flush testId={`operations-${key}`}>
            <Something name={key} value={value} />
          </Panel>
        ))}
        <JobsPanel />
      </div>
    </div>
  )
}
