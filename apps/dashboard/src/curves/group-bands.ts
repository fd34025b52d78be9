import { decodeList } from '@graft/client/browser';
import type { ChartLine } from '../chart/lines';
import type { BandsQuery } from '../gql/graphql';
import { CONDITIONS, type GroupStyle, groupKey } from '../thaw/groups';

/** Fields that tell groups apart; seeds are what is averaged over. */
export const GROUP_BY = ['strategy', 'backbone', 'dataset', ...CONDITIONS.map((field) => `config.${field}`)];

type Band = BandsQuery['metricBands'][number];

/** Mean and 95 % band of each strategy group, in the look of its runs. Groups that no loaded run belongs to stay out. */
export function bandLines(bands: readonly Band[], styles: ReadonlyMap<string, GroupStyle>): ChartLine[] {
	return bands.flatMap((band): ChartLine[] => {
		const style = styles.get(bandKey(band));
		if (!style) return [];
		const [low, high] = drawable(decodeList(band.low), decodeList(band.high), decodeList(band.sd));
		return [
			{
				id: `band/${style.key}`,
				group: style.key,
				role: 'main',
				color: { share: style.share },
				dash: style.dash,
				x: decodeList(band.x),
				y: decodeList(band.mean),
				low,
				high,
			},
		];
	});
}

/**
 * The half-width of the 95 % t interval in standard deviations is 9.0 for two seeds, 2.5 for three and less for more.
 * Bands of two seeds would flood the picture and say nothing, so that they begin with the third.
 */
const TWO_SEEDS = 5;

export function drawable(
	low: Float64Array,
	high: Float64Array,
	sd: Float64Array,
): readonly [low: Float64Array, high: Float64Array] {
	const keep = sd.map((value, at) =>
		((high[at] as number) - (low[at] as number)) / 2 <= TWO_SEEDS * value ? 1 : Number.NaN,
	);
	return [low.map((value, at) => value * (keep[at] as number)), high.map((value, at) => value * (keep[at] as number))];
}

export function bandCounts(bands: readonly Band[]): ReadonlyMap<string, number> {
	return new Map(bands.map((band) => [bandKey(band), band.runs]));
}

function bandKey(band: Band): string {
	const group = (band.group ?? {}) as Readonly<Record<string, unknown>>;
	const named = (value: unknown) => (typeof value === 'string' ? { id: value } : null);
	return groupKey({
		strategy: group.strategy ?? null,
		backbone: named(group.backbone),
		dataset: named(group.dataset),
		config: Object.fromEntries(CONDITIONS.map((field) => [field, group[`config.${field}`]])),
	});
}
