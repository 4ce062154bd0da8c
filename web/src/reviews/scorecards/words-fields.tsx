/** One text in both languages, side by side. */
import { Textarea } from '@mantine/core'
import { useI18n } from '@/i18n'
import type { Words } from './card'
import classes from './editor.module.css'

interface WordsFieldsProps {
  label: string
  value: Words
  change: (words: Words) => void
  testId: string
  /** The label is for screen readers alone. */
  quiet?: boolean
  optional?: boolean
}

export function WordsFields({
  label,
  value,
  change,
  testId,
  quiet = false,
  optional = false,
}: WordsFieldsProps) {
  const { t } = useI18n()
  return (
    <div className={classes['words']}>
      {(['en', 'zh'] as const).map((language) => {
        const name = `${label} · ${t(`card.language.${language}`)}`
        return (
          <Textarea
            key={language}
            {...(quiet ? { 'aria-label': name, placeholder: name } : { label: name })}
            value={value[language]}
            onChange={(event) => change({ ...value, [language]: event.currentTarget.value })}
            error={!optional && !value[language].trim()}
            lang={language === 'zh' ? 'zh-CN' : 'en'}
            size="xs"
            autosize
            minRows={1}
            maxLength={2000}
            data-testid={`${testId}-${language}`}
          />
        )
      })}
    </div>
  )
}
