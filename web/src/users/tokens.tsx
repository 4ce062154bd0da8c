/** Somebody's API tokens, for whoever must revoke one that got out. */
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type Account, accessApi, type Token } from '@/api/access'
import { useNotice } from '@/common/notice'
import { ErrorNote } from '@/common/states'
import { moment } from '@/format'
import { useI18n } from '@/i18n'
import classes from './form.module.css'

export function UserTokens({ account }: { account: Account }) {
  const { t, language } = useI18n()
  const { attempt, say } = useNotice()
  const client = useQueryClient()
  const queryKey = ['users', account.id, 'tokens']
  const { data, error, refetch } = useQuery({
    queryKey,
    queryFn: () => accessApi.userTokens(account.id),
  })
  const revoke = async (token: Token) => {
    if (await attempt(() => accessApi.revokeUserToken(account.id, token.id))) say(t('account.tokens.revoked'))
    void client.invalidateQueries({ queryKey })
  }
  if (error && !data) return <ErrorNote error={error} retry={() => void refetch()} />
  if (!data?.total) return null
  return (
    <section aria-label={t('account.tokens')} data-testid="user-tokens">
      <strong>{t('account.tokens')}</strong>
      <ul className={classes['tokens']}>
        {data.items.map((token) => (
          <li key={token.id}>
            <span>
              <span className="cut" title={token.name}>
                {token.name}
              </span>
              <span className="faint">
                {t('account.tokens.used')}:{' '}
                {token.used_at === null ? t('account.tokens.unused') : moment(token.used_at, language)}
              </span>
            </span>
            <Button
              size="compact-sm"
              variant="default"
              aria-label={`${t('account.tokens.revoke')} ${token.name}`}
              onClick={() => void revoke(token)}
              data-testid="user-token-revoke"
            >
              {t('account.tokens.revoke')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  )
}
