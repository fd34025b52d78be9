import { readFileSync } from 'node:fs';
import path from 'node:path';
import { thawColor } from '@graft/domain/thaw';
import { describe, expect, it } from 'vitest';

const css = readFileSync(path.join(import.meta.dirname, 'tokens.css'), 'utf8');

/** The two values of a token: `--name: light-dark(#light, #dark);`. */
function token(name: string): readonly [string, string] {
	const found = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\);`).exec(css);
	if (!found?.[1] || !found[2]) throw new Error(`tokens.css has no colour pair --${name}`);
	return [found[1], found[2]];
}

/** WCAG 2 relative luminance and contrast. */
function luminance(hex: string): number {
	const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
		const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
		return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
function contrast(a: string, b: string): number {
	const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
	return (light + 0.05) / (dark + 0.05);
}

const themes = ['light', 'dark'] as const;
const grounds = ['ground', 'surface', 'raised'] as const;
const words = ['ink', 'muted', 'ice', 'ember', 'good', 'caution', 'bad'] as const;

describe('contrast', () => {
	it('knows the extremes', () => {
		expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
		expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2);
	});

	for (const [theme, name] of themes.entries()) {
		for (const ground of grounds) {
			it.each(words)(`${name}: %s on ${ground} is at least 4.5`, (word) => {
				expect(contrast(token(word)[theme] as string, token(ground)[theme] as string)).toBeGreaterThanOrEqual(4.5);
			});
		}

		it(`${name}: every colour of the thaw scale is at least 4.5 on ground and surface`, () => {
			const ice = token('ice')[theme] as string;
			const ember = token('ember')[theme] as string;
			for (let share = 0; share <= 1; share += 0.02) {
				const color = thawColor(share, ice, ember);
				expect(contrast(color, token('ground')[theme] as string), `share ${share}`).toBeGreaterThanOrEqual(4.5);
				expect(contrast(color, token('surface')[theme] as string), `share ${share}`).toBeGreaterThanOrEqual(4.5);
			}
		});

		it(`${name}: lines of charts are at least 3 on surface`, () => {
			for (const series of ['scratch', 'series-1', 'series-2', 'series-3', 'series-4', 'series-5']) {
				expect(contrast(token(series)[theme] as string, token('surface')[theme] as string), series).toBeGreaterThan(3);
			}
		});
	}
});
