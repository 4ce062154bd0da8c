/** The second step of signing in: the code of the authenticator app. */
import { TextInput } from '@mantine/core'
import { useI18n } from '@/i18n'

interface CodeStepProps {
  code: string
  change: (code: string) => void
}

export function CodeStep({ code, change }: CodeStepProps) {
  const { t } = useI18n()
  return (
    <TextInput
      size="md"
      label={t('signin.code')}
      description={t('signin.code.hint')}
      value={code}
      onChange={(event) => change(event.currentTarget.value)}
      autoComplete="one-time-code"
      inputMode="text"
      maxLength={40}
      required
      withAsterisk={false}
      autoFocus
      data-testid="sign-in-code"
    />
  )
}
