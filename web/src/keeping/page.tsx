/** What is kept how long, what the law forbids to delete, and the reports of what was deleted. */
import { Stack } from '@mantine/core'
import { PageHead } from '@/common/panel'
import { useI18n } from '@/i18n'
import { EraseButton } from './erase'
import { Holds } from './holds'
import { Reports } from './reports'
import { Retention } from './retention'

export default function KeepingPage() {
  const { t } = useI18n()
  return (
    <>
      <PageHead title={t('keeping.title')} note={t('keeping.sub')} right={<EraseButton />} />
      <Stack gap={14}>
        <Retention />
        <Holds />
        <Reports />
      </Stack>
    </>
  )
}
