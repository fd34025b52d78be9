/** Leaves of a JSON value by their path; short lists of plain values stay together. */
export function flattenConfig(value: unknown, path = ''): [string, string][] {
	if (Array.isArray(value)) {
		if (value.every((item) => item === null || typeof item !== 'object'))
			return [[path, value.length === 0 ? '[]' : value.join(', ')]];
		return value.flatMap((item, index) => flattenConfig(item, `${path}[${index}]`));
	}
	if (value !== null && typeof value === 'object') {
		const entries = Object.entries(value);
		if (entries.length === 0 && path !== '') return [[path, '{}']];
		return entries.flatMap(([key, inner]) => flattenConfig(inner, path === '' ? key : `${path}.${key}`));
	}
	return path === '' ? [] : [[path, value === null || value === undefined ? '–' : String(value)]];
}
