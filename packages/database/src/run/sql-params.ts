/** Collects the values of a statement that is put together; each becomes a numbered parameter, never text. */
export class SqlParams {
	readonly values: unknown[] = [];

	add(value: unknown, type: string): string {
		this.values.push(value);
		return `$${this.values.length}::${type}`;
	}
}
