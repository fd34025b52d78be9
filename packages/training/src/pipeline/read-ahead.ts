/**
 * The results of `read(0)` to `read(count - 1)`, in order; up to `ahead` further ones are under way while one is looked
 * at, so that who computes and who reads work side by side, and never more of them wait in memory. `onWait` is told how
 * long each was waited for.
 */
export async function* readAhead<T>(
	count: number,
	ahead: number,
	read: (index: number) => Promise<T>,
	onWait: (milliseconds: number) => void = () => undefined,
): AsyncGenerator<T, void, undefined> {
	const begun: Promise<T>[] = [];
	const begin = (index: number): void => {
		const one = read(index);
		// What fails is told in its turn; until then, and to who leaves early, it is nobody's error.
		one.catch(() => undefined);
		begun.push(one);
	};
	let next = 0;
	for (let index = 0; index < count; index++) {
		for (; next < count && next <= index + ahead; next++) begin(next);
		const asked = performance.now();
		const result = await (begun.shift() as Promise<T>);
		onWait(performance.now() - asked);
		yield result;
	}
}
