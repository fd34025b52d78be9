/** Postgres takes less than 8000 bytes a notification. Topics are plain ASCII. */
const MAX_BYTES = 7_900;

/** The topics in as few payloads as they fit into; each names the process that sent it. */
export function packTopics(origin: string, topics: readonly string[]): string[] {
	const payloads: string[] = [];
	let current = origin;
	for (const topic of topics) {
		if (current.length + 1 + topic.length > MAX_BYTES) {
			payloads.push(current);
			current = origin;
		}
		current += ` ${topic}`;
	}
	if (current !== origin) payloads.push(current);
	return payloads;
}

export function unpackTopics(payload: string): { origin: string; topics: readonly string[] } | null {
	const [origin, ...topics] = payload.split(' ');
	return origin ? { origin, topics } : null;
}
