/** Signing out ends the call that goes on, so it is asked first. */
import { Button, Group, Modal, Text } from '@mantine/core'
import { useI18n } from '@/i18n'
import type { Softphone } from './phone'
import type { PhoneCall } from './state'
import { who } from './words'

interface Props {
  phone: Softphone
  call: PhoneCall
  close: () => void
  signOut: () => Promise<unknown>
}

export function BeforeLeaving({ phone, call, close, signOut }: Props) {
  const { t } = useI18n()
  const leave = () => {
    phone.stop()
    close()
    void signOut()
  }
  return (
    <Modal
      opened
      onClose={close}
      title={t('signout')}
      centered
      closeButtonProps={{ 'aria-label': t('phone.signout.stay') }}
      data-testid="before-leaving"
    >
      <Text size="sm">{t('phone.signout.ask', { who: who(call) })}</Text>
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={close} data-testid="signout-stay">
          {t('phone.signout.stay')}
        </Button>
        <Button color="red" onClick={leave} data-testid="signout-leave">
          {t('phone.signout.leave')}
        </Button>
      </Group>
    </Modal>
  )
}
