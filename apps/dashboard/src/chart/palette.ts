import { thawColor } from '@graft/domain/thaw';
import type { ChartLine, LineColor } from './lines';

const SERIES = [1, 2, 3, 4, 5] as const;

/** How strongly a line is painted: runs are thin behind their mean, and other groups fade where one is meant. */
export const lineStrength = (role: ChartLine['role'], faded: boolean): number =>
	(faded ? 0.15 : 1) * (role === 'thin' ? 0.38 : 1);
export const bandStrength = (faded: boolean): number => (faded ? 0.03 : 0.13);

/** The tokens as the canvas needs them: resolved for the theme that holds. */
export interface Palette {
	readonly ink: string;
	readonly muted: string;
	readonly line: string;
	readonly lineStrong: string;
	readonly surface: string;
	readonly bad: string;
	readonly paint: (color: LineColor, alpha: number) => string;
}

/** A hidden element lets CSS resolve light-dark() for us. */
export function readPalette(beside: HTMLElement): Palette {
	const probe = document.createElement('span');
	probe.style.display = 'none';
	beside.append(probe);
	const read = (name: string): string => {
		probe.style.color = `var(--${name})`;
		return toHex(getComputedStyle(probe).color);
	};
	const tokens = {
		ink: read('ink'),
		muted: read('muted'),
		line: read('line'),
		lineStrong: read('line-strong'),
		surface: read('surface'),
		bad: read('bad'),
	};
	const ice = read('ice');
	const ember = read('ember');
	const scratch = read('scratch');
	const series = SERIES.map((number) => read(`series-${number}`));
	probe.remove();
	return {
		...tokens,
		paint(color, alpha) {
			const hex =
				'series' in color
					? (series[(color.series - 1) % series.length] ?? tokens.ink)
					: color.share === null
						? scratch
						: thawColor(color.share, ice, ember);
			return `${hex}${Math.round(alpha * 255)
				.toString(16)
				.padStart(2, '0')}`;
		},
	};
}

/** `rgb(1, 2, 3)` as browsers answer. */
export function toHex(color: string): string {
	const parts = color.match(/[\d.]+/g)?.slice(0, 3) ?? [];
	return `#${parts.map((part) => Math.round(Number(part)).toString(16).padStart(2, '0')).join('')}`;
}

/** The same colour for the page's own elements. */
export function cssOf(color: LineColor, thaw: (share: number | null) => string): string {
	return 'series' in color ? `var(--series-${((color.series - 1) % SERIES.length) + 1})` : thaw(color.share);
}
