/** Rows by what `of` says of each, in the order in which they came. */
export function groupBy<Row>(rows: readonly Row[], of: (row: Row) => string): Map<string, Row[]> {
	const groups = new Map<string, Row[]>();
	for (const row of rows) {
		const group = groups.get(of(row));
		if (group === undefined) groups.set(of(row), [row]);
		else group.push(row);
	}
	return groups;
}
