import { useI18n } from '@/i18n'
import classes from './softphone.module.css'

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#']
const NAMES: Record<string, string> = { '*': 'star', '#': 'hash' }

export function Keypad({ press }: { press: (key: string) => void }) {
  const { t } = useI18n()
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would draw a frame
    <div className={classes['keypad']} role="group" aria-label={t('phone.keypad')} data-testid="phone-keys">
      {KEYS.map((key) => (
        <button
          type="button"
          key={key}
          onClick={() => press(key)}
          data-testid={`phone-key-${NAMES[key] ?? key}`}
        >
          {key}
        </button>
      ))}
    </div>
  )
}
