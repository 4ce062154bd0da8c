/** Signing in at the identity provider, where there is one. */
import { Button, Divider } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { accessApi } from '@/api/access'
import { IconKey } from '@/common/icons'
import { useI18n } from '@/i18n'

export function ProviderButton() {
  const { t } = useI18n()
  const { data } = useQuery({
    queryKey: ['session', 'ways'],
    queryFn: accessApi.ways,
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (!data?.provider) return null
  return (
    <>
      <Divider label={t('signin.or')} />
      <Button
        component="a"
        href="/api/v1/session/provider"
        variant="default"
        size="md"
        fullWidth
        leftSection={<IconKey size={18} stroke={1.7} />}
        data-testid="sign-in-provider"
      >
        <span className="cut">{t('signin.provider', { name: data.provider })}</span>
      </Button>
    </>
  )
}
