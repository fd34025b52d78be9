const UNITS: readonly (readonly [from: number, unit: number, letter: string])[] = [
	[1e12, 1e12, 'T'],
	[1e9, 1e9, 'G'],
	[1e6, 1e6, 'M'],
	[1e4, 1e3, 'k'],
];
const LEAST_DIGITS = 6;
const MOST_DIGITS = 15;
/** Of the distance between two numbers: what rounding may move one of them. */
const ROUNDED_BY = 0.01;

/** Numbers at an axis in ascending order, as short as they can be while each stands where it says: 0.25, 1200, 12k, 1.5M. */
export function axisNumbers(values: readonly number[]): string[] {
	const gaps = values.slice(1).map((value, at) => value - (values[at] as number));
	const mayMove = ROUNDED_BY * Math.min(...gaps);
	for (let digits = LEAST_DIGITS; ; digits += 1) {
		const numbers = values.map((value) => axisNumber(value, digits));
		const isTrue = numbers.every(({ says }, at) => !(Math.abs(says - (values[at] as number)) > mayMove));
		if (isTrue || digits >= MOST_DIGITS) return numbers.map(({ text }) => text);
	}
}

function axisNumber(value: number, digits: number): { readonly text: string; readonly says: number } {
	const size = Math.abs(value);
	for (const [from, unit, letter] of UNITS) {
		const rounded = Number((value / unit).toPrecision(digits));
		if (size >= from) return { text: `${rounded}${letter}`, says: rounded * unit };
	}
	const isSmall = size > 0 && size < 1e-3;
	const says = Number(value.toPrecision(isSmall ? digits - 3 : digits));
	return { text: isSmall ? says.toExponential() : String(says), says };
}
