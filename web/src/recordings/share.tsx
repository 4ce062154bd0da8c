/** A link for a colleague: for a while, and only for whoever may hear the recording anyway. */
import { Button, Checkbox, Modal, SegmentedControl, TextInput } from '@mantine/core'
import { useState } from 'react'
import { api } from '@/api/client'
import type { SharedLink } from '@/api/types'
import { IconShare } from '@/common/icons'
import { useNotice } from '@/common/notice'
import { clock, dayAndTime } from '@/format'
import { useI18n } from '@/i18n'
import classes from './recording.module.css'

const LASTS = { hour: 3600, day: 86_400, week: 7 * 86_400 } as const
type Lasting = keyof typeof LASTS
const LASTINGS = Object.keys(LASTS) as Lasting[]

export function ShareButton({ recording, now }: { recording: string; now(): number }) {
  const { t, language } = useI18n()
  const { attempt, say } = useNotice()
  const [moment, setMoment] = useState<number | null>(null)
  const [from, setFrom] = useState(false)
  const [lasts, setLasts] = useState<Lasting>('day')
  const [link, setLink] = useState<SharedLink | null>(null)
  const open = moment !== null
  const make = () =>
    attempt(async () => setLink(await api.shareRecording(recording, LASTS[lasts], from ? moment : null)))
  const address = link ? window.location.origin + link.path : ''
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconShare size={15} />}
        onClick={() => {
          setLink(null)
          setFrom(false)
          setMoment(Math.round(now() * 10) / 10)
        }}
        data-testid="share"
      >
        {t('recording.share')}
      </Button>
      <Modal
        opened={open}
        onClose={() => setMoment(null)}
        title={t('recording.share')}
        centered
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <div className={classes['share']}>
          <span className="quiet">{t('recording.share.note')}</span>
          <SegmentedControl
            aria-label={t('recording.share.lasts')}
            data={LASTINGS.map((value) => ({ value, label: t(`recording.share.${value}`) }))}
            value={lasts}
            onChange={(value) => {
              setLasts(LASTINGS.find((one) => one === value) ?? 'day')
              setLink(null)
            }}
          />
          {moment !== null && moment > 0 ? (
            <Checkbox
              label={t('recording.share.from', { at: clock(moment) })}
              checked={from}
              onChange={(event) => {
                setFrom(event.currentTarget.checked)
                setLink(null)
              }}
            />
          ) : null}
          {link ? (
            <>
              <TextInput
                aria-label={t('recording.share.link')}
                value={address}
                readOnly
                onFocus={(event) => event.currentTarget.select()}
                data-testid="share-link"
              />
              <span className="faint">
                {t('recording.share.until', { at: dayAndTime(link.expires_at, language) })}
              </span>
              <Button
                onClick={() =>
                  void attempt(async () => {
                    await navigator.clipboard.writeText(address)
                    say(t('recording.share.copied'))
                  })
                }
              >
                {t('recording.share.copy')}
              </Button>
            </>
          ) : (
            <Button onClick={() => void make()} data-testid="share-make">
              {t('recording.share.make')}
            </Button>
          )}
        </div>
      </Modal>
    </>
  )
}
