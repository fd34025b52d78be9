import DataLoader from 'dataloader';

/** Loads by id; an id that does not exist gives null. */
export function byIdLoader<T extends { readonly id: string }>(
	load: (ids: readonly string[]) => Promise<readonly T[]>,
): DataLoader<string, T | null> {
	return new DataLoader(async (ids) => {
		const found = new Map((await load(ids)).map((item) => [item.id, item]));
		return ids.map((id) => found.get(id) ?? null);
	});
}

/** Loads lists that belong to an owner, such as the attempts of a run. */
export function listLoader<T>(
	load: (ownerIds: readonly string[]) => Promise<readonly T[]>,
	ownerOf: (item: T) => string,
): DataLoader<string, readonly T[]> {
	return new DataLoader(async (ownerIds) => {
		const lists = new Map<string, T[]>(ownerIds.map((id) => [id, []]));
		for (const item of await load(ownerIds)) lists.get(ownerOf(item))?.push(item);
		return ownerIds.map((id) => lists.get(id) ?? []);
	});
}

/** For what the engine gives one at a time: an id that is asked for twice is fetched once. */
export function oneByOneLoader<T>(load: (id: string) => Promise<T | null>): DataLoader<string, T | null> {
	return new DataLoader((ids) => Promise.all(ids.map(load)));
}
