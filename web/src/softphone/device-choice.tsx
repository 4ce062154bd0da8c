/** Which microphone, loudspeaker and ringer; each can be tried before a customer hears it. */
import { Button, Modal, NativeSelect } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useI18n } from '@/i18n'
import { type Chosen, choose, chosen, type Device, devices } from './devices'
import { type Refusal, refusalOf } from './microphone'
import type { Softphone } from './phone'
import classes from './softphone.module.css'
import { meter, Ringer, testTone } from './sounds'
import { PROBLEMS } from './words'

const RING_MS = 2500

export function DeviceChoice({ phone, close }: { phone: Softphone; close: () => void }) {
  const { t } = useI18n()
  const [now, setNow] = useState<Chosen>(chosen)
  const [found, setFound] = useState<{ inputs: Device[]; outputs: Device[] }>({ inputs: [], outputs: [] })
  const [ring] = useState(() => new Ringer())
  const [allowed, setAllowed] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: names are told once the microphone is allowed
  useEffect(() => {
    const look = () => void devices().then(setFound)
    look()
    navigator.mediaDevices?.addEventListener('devicechange', look)
    return () => navigator.mediaDevices?.removeEventListener('devicechange', look)
  }, [allowed])
  useEffect(() => () => ring.stop(), [ring])

  const take = (part: Partial<Chosen>) => {
    choose(part)
    setNow(chosen())
    void phone.devicesChosen()
  }
  const ringOnce = () => {
    ring.start(now.ringer)
    setTimeout(() => ring.stop(), RING_MS)
  }
  const options = (list: Device[], mine: string) => [
    { value: '', label: t('phone.standard') },
    ...list.map((one, place) => ({
      value: one.id,
      label: one.label || t('phone.device.unnamed', { n: place + 1 }),
    })),
    ...(mine && !list.some((one) => one.id === mine) ? [{ value: mine, label: '–' }] : []),
  ]
  return (
    <Modal
      opened
      onClose={close}
      title={t('phone.devices')}
      closeButtonProps={{ 'aria-label': t('phone.dismiss') }}
      data-testid="devices"
    >
      <div className={classes['devices']}>
        <div>
          <NativeSelect
            label={t('phone.microphone')}
            data={options(found.inputs, now.microphone)}
            value={now.microphone}
            onChange={(event) => take({ microphone: event.currentTarget.value })}
            data-testid="device-microphone"
          />
          <Level device={now.microphone} heard={() => setAllowed((times) => times + 1)} />
        </div>
        <div className={classes['device']}>
          <NativeSelect
            label={t('phone.speaker')}
            data={options(found.outputs, now.speaker)}
            value={now.speaker}
            onChange={(event) => take({ speaker: event.currentTarget.value })}
            data-testid="device-speaker"
          />
          <Button
            size="sm"
            variant="light"
            onClick={() => void testTone(now.speaker)}
            data-testid="device-tone"
          >
            {t('phone.device.test')}
          </Button>
        </div>
        <div className={classes['device']}>
          <NativeSelect
            label={t('phone.ringer')}
            data={options(found.outputs, now.ringer)}
            value={now.ringer}
            onChange={(event) => take({ ringer: event.currentTarget.value })}
            data-testid="device-ringer"
          />
          <Button size="sm" variant="light" onClick={ringOnce} data-testid="device-ring">
            {t('phone.device.ring')}
          </Button>
        </div>
      </div>
    </Modal>
  )
}

/** How loud the microphone is, as long as the choice is open. */
function Level({ device, heard }: { device: string; heard: () => void }) {
  const { t } = useI18n()
  const [level, setLevel] = useState(0)
  const [refused, setRefused] = useState<Refusal | null>(null)

  // biome-ignore lint/correctness/useExhaustiveDependencies: `heard` is told once a device
  useEffect(() => {
    let gone = false
    let end = () => {}
    const audio: MediaTrackConstraints | boolean = device ? { deviceId: { exact: device } } : true
    navigator.mediaDevices
      ?.getUserMedia({ audio })
      .then((stream) => {
        const silence = () => {
          for (const track of stream.getTracks()) track.stop()
        }
        if (gone) return silence()
        setRefused(null)
        heard()
        const stop = meter(stream, setLevel)
        end = () => {
          stop()
          silence()
        }
      })
      .catch((error: unknown) => setRefused(refusalOf(error)))
    return () => {
      gone = true
      end()
    }
  }, [device])

  if (refused) return <p className={classes['refused']}>{t(PROBLEMS[refused])}</p>
  return (
    <>
      <meter
        className={classes['level']}
        min={0}
        max={1}
        value={level}
        aria-label={t('phone.level')}
        data-testid="device-level"
      />
      <p className="faint">{t('phone.level')}</p>
    </>
  )
}
