/** Asks again every 100 ms until the answer is no longer null; the message says what was awaited when time is up. */
export async function until<T>(what: string, ask: () => Promise<T | null>, timeoutMs = 60_000): Promise<T> {
	const deadline = Date.now() + timeoutMs;
	for (;;) {
		const answer = await ask();
		if (answer !== null) return answer;
		if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs / 1000} s: ${what}.`);
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}
