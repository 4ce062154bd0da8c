/** One schedule: added or changed. */
import { Button, Modal, SegmentedControl, Select, Switch, TagsInput, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { qualityApi, type Schedule, type ScheduleForm } from '@/api/quality'
import { useNotice } from '@/common/notice'
import { useI18n } from '@/i18n'
import { FilterFields } from './filter-fields'
import classes from './page.module.css'

const EVERY = ['day', 'week', 'month'] as const
const FORMATS = ['pdf', 'xlsx', 'csv'] as const
const GROUPS = ['none', 'team', 'agent', 'queue', 'tier', 'question'] as const

interface ScheduleDialogProps {
  shown: Schedule | 'new' | null
  close: () => void
}

export function ScheduleDialog({ shown, close }: ScheduleDialogProps) {
  const { t } = useI18n()
  const schedule = shown === 'new' ? null : shown
  return (
    <Modal
      opened={shown !== null}
      onClose={close}
      title={t(schedule ? 'reports.schedule.change' : 'reports.schedule.add')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {shown ? <Fields key={schedule?.id ?? 'new'} schedule={schedule} close={close} /> : null}
    </Modal>
  )
}

function clockOf(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

function minuteOf(clock: string): number {
  const [hours, minutes] = clock.split(':').map(Number)
  return (hours ?? 0) * 60 + (minutes ?? 0)
}

function Fields({ schedule, close }: { schedule: Schedule | null; close: () => void }) {
  const { t, language } = useI18n()
  const { attempt, say } = useNotice()
  const client = useQueryClient()
  const [form, setForm] = useState<ScheduleForm>({
    name: schedule?.name ?? '',
    every: schedule?.every ?? 'week',
    at_minute: schedule?.at_minute ?? 450,
    recipients: schedule?.recipients ?? [],
    format: schedule?.format ?? 'pdf',
    language: schedule?.language === 'en' ? 'en' : schedule ? 'zh' : language,
    group_by: schedule?.group_by ?? 'team',
    filter: schedule?.filter ?? { basis: 'random' },
    active: schedule?.active ?? true,
  })
  const [busy, setBusy] = useState(false)
  const set = (part: Partial<ScheduleForm>) => setForm((old) => ({ ...old, ...part }))
  const save = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    const saved = await attempt(() =>
      schedule ? qualityApi.changeSchedule(schedule.id, form) : qualityApi.addSchedule(form),
    )
    setBusy(false)
    if (!saved) return
    say(t('reports.schedule.saved', { name: form.name }))
    await client.invalidateQueries({ queryKey: ['report-schedules'] })
    close()
  }
  return (
    <form className={classes['form']} onSubmit={save} data-testid="schedule-form">
      <TextInput
        label={t('reports.schedule.name')}
        value={form.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        maxLength={120}
        required
        withAsterisk={false}
        data-autofocus
        data-testid="schedule-name"
      />
      <div className={classes['two']}>
        <Select
          label={t('reports.schedule.every')}
          data={EVERY.map((value) => ({ value, label: t(`reports.every.${value}`) }))}
          value={form.every}
          allowDeselect={false}
          onChange={(value) => set({ every: EVERY.find((one) => one === value) ?? 'week' })}
          data-testid="schedule-every"
        />
        <TextInput
          type="time"
          label={t('reports.schedule.at')}
          value={clockOf(form.at_minute)}
          onChange={(event) => set({ at_minute: minuteOf(event.currentTarget.value) })}
          required
          withAsterisk={false}
          data-testid="schedule-at"
        />
      </div>
      <p className="faint">{t(`reports.every.${form.every}.hint`)}</p>
      <TagsInput
        label={t('reports.schedule.recipients')}
        description={t('reports.schedule.recipients.hint')}
        size="xs"
        value={form.recipients}
        onChange={(recipients) => set({ recipients: recipients.map((one) => one.trim()) })}
        splitChars={[',', ';', ' ']}
        acceptValueOnBlur
        maxTags={20}
        data-testid="schedule-recipients"
      />
      <Select
        label={t('reports.group')}
        data={GROUPS.map((value) => ({ value, label: t(`reports.group.${value}`) }))}
        value={form.group_by ?? 'none'}
        allowDeselect={false}
        onChange={(value) => set({ group_by: GROUPS.find((one) => one === value) ?? 'none' })}
      />
      <FilterFields filter={form.filter ?? { basis: 'random' }} set={(filter) => set({ filter })} />
      <div className={classes['row']}>
        <SegmentedControl
          aria-label={t('reports.schedule.format')}
          data={FORMATS.map((value) => ({ value, label: value.toUpperCase() }))}
          value={form.format}
          onChange={(value) => set({ format: FORMATS.find((one) => one === value) ?? 'pdf' })}
        />
        <SegmentedControl
          aria-label={t('reports.schedule.language')}
          data={[
            { value: 'zh', label: '中文' },
            { value: 'en', label: 'English' },
          ]}
          value={form.language}
          onChange={(value) => set({ language: value === 'en' ? 'en' : 'zh' })}
        />
        <Switch
          label={t('reports.schedule.active')}
          checked={form.active ?? true}
          onChange={(event) => set({ active: event.currentTarget.checked })}
          data-testid="schedule-active"
        />
      </div>
      <div className={classes['end']}>
        <Button variant="default" onClick={close}>
          {t('action.cancel')}
        </Button>
        <Button type="submit" disabled={busy || form.recipients.length === 0} data-testid="schedule-save">
          {t('action.save')}
        </Button>
      </div>
    </form>
  )
}
