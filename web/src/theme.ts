/** One accent, quiet surfaces, numbers that line up. Tier colours stand in styles.css. */
import { ActionIcon, createTheme, type MantineColorsTuple } from '@mantine/core'

const accent: MantineColorsTuple = [
  '#ecf8f6',
  '#d6efeb',
  '#aadfd8',
  '#7bcec3',
  '#54bfb2',
  '#2fa99b',
  '#168f83',
  '#0f766e',
  '#0c625c',
  '#084e49',
]

const dark: MantineColorsTuple = [
  '#dfe4ea',
  '#b4bcc7',
  '#8d97a5',
  '#667180',
  '#3a4450',
  '#2b343e',
  '#1f262e',
  '#171c23',
  '#11151a',
  '#0c0f13',
]

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: 7,
  colors: { accent, dark },
  fontFamily:
    '"Inter Variable", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", system-ui, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '650' },
  fontSizes: { xs: '0.75rem', sm: '0.84rem', md: '0.92rem', lg: '1.05rem', xl: '1.25rem' },
  defaultRadius: 'md',
  radius: { md: '8px', lg: '12px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Tooltip: { defaultProps: { openDelay: 250, withArrow: true } },
    Select: { defaultProps: { size: 'xs', checkIconPosition: 'right', comboboxProps: { shadow: 'md' } } },
    // A list stays open when what loads above its field pushes the field out of sight.
    Combobox: { defaultProps: { hideDetached: false } },
    TextInput: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Button: { defaultProps: { size: 'xs' } },
    ActionIcon: ActionIcon.extend({
      defaultProps: { variant: 'subtle', color: 'gray' },
      vars: (_, props) => ({ root: props.variant === 'subtle' ? { '--ai-color': 'var(--ink-2)' } : {} }),
    }),
  },
})
