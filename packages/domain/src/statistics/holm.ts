/** Holm's step-down adjustment: p-values that hold together at one level, in the order given. */
export function holm(pValues: readonly number[]): number[] {
	const ascending = pValues.map((p, index) => ({ p, index })).sort((x, y) => x.p - y.p);
	const adjusted = new Array<number>(pValues.length);
	let largest = 0;
	ascending.forEach(({ p, index }, rank) => {
		largest = Math.max(largest, Math.min(1, p * (pValues.length - rank)));
		adjusted[index] = largest;
	});
	return adjusted;
}
