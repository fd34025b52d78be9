/**
 * The thaw scale: a strategy's colour is its share of learning parameters, from ice (all frozen) to ember (all
 * learning). It runs through OKLCH by the shorter hue arc, because the straight line between two nearly complementary
 * colours passes through grey, and grey means "from scratch".
 */
export function thawColor(share: number, ice: string, ember: string): string {
	const t = Math.min(1, Math.max(0, share));
	const from = toOklch(ice);
	const to = toOklch(ember);
	const turn = ((((to.hue - from.hue) % 360) + 540) % 360) - 180;
	return toHex({
		lightness: from.lightness + (to.lightness - from.lightness) * t,
		chroma: from.chroma + (to.chroma - from.chroma) * t,
		hue: from.hue + turn * t,
	});
}

/**
 * Share of the parameters that learn; null where nothing was carried over from a pretrained backbone, which the scale
 * shows as neutral grey.
 */
export function thawShare(plan: {
	readonly trainableParameters: number;
	readonly frozenParameters: number;
	readonly startsFromPretrained: boolean;
}): number | null {
	if (!plan.startsFromPretrained) return null;
	const all = plan.trainableParameters + plan.frozenParameters;
	return all > 0 ? plan.trainableParameters / all : 0;
}

interface Oklch {
	readonly lightness: number;
	readonly chroma: number;
	/** Degrees. */
	readonly hue: number;
}

/** Matrices of B. Ottosson's OKLab for linear sRGB. */
function toOklch(hex: string): Oklch {
	const [red, green, blue] = channels(hex).map((value) =>
		value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
	) as [number, number, number];
	const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
	const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
	const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
	const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
	const b = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
	return {
		lightness: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
		chroma: Math.hypot(a, b),
		hue: (Math.atan2(b, a) * 180) / Math.PI,
	};
}

function toHex({ lightness, chroma, hue }: Oklch): string {
	const a = chroma * Math.cos((hue * Math.PI) / 180);
	const b = chroma * Math.sin((hue * Math.PI) / 180);
	const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
	const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
	const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
	const linear = [
		4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
		-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
		-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
	];
	return `#${linear
		.map((value) => {
			const clipped = Math.min(1, Math.max(0, value));
			const encoded = clipped <= 0.0031308 ? clipped * 12.92 : 1.055 * clipped ** (1 / 2.4) - 0.055;
			return Math.round(encoded * 255)
				.toString(16)
				.padStart(2, '0');
		})
		.join('')}`;
}

function channels(hex: string): number[] {
	if (!/^#[0-9a-f]{6}$/i.test(hex)) throw new RangeError(`Not a colour of the form #rrggbb: ${hex}`);
	return [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16) / 255);
}
