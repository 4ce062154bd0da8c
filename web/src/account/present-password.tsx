/** The password once more: a session left open is not enough for what lasts longer than it. */
import { PasswordInput } from '@mantine/core'
import { useI18n } from '@/i18n'

interface PresentPasswordProps {
  value: string
  change: (value: string) => void
  hint: string
  testId: string
}

export function PresentPassword({ value, change, hint, testId }: PresentPasswordProps) {
  const { t } = useI18n()
  return (
    <PasswordInput
      size="xs"
      label={t('account.password.current')}
      description={hint}
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
      autoComplete="current-password"
      required
      withAsterisk={false}
      data-testid={testId}
    />
  )
}
