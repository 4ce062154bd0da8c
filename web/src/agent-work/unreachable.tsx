/** Why the server took this agent out, and how to mend it. */
import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { IconPlugConnectedX } from '@/common/icons'
import { useNotice } from '@/common/notice'
import { isTextKey, useI18n } from '@/i18n'
import { type Unreachable, workApi } from './api'
import classes from './work.module.css'

export function UnreachableBanner({ agent, out }: { agent: string; out: Unreachable }) {
  const { t } = useI18n()
  const { attempt } = useNotice()
  const client = useQueryClient()
  const said = (key: string) => (isTextKey(key) ? t(key) : '')
  return (
    <div role="alert" className={classes['banner']} data-testid="unreachable" data-cause={out.cause}>
      <IconPlugConnectedX size={22} stroke={1.8} />
      <div>
        <b>{t('lost.title')}</b>
        <p>
          {said(`lost.${out.cause}`)} {out.page_hidden ? t('lost.hidden') : ''}{' '}
          {out.returning ? t('lost.returning') : said(`lost.steps.${out.cause}`)}
        </p>
      </div>
      <Button
        variant="default"
        onClick={() =>
          void attempt(() => workApi.here(agent)).then(() => client.invalidateQueries({ queryKey: ['work'] }))
        }
        data-testid="unreachable-here"
      >
        {t('lost.here')}
      </Button>
    </div>
  )
}
