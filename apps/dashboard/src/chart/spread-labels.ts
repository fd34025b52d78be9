/**
 * Places for labels that want to stand at `wanted`, at least `gap` apart and within [low, high] where they fit: each
 * moves as little as its neighbours allow. The answer is in the order of `wanted`.
 */
export function spreadLabels(wanted: readonly number[], gap: number, low: number, high: number): number[] {
	const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] as number) - (wanted[b] as number));
	// Neighbours that touch form a block, whose middle stays where its members wanted it on average.
	const blocks: { members: number[]; start: number }[] = [];
	for (const index of order) {
		blocks.push({ members: [index], start: clampStart(wanted[index] as number, 1) });
		for (let last = blocks.length - 1; last > 0; last -= 1) {
			const upper = blocks[last - 1] as { members: number[]; start: number };
			const lower = blocks[last] as { members: number[]; start: number };
			if (upper.start + upper.members.length * gap <= lower.start) break;
			const members = [...upper.members, ...lower.members];
			const ideal =
				members.reduce((sum, member, place) => sum + (wanted[member] as number) - place * gap, 0) / members.length;
			blocks.splice(last - 1, 2, { members, start: clampStart(ideal, members.length) });
		}
	}
	const placed: number[] = new Array(wanted.length).fill(0);
	for (const { members, start } of blocks) {
		members.forEach((member, place) => {
			placed[member] = start + place * gap;
		});
	}
	return placed;

	function clampStart(start: number, members: number): number {
		return Math.max(low, Math.min(start, high - (members - 1) * gap));
	}
}
