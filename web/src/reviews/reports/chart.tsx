/** The trend of scores: a line for each group, and its 95 % interval as a band when it is alone. */
import { useComputedColorScheme } from '@mantine/core'
import type { QualityReport } from '@/api/quality'
import { Plot } from '@/common/plot'
import { isTier } from '@/common/tier-badge'
import { day } from '@/format'
import { useI18n } from '@/i18n'
import { trend } from './trend'

const LIGHT = ['#0f766e', '#b7791f', '#4338ca', '#6b7684', '#c2553a']
const DARK = ['#2fa99b', '#f0bd3c', '#a5a6ff', '#9aa5b4', '#f08a6c']

export default function ReportChart({ told, group }: { told: QualityReport; group: string }) {
  const { t, word, words, language } = useI18n()
  const dark = useComputedColorScheme('light', { getInitialValueInEffect: false }) === 'dark'
  const palette = dark ? DARK : LIGHT
  const ink = dark ? '#a9b3c0' : '#55606f'
  const line = dark ? '#2a333d' : '#e4e7ec'
  const { times, series } = trend(
    told,
    group,
    (name, label) =>
      group === 'none'
        ? t('reports.score')
        : isTier(name)
          ? word('tier', name)
          : (label ?? name ?? t('reports.nobody')),
    (item) => (item.text ? words(item.text) : item.item),
  )
  const alone = series.length === 1
  const drawn = series.flatMap(({ name, figures }, place) => [
    {
      name,
      type: 'line',
      data: figures.map((figure) => figure?.value ?? null),
      symbolSize: 7,
      lineStyle: { width: 2 },
      itemStyle: { color: palette[place] },
    },
    ...(alone
      ? [
          { low: true, data: figures.map((figure) => figure?.low ?? null) },
          {
            low: false,
            data: figures.map((figure) =>
              figure?.high == null || figure.low === null ? null : figure.high - figure.low,
            ),
          },
        ].map((bound) => ({
          name: t(bound.low ? 'reports.band.low' : 'reports.band'),
          type: 'line',
          stack: 'band',
          data: bound.data,
          symbol: 'none',
          lineStyle: { opacity: 0 },
          areaStyle: bound.low ? { opacity: 0 } : { color: palette[place], opacity: 0.16 },
          tooltip: { show: false },
        }))
      : []),
  ])
  return (
    <Plot
      label={t('reports.trend')}
      testId="reports-canvas"
      option={{
        aria: { enabled: true },
        animationDuration: 250,
        textStyle: { color: ink },
        legend: {
          top: 0,
          left: 0,
          type: 'scroll',
          data: series.map((one) => one.name),
          textStyle: { color: ink, width: 260, overflow: 'truncate' },
          icon: 'roundRect',
        },
        grid: { left: 40, right: 20, top: 40, bottom: 26 },
        tooltip: {
          trigger: 'axis',
          valueFormatter: (value: unknown) => (typeof value === 'number' ? value.toFixed(1) : '–'),
          backgroundColor: dark ? '#1f262e' : '#fff',
          borderColor: line,
          textStyle: { color: dark ? '#e8ecf1' : '#17202b', fontSize: 12 },
          confine: true,
        },
        xAxis: {
          type: 'category',
          data: times.map((at) => day(at, language)),
          axisLine: { lineStyle: { color: line } },
          axisTick: { show: false },
          axisLabel: { color: ink, fontSize: 11, hideOverlap: true },
        },
        yAxis: {
          type: 'value',
          min: 0,
          max: 100,
          splitLine: { lineStyle: { color: line } },
          axisLabel: { color: ink, fontSize: 11 },
        },
        series: drawn,
      }}
    />
  )
}
