/* What a picture of a chart says around it: of what, when, how much in all, and from which sources. */
import { useQuery } from '@tanstack/react-query';
import { dimensionsQuery } from '~/api/queries';
import type { Caption } from '~/charts/picture';
import { rangeWords } from '~/lib/dates';
import type { Decimal } from '~/lib/decimal';
import { count, moneyText } from '~/lib/money';
import { dimensionName, filterValues, METRIC_NAMES, opName } from '~/lib/words';
import { lateWords, sourceStates } from '~/shell/freshness';
import { useSourceName, useSummary } from '~/shell/use-scope';
import type { SeriesAnswer } from '../../use-series';
import type { Question } from '../use-explore';

export function usePictureWords({ q, answer, ghost, total, currency, today, title }: {
  q: Question;
  answer: SeriesAnswer;
  ghost: boolean;
  total: Decimal;
  currency: string;
  today: string;
  title: string | undefined;
}): () => Caption {
  const { data: summary } = useSummary();
  const { data: dimensions } = useQuery(dimensionsQuery());
  const nameOf = useSourceName();
  return () => {
    const { scope, grain, by } = q;
    const asked = `${METRIC_NAMES[scope.metric]} by ${grain} and ${by[0]!.name.toLowerCase()}`;
    const filters = scope.filters.map((f) => `${dimensionName(f.field, dimensions)} ${opName(f.op)} ${filterValues(f)}`).join('; ');
    const sources = sourceStates(summary?.freshness ?? []).map((s) => `${nameOf(s.source)} to ${s.text}${s.lateDays ? `, ${lateWords(s.lateDays)}` : ''}`);
    return {
      title: title ?? asked,
      lines: [
        ...(title ? [asked] : []),
        `${rangeWords(scope.time, today)}. Total ${moneyText(total, currency, { symbol: true })}.`,
        ...(filters ? [`Only: ${filters}`] : []),
        ...(answer.partial.size ? ['Hatched: not complete yet.'] : []),
      ],
      legend: [
        ...answer.series.map((s) => ({ label: s.label, colour: s.fill })),
        ...(ghost && scope.compare ? [{ label: rangeWords(scope.compare, today), colour: 'var(--series)', dotted: true }] : []),
      ],
      source: `Source: ${sources.join('; ')}. ${summary ? `Ledger version ${count(summary.ledger_version)}. ` : ''}Made by Farthing on ${new Date().toISOString().slice(0, 10)}.`,
      file: `farthing-${(title ?? by[0]!.id).toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 60)}-${scope.time.start}`,
    };
  };
}
